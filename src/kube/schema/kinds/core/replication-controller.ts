import { ageCell, containerCells, formatLabels, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateReplicaSetStatus } from '../apps/apps-validation.ts'
import { defaultPodTemplate } from './pod-spec-defaults.ts'
import { changeWarnings, templateWarnings } from './pod-warnings.ts'
import { validateReplicationController } from './replication-controller-validation.ts'

export const replicationController = defineKind<k8s.ReplicationController>({
  warningsOnCreate: (object) => templateWarnings(object.metadata, object.spec?.template, 'spec.template'),
  warningsOnUpdate: changeWarnings((object) => object.spec?.template, 'spec.template'),
  validate: validateReplicationController,
  subresources: { status: { validateUpdate: validateReplicaSetStatus } },
  defaults(controller) {
    const { spec } = controller
    if (!spec) return
    const labels = spec.template?.metadata?.labels
    if (labels) {
      if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels }
      if (controller.metadata && Object.keys(controller.metadata.labels ?? {}).length === 0) {
        controller.metadata.labels = { ...labels }
      }
    }
    spec.replicas ??= 1
    if (spec.template) defaultPodTemplate(spec)
  },
  generation: ['spec'],
  printer: {
    columns: [
      nameColumn,
      column('Desired', 'Pods that there should be.', 0, 'integer'),
      column('Current', 'Pods that there are.', 0, 'integer'),
      column('Ready', 'Pods that are ready.', 0, 'integer'),
      ageColumn,
      column('Containers', 'Names of the containers.', 1),
      column('Images', 'Images of the containers.', 1),
      column('Selector', 'Labels of the pods.', 1),
    ],
    cells: (controller, nowMs) => [
      nameOf(controller),
      controller.spec?.replicas ?? 0,
      controller.status?.replicas ?? 0,
      controller.status?.readyReplicas ?? 0,
      ageCell(controller, nowMs),
      ...containerCells(controller.spec?.template?.spec?.containers),
      formatLabels(controller.spec?.selector),
    ],
  },
  fields: {
    supported: ['status.replicas'],
    of: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
  },
  scale: {
    specReplicas: ({ spec }) => spec?.replicas ?? 0,
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => {
      const text = formatLabels(spec?.selector)
      return text === '<none>' ? '' : text
    },
    setReplicas(controller, replicas) {
      controller.spec ??= {}
      controller.spec.replicas = replicas
    },
  },
})
