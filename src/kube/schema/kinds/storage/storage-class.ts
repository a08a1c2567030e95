import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateStorageClass, validateStorageClassUpdate } from './storage-validation.ts'

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

export const storageClass = defineKind<k8s.StorageClass>({
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
  defaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete'
    storageClass.volumeBindingMode ??= 'Immediate'
  },
  printer: {
    columns: [
      nameColumn,
      column('Provisioner', 'Who makes the volumes.'),
      column('ReclaimPolicy', 'What becomes of a volume once its claim is gone.'),
      column('VolumeBindingMode', 'When a volume is found.'),
      column('AllowVolumeExpansion', 'Whether volumes may grow.'),
      ageColumn,
    ],
    cells(storageClass, nowMs) {
      const annotations = storageClass.metadata?.annotations
      const isDefault = defaultAnnotations.some((key) => annotations?.[key] === 'true')
      return [
        `${nameOf(storageClass)}${isDefault ? ' (default)' : ''}`,
        storageClass.provisioner ?? '',
        storageClass.reclaimPolicy ?? 'Delete',
        storageClass.volumeBindingMode ?? 'Immediate',
        storageClass.allowVolumeExpansion ?? false,
        ageCell(storageClass, nowMs),
      ]
    },
  },
})
