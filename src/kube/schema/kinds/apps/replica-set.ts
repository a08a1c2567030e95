import { ageCell, containerCells, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { formatLabelSelector, type LabelSelectorObject } from '../../selector/label-selector.ts'
import { defaultPodTemplate } from '../core/pod-spec-defaults.ts'
import { changeWarnings, templateWarnings } from '../core/pod-warnings.ts'
import { validateReplicaSet, validateReplicaSetStatus, validateReplicaSetUpdate } from './apps-validation.ts'
import { selectorColumn, templateColumns, workloadScale } from './workload-columns.ts'

export const replicaSet = defineKind<k8s.ReplicaSet>({
  warningsOnCreate: (object) => templateWarnings(object.metadata, object.spec?.template, 'spec.template'),
  warningsOnUpdate: changeWarnings((object) => object.spec?.template, 'spec.template'),
  defaults({ spec }) {
    if (!spec) return
    spec.replicas ??= 1
    defaultPodTemplate(spec)
  },
  generation: ['spec'],
  validate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
  printer: {
    columns: [
      nameColumn,
      column('Desired', 'Pods that there should be.', 0, 'integer'),
      column('Current', 'Pods that there are.', 0, 'integer'),
      column('Ready', 'Pods that are ready.', 0, 'integer'),
      ageColumn,
      ...templateColumns,
      selectorColumn,
    ],
    cells: (set, nowMs) => [
      nameOf(set),
      set.spec?.replicas ?? 0,
      set.status?.replicas ?? 0,
      set.status?.readyReplicas ?? 0,
      ageCell(set, nowMs),
      ...containerCells(set.spec?.template?.spec?.containers),
      formatLabelSelector(set.spec?.selector as LabelSelectorObject | undefined),
    ],
  },
  scale: workloadScale(),
  subresources: { status: { validateUpdate: validateReplicaSetStatus } },
})
