import { accessModesCell, ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateClaim, validateClaimUpdate } from './claim-validation.ts'
import { defaultClaimSpec, roundUp } from './pod-spec-defaults.ts'
import { fractions } from './pod-warnings.ts'

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const persistentVolumeClaim = defineKind<k8s.PersistentVolumeClaim>({
  warningsOnCreate: ({ spec }) => [
    ...fractions(spec?.resources?.requests, 'spec.resources.requests'),
    ...fractions(spec?.resources?.limits, 'spec.resources.limits'),
  ],
  defaults(claim) {
    claim.status ??= {}
    claim.status.phase ||= 'Pending'
    roundUp(claim.status.capacity)
    if (!claim.spec) return
    defaultClaimSpec(claim.spec)
    copyDataSource(claim.spec)
  },
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' }
  },
  printer: {
    columns: [
      nameColumn,
      column('Status', 'Whether a volume was found.'),
      column('Volume', 'The volume.'),
      column('Capacity', 'How much room it has.'),
      column('Access Modes', 'Who may use it at one time.'),
      column('StorageClass', 'Class of the storage.'),
      column('VolumeAttributesClass', 'Class of the changeable attributes.'),
      ageColumn,
      column('VolumeMode', 'File system or raw block device.', 1),
    ],
    cells(claim, nowMs) {
      const { spec, status, metadata } = claim
      const bound = Boolean(spec?.volumeName)
      return [
        nameOf(claim),
        metadata?.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
        spec?.volumeName ?? '',
        bound ? String(status?.capacity?.storage ?? '0') : '',
        bound ? accessModesCell(status?.accessModes) : '',
        metadata?.annotations?.[classAnnotation] ?? spec?.storageClassName ?? '',
        spec?.volumeAttributesClassName ?? '<unset>',
        ageCell(claim, nowMs),
        spec?.volumeMode ?? '<unset>',
      ]
    },
  },
})

/** dataSource and dataSourceRef say the same where they can; whichever is set fills the other. */
function copyDataSource(spec: {
  dataSource?: { apiGroup?: string | undefined; kind?: string | undefined; name?: string | undefined } | undefined
  dataSourceRef?:
    | {
        apiGroup?: string | undefined
        kind?: string | undefined
        name?: string | undefined
        namespace?: string | undefined
      }
    | undefined
}): void {
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource }
  else if (spec.dataSourceRef && !spec.dataSource && !spec.dataSourceRef.namespace) {
    const { apiGroup, kind, name } = spec.dataSourceRef
    spec.dataSource = { ...(apiGroup === undefined ? {} : { apiGroup }), kind, name }
  }
}
