import { ageCell, containerCells, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { dns1123Label } from '../../validation/names.ts'
import { defaultClaimSpec, defaultPodTemplate } from '../core/pod-spec-defaults.ts'
import { changeWarnings, podWarnings } from '../core/pod-warnings.ts'
import { validateStatefulSet, validateStatefulSetStatus, validateStatefulSetUpdate } from './apps-validation.ts'
import { templateColumns, workloadScale } from './workload-columns.ts'

export const statefulSet = defineKind<k8s.StatefulSet>({
  warningsOnCreate: (object) => podWarnings(object.spec?.template ?? {}, 'spec.template'),
  warningsOnUpdate: changeWarnings((object) => object.spec?.template, 'spec.template'),
  name: dns1123Label,
  defaults({ spec }) {
    if (!spec) return
    defaultPodTemplate(spec)
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion ??= 'v1'
      claim.kind ??= 'PersistentVolumeClaim'
      claim.status ??= {}
      claim.status.phase ||= 'Pending'
      if (claim.spec) defaultClaimSpec(claim.spec)
    }
    spec.podManagementPolicy ||= 'OrderedReady'
    spec.updateStrategy ??= {}
    if (!spec.updateStrategy.type) {
      spec.updateStrategy.type = 'RollingUpdate'
      spec.updateStrategy.rollingUpdate ??= {}
    }
    if (spec.updateStrategy.type === 'RollingUpdate' && spec.updateStrategy.rollingUpdate) {
      spec.updateStrategy.rollingUpdate.partition ??= 0
    }
    spec.persistentVolumeClaimRetentionPolicy ??= {}
    spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain'
    spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain'
    spec.replicas ??= 1
    spec.revisionHistoryLimit ??= 10
  },
  generation: ['spec'],
  prepareForCreate: dropMaxUnavailable,
  prepareForUpdate(set, old) {
    if (old.spec?.updateStrategy?.rollingUpdate?.maxUnavailable === undefined) dropMaxUnavailable(set)
  },
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  printer: {
    columns: [
      nameColumn,
      column('Ready', 'Pods that are ready, of those that there should be.'),
      ageColumn,
      ...templateColumns,
    ],
    cells: (set, nowMs) => [
      nameOf(set),
      `${set.status?.readyReplicas ?? 0}/${set.spec?.replicas ?? 0}`,
      ageCell(set, nowMs),
      ...containerCells(set.spec?.template?.spec?.containers),
    ],
  },
  scale: workloadScale(),
  subresources: { status: { validateUpdate: validateStatefulSetStatus } },
})

/** Behind a gate that is off unless asked for. */
function dropMaxUnavailable({ spec }: Unchecked<k8s.StatefulSet>): void {
  delete spec?.updateStrategy?.rollingUpdate?.maxUnavailable
}
