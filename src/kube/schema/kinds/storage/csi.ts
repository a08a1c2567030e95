import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import {
  validateCapacity,
  validateCapacityUpdate,
  validateDriver,
  validateDriverNode,
  validateDriverNodeUpdate,
  validateDriverUpdate,
} from './storage-validation.ts'

export const csiDriver = defineKind<k8s.CSIDriver>({
  validate: validateDriver,
  validateUpdate: validateDriverUpdate,
  allowUnconditionalUpdate: false,
  defaults({ spec }) {
    if (!spec) return
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if ((spec.volumeLifecycleModes?.length ?? 0) === 0) spec.volumeLifecycleModes = ['Persistent']
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
  },
  printer: {
    columns: [
      nameColumn,
      column('AttachRequired', 'Whether volumes are attached to nodes.', 0, 'boolean'),
      column('PodInfoOnMount', 'Whether the driver is told of the pod.', 0, 'boolean'),
      column('StorageCapacity', 'Whether it says how much room there is.', 0, 'boolean'),
      column('TokenRequests', 'Audiences of the tokens that it wants.'),
      column('RequiresRepublish', 'Whether it is called again and again.', 0, 'boolean'),
      column('Modes', 'Persistent, ephemeral.'),
      ageColumn,
    ],
    cells: (driver, nowMs) => [
      nameOf(driver),
      driver.spec?.attachRequired ?? true,
      driver.spec?.podInfoOnMount ?? false,
      driver.spec?.storageCapacity ?? false,
      driver.spec?.tokenRequests?.map((request) => request.audience ?? '').join(',') ?? '<unset>',
      driver.spec?.requiresRepublish ?? false,
      (driver.spec?.volumeLifecycleModes ?? []).join(',') || '<none>',
      ageCell(driver, nowMs),
    ],
  },
})

export const csiNode = defineKind<k8s.CSINode>({
  validate: validateDriverNode,
  validateUpdate: validateDriverNodeUpdate,
  allowUnconditionalUpdate: false,
  printer: {
    columns: [nameColumn, column('Drivers', 'How many drivers the node has.', 0, 'integer'), ageColumn],
    cells: (node, nowMs) => [nameOf(node), node.spec?.drivers?.length ?? 0, ageCell(node, nowMs)],
  },
})

export const csiStorageCapacity = defineKind<k8s.CSIStorageCapacity>({
  validate: validateCapacity,
  validateUpdate: validateCapacityUpdate,
  allowUnconditionalUpdate: false,
  printer: {
    columns: [
      nameColumn,
      column('StorageClassName', 'Class of the storage.'),
      column('Capacity', 'Room that is left.'),
    ],
    cells: (capacity) => [nameOf(capacity), capacity.storageClassName ?? '', String(capacity.capacity ?? '<unset>')],
  },
})
