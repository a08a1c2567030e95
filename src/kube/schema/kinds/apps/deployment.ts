import { ageCell, containerCells, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { defaultPodTemplate } from '../core/pod-spec-defaults.ts'
import { changeWarnings, templateWarnings } from '../core/pod-warnings.ts'
import { validateDeployment, validateDeploymentStatus, validateDeploymentUpdate } from './apps-validation.ts'
import { selectorColumn, selectorText, templateColumns, workloadScale } from './workload-columns.ts'

export const deployment = defineKind<k8s.Deployment>({
  warningsOnCreate: (object) => templateWarnings(object.metadata, object.spec?.template, 'spec.template'),
  warningsOnUpdate: changeWarnings((object) => object.spec?.template, 'spec.template'),
  defaults({ spec }) {
    if (!spec) return
    defaultPodTemplate(spec)
    spec.replicas ??= 1
    spec.strategy ??= {}
    spec.strategy.type ||= 'RollingUpdate'
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {}
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%'
      spec.strategy.rollingUpdate.maxSurge ??= '25%'
    }
    spec.revisionHistoryLimit ??= 10
    spec.progressDeadlineSeconds ??= 600
  },
  // the deployment loop reads annotations too, so a change of theirs counts
  generation: ['spec', 'metadata.annotations'],
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  printer: {
    columns: [
      nameColumn,
      column('Ready', 'Pods that are ready, of those that there should be.'),
      column('Up-to-date', 'Pods made from the newest template.'),
      column('Available', 'Pods that have been ready for long enough.'),
      ageColumn,
      ...templateColumns,
      selectorColumn,
    ],
    cells: (deployment, nowMs) => [
      nameOf(deployment),
      `${deployment.status?.readyReplicas ?? 0}/${deployment.spec?.replicas ?? 0}`,
      deployment.status?.updatedReplicas ?? 0,
      deployment.status?.availableReplicas ?? 0,
      ageCell(deployment, nowMs),
      ...containerCells(deployment.spec?.template?.spec?.containers),
      selectorText(deployment.spec?.selector),
    ],
  },
  scale: workloadScale(),
  subresources: {
    status: {
      validateUpdate: validateDeploymentStatus,
      prepareForUpdate(deployment, old) {
        deployment.spec = old.spec
        if (!deployment.metadata) return
        deployment.metadata.labels = old.metadata?.labels
        deployment.metadata.generation = old.metadata?.generation
      },
    },
  },
})
