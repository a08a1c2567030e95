import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import {
  at,
  child,
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../validation/field-error.ts'
import { validateLabelName, validateLabelSelector } from '../../validation/label-selector.ts'
import { byteLength, dns1123Subdomain, qualifiedNameRule } from '../../validation/names.ts'
import { validateImmutable } from '../../validation/object-meta.ts'
import { validateName, validateNonNegative, validateNonNegativeQuantity } from '../../validation/rules.ts'
import { sameJson } from '../../validation/same-json.ts'
import { validatePersistentVolumeSpec } from '../core/persistent-volume-validation.ts'
import { validateCsiDriverName } from '../core/pod-validation/volume-sources.ts'

type StorageClass = Unchecked<k8s.StorageClass>
type Attachment = Unchecked<k8s.VolumeAttachment>
type Driver = Unchecked<k8s.CSIDriver>
type DriverNode = Unchecked<k8s.CSINode>
type Capacity = Unchecked<k8s.CSIStorageCapacity>
type Attributes = Unchecked<k8s.VolumeAttributesClass>
type Parameters = Readonly<Record<string, string | undefined>> | undefined

const mostBytes = 256 * 1024

function validateParameters(parameters: Parameters, path: FieldPath): FieldError[] {
  const entries = Object.entries(parameters ?? {})
  if (entries.length > 512) return [tooLong(path, 512)]
  const errors: FieldError[] = []
  let bytes = 0
  for (const [key, value = ''] of entries) {
    if (key === '') errors.push(invalid(path, key, 'field can not be empty.'))
    bytes += byteLength(key) + byteLength(value)
  }
  if (bytes > mostBytes) errors.push(tooLong(path, mostBytes))
  return errors
}

export function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const errors: FieldError[] = []
  const { provisioner = '', reclaimPolicy, volumeBindingMode, allowedTopologies } = storageClass
  if (provisioner === '') errors.push(required('provisioner'))
  else errors.push(...validateName(qualifiedNameRule, provisioner.toLowerCase(), 'provisioner'))
  errors.push(...validateParameters(storageClass.parameters, 'parameters'))
  const policies = ['Delete', 'Retain']
  if (reclaimPolicy && !policies.includes(reclaimPolicy)) {
    errors.push(notSupported('reclaimPolicy', reclaimPolicy, policies))
  }
  const modes = ['Immediate', 'WaitForFirstConsumer']
  if (volumeBindingMode === undefined) errors.push(required('volumeBindingMode'))
  else if (!modes.includes(volumeBindingMode)) errors.push(notSupported('volumeBindingMode', volumeBindingMode, modes))
  const seen = new Set<string>()
  allowedTopologies?.forEach((term, i) => {
    const here = child(at('allowedTopologies', i), 'matchLabelExpressions')
    const keys = new Set<string>()
    term.matchLabelExpressions?.forEach(({ key = '', values: given }, j) => {
      const where = at(here, j)
      const values = given ?? []
      if (values.length === 0) errors.push(required(child(where, 'values')))
      values.forEach((value, k) => {
        if (values.indexOf(value) < k) errors.push(duplicate(at(child(where, 'values'), k), value))
      })
      errors.push(...validateLabelName(key, child(where, 'key')))
      if (keys.has(key)) errors.push(duplicate(child(where, 'key'), key))
      keys.add(key)
    })
    const text = JSON.stringify(term.matchLabelExpressions ?? [])
    if (seen.has(text)) errors.push(duplicate(here, ''))
    seen.add(text)
  })
  return errors
}

