import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, forbidden, invalid, notSupported, required } from '../../validation/field-error.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { dns1123Label, dns1123Subdomain } from '../../validation/names.ts'
import { validateImmutable } from '../../validation/object-meta.ts'
import { isWhole, validateName, validatePositiveQuantity } from '../../validation/rules.ts'
import { sameJson } from '../../validation/same-json.ts'
import { specDiff } from '../../validation/spec-diff.ts'
import { compareQuantities } from '../../value/quantity.ts'

type Claim = Unchecked<k8s.PersistentVolumeClaim>
type ClaimSpec = Unchecked<k8s.PersistentVolumeClaimSpec>

export const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
export const volumeModes = ['Block', 'Filesystem']
const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export function validateClaimSpec(spec: ClaimSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(required(child(path, 'accessModes'), 'at least 1 access mode is required'))
  errors.push(...validateLabelSelector(spec.selector, child(path, 'selector')))
  for (const mode of modes) {
    if (!accessModes.includes(mode)) errors.push(notSupported(child(path, 'accessModes'), mode, accessModes))
  }
  const others = modes.filter((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode))
  if (modes.includes('ReadWriteOncePod') && others.length > 0) {
    errors.push(forbidden(child(path, 'accessModes'), 'may not use ReadWriteOncePod with other access modes'))
  }
  const storage = spec.resources?.requests?.storage
  const storagePath = at(child(path, 'resources'), 'storage')
  if (storage === undefined) errors.push(required(storagePath))
  else {
    const wrong = validatePositiveQuantity(storage, storagePath)
    errors.push(...wrong)
    if (wrong.length === 0 && !isWhole(storage)) errors.push(invalid(storagePath, storage, 'must be an integer'))
  }
  if (spec.storageClassName) {
    errors.push(...validateName(dns1123Subdomain, spec.storageClassName, child(path, 'storageClassName')))
  }
  if (spec.volumeMode !== undefined && !volumeModes.includes(spec.volumeMode)) {
    errors.push(notSupported(child(path, 'volumeMode'), spec.volumeMode, volumeModes))
  }
  const { dataSource, dataSourceRef } = spec
  if (dataSource) errors.push(...validateSource(dataSource, child(path, 'dataSource')))
  if (dataSourceRef) errors.push(...validateSource(dataSourceRef, child(path, 'dataSourceRef')))
  if (dataSourceRef?.namespace) {
    if (dataSource) errors.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'))
  } else if (dataSource && dataSourceRef) {
    const { apiGroup, kind, name } = dataSourceRef
    if (!sameJson(dataSource, { apiGroup, kind, name })) errors.push(invalid(path, {}, 'must match dataSourceRef'))
  }
  if (spec.volumeAttributesClassName) {
    const here = child(path, 'volumeAttributesClassName')
    errors.push(...validateName(dns1123Subdomain, spec.volumeAttributesClassName, here))
  }
  return errors
}

function validateSource(source: Unchecked<k8s.TypedObjectReference>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!source.name) errors.push(required(child(path, 'name')))
  if (!source.kind) errors.push(required(child(path, 'kind')))
  if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim') {
    errors.push(
      invalid(path, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"),
    )
  }
  if (source.apiGroup) errors.push(...validateName(dns1123Subdomain, source.apiGroup, child(path, 'apiGroup')))
  if (source.namespace) errors.push(...validateName(dns1123Label, source.namespace, child(path, 'namespace')))
  return errors
}

export const validateClaim = ({ spec }: Claim): FieldError[] => validateClaimSpec(spec ?? {}, 'spec')

export function validateClaimUpdate(claim: Claim, old: Claim): FieldError[] {
  const errors = validateClaim(claim)
  const next: ClaimSpec = structuredClone(claim.spec ?? {})
  const before: ClaimSpec = structuredClone(old.spec ?? {})
  if (!before.volumeName) before.volumeName = next.volumeName
  const [annotation, oldAnnotation] = [claim, old].map((c) => c.metadata?.annotations?.[classAnnotation])
  const upgraded =
    oldAnnotation !== undefined &&
    before.storageClassName === undefined &&
    next.storageClassName === oldAnnotation &&
    (annotation === undefined || annotation === oldAnnotation)
  if (upgraded) delete next.storageClassName
  else {
    if ((annotation ?? '') !== (oldAnnotation ?? '')) {
      errors.push(invalid(child('metadata', 'annotations', classAnnotation), annotation ?? '', 'field is immutable'))
    }
    // a claim that named no class may get one, once
    if (next.storageClassName !== undefined && before.storageClassName === undefined) {
      if (oldAnnotation === undefined || next.storageClassName === oldAnnotation) delete next.storageClassName
    }
  }
  if (claim.status?.phase === 'Bound') {
    if (next.resources?.requests) next.resources.requests.storage = before.resources?.requests?.storage
    next.volumeAttributesClassName = before.volumeAttributesClassName
  }
  if (!sameJson(next, before)) {
    errors.push(
      forbidden(
        'spec',
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${specDiff('PersistentVolumeClaimSpec', before, next)}`,
      ),
    )
  }
  const size = claim.spec?.resources?.requests?.storage ?? '0'
  if (compareQuantities(size, old.spec?.resources?.requests?.storage ?? '0') < 0) {
    if (compareQuantities(size, old.status?.capacity?.storage ?? '0') <= 0) {
      errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'))
    }
  }
  errors.push(...validateImmutable(claim.spec?.volumeMode, old.spec?.volumeMode, 'volumeMode'))
  const attributes = claim.spec?.volumeAttributesClassName
  if (
    attributes !== old.spec?.volumeAttributesClassName &&
    old.status?.currentVolumeAttributesClassName !== undefined
  ) {
    const what = attributes === undefined ? 'nil' : attributes === '' ? 'empty string' : undefined
    if (what) {
      errors.push(
        forbidden(
          'spec.volumeAttributesClassName',
          `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`,
        ),
      )
    }
  }
  return errors
}
