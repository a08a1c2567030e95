import { accessModesCell, ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validatePersistentVolume, validatePersistentVolumeUpdate } from './persistent-volume-validation.ts'
import { defaultAzureDisk, defaultRbd, roundUp } from './pod-spec-defaults.ts'

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const persistentVolume = defineKind<k8s.PersistentVolume>({
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  defaults(volume) {
    volume.status ??= {}
    volume.status.phase ||= 'Pending'
    const { spec } = volume
    if (!spec) return
    spec.persistentVolumeReclaimPolicy ||= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    roundUp(spec.capacity)
    if (spec.hostPath) spec.hostPath.type ??= ''
    if (spec.iscsi) spec.iscsi.iscsiInterface ||= 'default'
    defaultRbd(spec.rbd)
    defaultAzureDisk(spec.azureDisk)
    if (spec.scaleIO) {
      spec.scaleIO.storageMode ||= 'ThinProvisioned'
      spec.scaleIO.fsType ||= 'xfs'
    }
  },
  prepareForCreate(volume, { nowMs }) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: new Date(nowMs).toISOString().replace(/\.\d+/, '') }
  },
  printer: {
    columns: [
      nameColumn,
      column('Capacity', 'How much room there is.'),
      column('Access Modes', 'Who may use it at one time.'),
      column('Reclaim Policy', 'What becomes of it once its claim is gone.'),
      column('Status', 'Whether a claim has it.'),
      column('Claim', 'The claim that has it.'),
      column('StorageClass', 'Class of the storage.'),
      column('VolumeAttributesClass', 'Class of the changeable attributes.'),
      column('Reason', 'Why it is in this state.'),
      ageColumn,
      column('VolumeMode', 'File system or raw block device.', 1),
    ],
    cells(volume, nowMs) {
      const { spec, status, metadata } = volume
      const claim = spec?.claimRef
      return [
        nameOf(volume),
        String(spec?.capacity?.storage ?? '0'),
        accessModesCell(spec?.accessModes),
        spec?.persistentVolumeReclaimPolicy ?? '',
        metadata?.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
        claim ? `${claim.namespace ?? ''}/${claim.name ?? ''}` : '',
        metadata?.annotations?.[classAnnotation] ?? spec?.storageClassName ?? '',
        spec?.volumeAttributesClassName ?? '<unset>',
        status?.reason ?? '',
        ageCell(volume, nowMs),
        spec?.volumeMode ?? '<unset>',
      ]
    },
  },
  subresources: {
    status: {
      prepareForUpdate(volume, old, { nowMs }) {
        volume.spec = old.spec
        const phase = volume.status?.phase
        if (volume.status && phase !== old.status?.phase) {
          const given = volume.status.lastPhaseTransitionTime
          if (!given || given === old.status?.lastPhaseTransitionTime) {
            volume.status.lastPhaseTransitionTime = new Date(nowMs).toISOString().replace(/\.\d+/, '')
          }
        }
      },
    },
  },
})
