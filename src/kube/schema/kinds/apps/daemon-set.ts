import { ageCell, containerCells, formatLabels, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { formatLabelSelector, type LabelSelectorObject } from '../../selector/label-selector.ts'
import { sameJson } from '../../validation/same-json.ts'
import { defaultPodTemplate } from '../core/pod-spec-defaults.ts'
import { changeWarnings, podWarnings } from '../core/pod-warnings.ts'
import { validateDaemonSet, validateDaemonSetStatus, validateDaemonSetUpdate } from './apps-validation.ts'
import { selectorColumn, templateColumns } from './workload-columns.ts'

/** Counts the templates of a DaemonSet, as extensions/v1beta1 once did in its spec. */
const templateGeneration = 'deprecated.daemonset.template.generation'

export const daemonSet = defineKind<k8s.DaemonSet>({
  warningsOnCreate: (object) => podWarnings(object.spec?.template ?? {}, 'spec.template'),
  warningsOnUpdate: changeWarnings((object) => object.spec?.template, 'spec.template'),
  defaults({ spec }) {
    if (!spec) return
    defaultPodTemplate(spec)
    spec.updateStrategy ??= {}
    spec.updateStrategy.type ||= 'RollingUpdate'
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {}
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0
    }
    spec.revisionHistoryLimit ??= 10
  },
  generation: ['spec'],
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  prepareForCreate(set) {
    setTemplateGeneration(set, Number(set.metadata?.annotations?.[templateGeneration] ?? 0) || 1)
  },
  prepareForUpdate(set, old) {
    const before = Number(old.metadata?.annotations?.[templateGeneration] ?? 1)
    setTemplateGeneration(set, sameJson(set.spec?.template, old.spec?.template) ? before : before + 1)
  },
  printer: {
    columns: [
      nameColumn,
      column('Desired', 'Nodes that should have a pod.', 0, 'integer'),
      column('Current', 'Nodes that have one.', 0, 'integer'),
      column('Ready', 'Pods that are ready.', 0, 'integer'),
      column('Up-to-date', 'Pods made from the newest template.', 0, 'integer'),
      column('Available', 'Pods that have been ready for long enough.', 0, 'integer'),
      column('Node Selector', 'Labels that the nodes must have.'),
      ageColumn,
      ...templateColumns,
      selectorColumn,
    ],
    cells: (set, nowMs) => [
      nameOf(set),
      set.status?.desiredNumberScheduled ?? 0,
      set.status?.currentNumberScheduled ?? 0,
      set.status?.numberReady ?? 0,
      set.status?.updatedNumberScheduled ?? 0,
      set.status?.numberAvailable ?? 0,
      formatLabels(set.spec?.template?.spec?.nodeSelector),
      ageCell(set, nowMs),
      ...containerCells(set.spec?.template?.spec?.containers),
      formatLabelSelector(set.spec?.selector as LabelSelectorObject | undefined),
    ],
  },
  subresources: { status: { validateUpdate: validateDaemonSetStatus } },
})

function setTemplateGeneration(
  set: { metadata?: { annotations?: Record<string, string | undefined> | undefined } | undefined },
  generation: number,
): void {
  if (!set.metadata) return
  set.metadata.annotations = { ...set.metadata.annotations, [templateGeneration]: String(generation) }
}