export const validateStorageClassUpdate = (now: StorageClass, old: StorageClass): FieldError[] =>
  (['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const).flatMap((field) =>
    validateImmutable(now[field], old[field], field),
  )

export function validateAttachment({ spec = {}, status }: Attachment): FieldError[] {
  const errors = validateCsiDriverName(spec.attacher, 'spec.attacher')
  const { inlineVolumeSpec, persistentVolumeName: name } = spec.source ?? {}
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  if (!inlineVolumeSpec && name === undefined) errors.push(required('spec.source', one))
  else if (inlineVolumeSpec && name !== undefined) errors.push(forbidden('spec.source', one))
  else if (name === '') {
    errors.push(required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName'))
  } else if (inlineVolumeSpec) {
    errors.push(...validatePersistentVolumeSpec(inlineVolumeSpec, 'spec.source.inlineVolumeSpec'))
  }
  errors.push(...validateName(dns1123Subdomain, spec.nodeName ?? '', 'spec.nodeName'))
  let bytes = 0
  for (const [key, value = ''] of Object.entries(status?.attachmentMetadata ?? {})) {
    bytes += byteLength(key) + byteLength(value)
  }
  if (bytes > mostBytes) errors.push(tooLong('status.attachmentMetadata', mostBytes))
  for (const field of ['attachError', 'detachError'] as const) {
    if (byteLength(status?.[field]?.message ?? '') > 1024) errors.push(tooLong(`status.${field}.message`, mostBytes))
  }
  if (name) errors.push(...validateName(dns1123Subdomain, name, 'spec.source.persistentVolumeName'))
  return errors
}

export const validateAttachmentUpdate = (now: Attachment, old: Attachment): FieldError[] => [
  ...validateAttachment(now),
  ...validateImmutable(now.spec, old.spec, 'spec'),
]

export function validateDriver({ spec = {} }: Driver): FieldError[] {
  const errors: FieldError[] = []
  if (spec.attachRequired === undefined) errors.push(required('spec.attachedRequired'))
  if (spec.podInfoOnMount === undefined) errors.push(required('spec.podInfoOnMount'))
  if (spec.storageCapacity === undefined) errors.push(required('spec.storageCapacity'))
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType']
  if (spec.fsGroupPolicy !== undefined && !policies.includes(spec.fsGroupPolicy)) {
    errors.push(notSupported('spec.fsGroupPolicy', spec.fsGroupPolicy, policies))
  }
  const audiences = new Set<string>()
  spec.tokenRequests?.forEach(({ audience = '', expirationSeconds: seconds }, i) => {
    const here = at('spec.tokenRequests', i)
    if (audiences.has(audience)) {
      errors.push(duplicate(child(here, 'audience'), audience))
      return
    }
    audiences.add(audience)
    if (seconds === undefined) return
    const where = child(here, 'expirationSeconds')
    if (seconds < 600) errors.push(invalid(where, seconds, 'may not specify a duration less than 10 minutes'))
    if (seconds > 2 ** 32) {
      errors.push(invalid(where, seconds, 'may not specify a duration larger than 2^32 seconds'))
    }
  })
  for (const mode of spec.volumeLifecycleModes ?? []) {
    if (mode !== 'Persistent' && mode !== 'Ephemeral') {
      errors.push(notSupported('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral']))
    }
  }
  if (spec.seLinuxMount === undefined) errors.push(required('spec.seLinuxMount'))
  const period = spec.nodeAllocatableUpdatePeriodSeconds
  if (period !== undefined && period < 10) {
    const sentence = 'must be greater than or equal to 10 seconds'
    errors.push(invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, sentence))
  }
  const inSecrets = spec.serviceAccountTokenInSecrets
  if (inSecrets !== undefined && (spec.tokenRequests?.length ?? 0) === 0) {
    const sentence = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
    errors.push(invalid('spec.serviceAccountTokenInSecrets', inSecrets, sentence))
  }
  return errors
}

export const validateDriverUpdate = (now: Driver, old: Driver): FieldError[] => [
  ...validateDriver(now),
  ...validateImmutable(now.spec?.attachRequired, old.spec?.attachRequired, 'spec.attachedRequired'),
  ...validateImmutable(now.spec?.volumeLifecycleModes, old.spec?.volumeLifecycleModes, 'spec.volumeLifecycleModes'),
]

export function validateDriverNode({ spec }: DriverNode): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  spec?.drivers?.forEach(({ name = '', nodeID = '', allocatable, topologyKeys }, i) => {
    const here = at('spec.drivers', i)
    errors.push(...validateCsiDriverName(name, child(here, 'name')))
    if (nodeID === '') errors.push(required(child(here, 'nodeID')))
    if (nodeID.length > 256) errors.push(invalid(child(here, 'nodeID'), nodeID, 'must be 256 characters or less'))
    errors.push(...validateNonNegative(allocatable?.count, child(here, 'allocatable', 'count')))
    if (names.has(name)) errors.push(duplicate(child(here, 'name'), name))
    names.add(name)
    topologyKeys?.forEach((key, j) => {
      if (key === '') errors.push(required(here))
      if (topologyKeys.indexOf(key) < j) errors.push(duplicate(here, key))
      errors.push(...validateName(qualifiedNameRule, key, here))
    })
  })
  return errors
}

export function validateDriverNodeUpdate(now: DriverNode, old: DriverNode): FieldError[] {
  const errors = validateDriverNode(now)
  for (const before of old.spec?.drivers ?? []) {
    const driver = now.spec?.drivers?.find(({ name }) => name === before.name)
    if (!driver) continue
    const fixed = ({ allocatable: _amount, ...rest }: typeof driver) => rest
    errors.push(...validateImmutable(fixed(driver), fixed(before), 'spec.drivers'))
  }
  return errors
}

export function validateCapacity({ nodeTopology, storageClassName = '', capacity }: Capacity): FieldError[] {
  const errors = validateLabelSelector(nodeTopology, 'nodeTopology')
  errors.push(...validateName(dns1123Subdomain, storageClassName, 'storageClassName'))
  if (capacity !== undefined) errors.push(...validateNonNegativeQuantity(capacity, 'capacity'))
  return errors
}

export const validateCapacityUpdate = (now: Capacity, old: Capacity): FieldError[] => [
  ...validateImmutable(now.nodeTopology, old.nodeTopology, 'nodeTopology'),
  ...validateImmutable(now.storageClassName, old.storageClassName, 'storageClassName'),
]

export function validateAttributes({ driverName = '', parameters }: Attributes): FieldError[] {
  const errors: FieldError[] = []
  if (driverName === '') errors.push(required('driverName'))
  else errors.push(...validateName(qualifiedNameRule, driverName.toLowerCase(), 'driverName'))
  errors.push(...validateParameters(parameters, 'parameters'))
  if (Object.keys(parameters ?? {}).length === 0) {
    errors.push(required('parameters', 'must contain at least one key/value pair'))
  }
  return errors
}

export function validateAttributesUpdate(now: Attributes, old: Attributes): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['driverName', 'parameters'] as const) {
    if (!sameJson(now[field], old[field])) errors.push(forbidden(field, `updates to ${field} are forbidden.`))
  }
  errors.push(...validateAttributes(now))
  return errors
}
