import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, invalid, notSupported, required, tooLong } from '../../../validation/field-error.ts'
import { dns1123Subdomain } from '../../../validation/names.ts'
import { validateName } from '../../../validation/rules.ts'
import { fieldsOfVolumes, validateFieldRef, validateResourceFieldRef } from './environment.ts'
import { validateFileMode, validateLocalPath, validateLocalUnreservedPath, validateNoBacksteps } from './paths.ts'

type Source = Unchecked<k8s.Volume>
/** What is wrong with one kind of source, which stands at `path`. */
type Check<K extends keyof Source> = (source: Exclude<Source[K], undefined>, path: FieldPath) => FieldError[]

function needs(source: Record<string, unknown>, path: FieldPath, ...fields: string[]): FieldError[] {
  return fields.filter((field) => isMissing(source[field])).map((field) => required(child(path, field)))
}

const isMissing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

export const validateHostPath: Check<'hostPath'> = ({ path: target = '', type }, path) => {
  if (target === '') return [required(child(path, 'path'))]
  const errors = validateNoBacksteps(target, child(path, 'path'))
  if (type !== undefined && !hostPathTypes.includes(type)) {
    errors.push(notSupported(child(path, 'type'), type, hostPathTypes))
  }
  return errors
}

export function validateKeyToPath(item: Unchecked<k8s.KeyToPath>, path: FieldPath): FieldError[] {
  return [
    ...needs(item, path, 'key', 'path'),
    ...validateLocalUnreservedPath(item.path ?? '', child(path, 'path')),
    ...validateFileMode(item.mode, child(path, 'mode')),
  ]
}

function validateItems(items: readonly Unchecked<k8s.KeyToPath>[] | undefined, path: FieldPath): FieldError[] {
  return (items ?? []).flatMap((item, i) => validateKeyToPath(item, at(child(path, 'items'), i)))
}

const validateSecret: Check<'secret'> = (source, path) => [
  ...needs(source, path, 'secretName'),
  ...validateFileMode(source.defaultMode, child(path, 'defaultMode')),
  ...validateItems(source.items, path),
]

const validateConfigMap: Check<'configMap'> = (source, path) => [
  ...needs(source, path, 'name'),
  ...validateFileMode(source.defaultMode, child(path, 'defaultMode')),
  ...validateItems(source.items, path),
]

export function validateDownwardFile(file: Unchecked<k8s.DownwardAPIVolumeFile>, path: FieldPath): FieldError[] {
  const errors = [...needs(file, path, 'path'), ...validateLocalUnreservedPath(file.path ?? '', child(path, 'path'))]
  if (file.fieldRef) {
    errors.push(...validateFieldRef(file.fieldRef, fieldsOfVolumes, child(path, 'fieldRef')))
    if (file.resourceFieldRef) {
      errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
    }
  } else if (file.resourceFieldRef) {
    errors.push(...validateResourceFieldRef(file.resourceFieldRef, child(path, 'resourceFieldRef'), true))
  } else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
  errors.push(...validateFileMode(file.mode, child(path, 'mode')))
  return errors
}

const validateDownwardApi: Check<'downwardAPI'> = (source, path) => [
  ...validateFileMode(source.defaultMode, child(path, 'defaultMode')),
  ...(source.items ?? []).flatMap((file) => validateDownwardFile(file, path)),
]

export const validateNfs: Check<'nfs'> = (source, path) => {
  const errors = needs(source, path, 'server', 'path')
  if (!source.path?.startsWith('/')) {
    errors.push(invalid(child(path, 'path'), source.path ?? '', 'must be an absolute path'))
  }
  return errors
}

const validateGitRepo: Check<'gitRepo'> = (source, path) => [
  ...needs(source, path, 'repository'),
  ...validateLocalPath(source.directory ?? '', child(path, 'directory')),
]

const validateClaim: Check<'persistentVolumeClaim'> = (source, path) => needs(source, path, 'claimName')

export function validateCsiDriverName(name: string | undefined, path: FieldPath): FieldError[] {
  if (!name) return [required(path)]
  const errors: FieldError[] = []
  if (name.length > 63) errors.push(tooLong(path, 63))
  errors.push(...validateName(dns1123Subdomain, name.toLowerCase(), path))
  return errors
}

const validateCsi: Check<'csi'> = (source, path) => {
  const errors = validateCsiDriverName(source.driver, child(path, 'driver'))
  const secret = source.nodePublishSecretRef
  if (secret) {
    if (!secret.name) errors.push(required(child(path, 'nodePublishSecretRef', 'name')))
    else errors.push(...validateName(dns1123Subdomain, secret.name, child(path, 'name')))
  }
  return errors
}

export const validateIscsi: Check<'iscsi'> = (source, path) => {
  const errors = needs(source, path, 'targetPortal')
  const iqn = source.iqn ?? ''
  if (iqn === '') errors.push(required(child(path, 'iqn')))
  else if (!/^(iqn|eui|naa)/.test(iqn))
    errors.push(invalid(child(path, 'iqn'), iqn, 'must be valid format starting with iqn, eui, or naa'))
  else if (
    (iqn.startsWith('iqn') && !/iqn\.\d{4}-\d{2}\.([a-zA-Z0-9-.]+)(:[^,;*&$|\s]+)$/.test(iqn)) ||
    (iqn.startsWith('eui') && !/^eui.[a-zA-Z0-9]{16}$/.test(iqn)) ||
    (iqn.startsWith('naa') && !/^naa.[a-zA-Z0-9]{32}$/.test(iqn))
  ) {
    errors.push(invalid(child(path, 'iqn'), iqn, 'must be valid format'))
  }
  const lun = source.lun ?? 0
  if (lun < 0 || lun > 255) errors.push(invalid(child(path, 'lun'), lun, 'must be between 0 and 255, inclusive'))
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) {
    errors.push(required(child(path, 'secretRef')))
  }
  return errors
}

export const validateFc: Check<'fc'> = (source, path) => {
  const names = source.targetWWNs?.length ?? 0
  const ids = source.wwids?.length ?? 0
  if (names < 1 && ids < 1) {
    return [required(child(path, 'targetWWNs'), 'must specify either targetWWNs or wwids, but not both')]
  }
  if (names !== 0 && ids !== 0) {
    return [
      invalid(child(path, 'targetWWNs'), source.targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'),
    ]
  }
  if (names === 0) return []
  if (source.lun === undefined) return [required(child(path, 'lun'), 'lun is required if targetWWNs is specified')]
  return source.lun < 0 || source.lun > 255
    ? [invalid(child(path, 'lun'), source.lun, 'must be between 0 and 255, inclusive')]
    : []
}

const validatePullPolicy: Check<'image'> = ({ pullPolicy }, path) => {
  const policies = ['Always', 'IfNotPresent', 'Never']
  if (!pullPolicy) return [required(child(path, 'pullPolicy'))]
  return policies.includes(pullPolicy) ? [] : [notSupported(child(path, 'pullPolicy'), pullPolicy, policies)]
}

const partition = (source: { partition?: number | undefined }, path: FieldPath): FieldError[] => {
  const value = source.partition ?? 0
  return value < 0 || value > 255
    ? [invalid(child(path, 'partition'), value, 'must be between 1 and 255, inclusive')]
    : []
}

type Checked = Exclude<keyof Source, 'name' | 'emptyDir' | 'projected' | 'ephemeral'>

/** The checks, in the order in which Kubernetes makes them; the path's name is not always the field's. */
export const sourceChecks: readonly {
  field: Checked
  name?: string
  check: (source: never, path: FieldPath) => FieldError[]
}[] = [
  { field: 'hostPath', check: validateHostPath },
  { field: 'gitRepo', check: validateGitRepo },
  {
    field: 'gcePersistentDisk',
    name: 'persistentDisk',
    check: ((source, path) => [
      ...needs(source, path, 'pdName'),
      ...partition(source, path),
    ]) satisfies Check<'gcePersistentDisk'>,
  },
  {
    field: 'awsElasticBlockStore',
    check: ((source, path) => [
      ...needs(source, path, 'volumeID'),
      ...partition(source, path),
    ]) satisfies Check<'awsElasticBlockStore'>,
  },
  { field: 'secret', check: validateSecret },
  { field: 'nfs', check: validateNfs },
  { field: 'iscsi', check: validateIscsi },
  {
    field: 'glusterfs',
    check: ((source, path) => needs(source, path, 'endpoints', 'path')) satisfies Check<'glusterfs'>,
  },
  { field: 'flocker', check: validateFlocker },
  { field: 'persistentVolumeClaim', check: validateClaim },
  { field: 'rbd', check: ((source, path) => needs(source, path, 'monitors', 'image')) satisfies Check<'rbd'> },
  { field: 'cinder', check: ((source, path) => needs(source, path, 'volumeID')) satisfies Check<'cinder'> },
  { field: 'cephfs', check: ((source, path) => needs(source, path, 'monitors')) satisfies Check<'cephfs'> },
  { field: 'quobyte', check: validateQuobyte },
  { field: 'downwardAPI', check: validateDownwardApi },
  { field: 'fc', check: validateFc },
  { field: 'flexVolume', check: ((source, path) => needs(source, path, 'driver')) satisfies Check<'flexVolume'> },
  { field: 'configMap', check: validateConfigMap },
  {
    field: 'azureFile',
    check: ((source, path) => needs(source, path, 'secretName', 'shareName')) satisfies Check<'azureFile'>,
  },
  {
    field: 'vsphereVolume',
    check: ((source, path) => needs(source, path, 'volumePath')) satisfies Check<'vsphereVolume'>,
  },
  {
    field: 'photonPersistentDisk',
    check: ((source, path) => needs(source, path, 'pdID')) satisfies Check<'photonPersistentDisk'>,
  },
  {
    field: 'portworxVolume',
    check: ((source, path) => needs(source, path, 'volumeID')) satisfies Check<'portworxVolume'>,
  },
  {
    field: 'azureDisk',
    check: ((source, path) => needs(source, path, 'diskName', 'diskURI')) satisfies Check<'azureDisk'>,
  },
  { field: 'storageos', check: ((source, path) => needs(source, path, 'volumeName')) satisfies Check<'storageos'> },
  {
    field: 'scaleIO',
    check: ((source, path) => needs(source, path, 'gateway', 'system', 'volumeName')) satisfies Check<'scaleIO'>,
  },
  { field: 'csi', check: validateCsi },
  { field: 'image', check: validatePullPolicy },
]

function validateFlocker(source: Unchecked<k8s.FlockerVolumeSource>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!source.datasetName && !source.datasetUUID) {
    errors.push(required(path, 'one of datasetName and datasetUUID is required'))
  }
  if (source.datasetName && source.datasetUUID) {
    errors.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'))
  }
  if (source.datasetName?.includes('/')) {
    errors.push(invalid(child(path, 'datasetName'), source.datasetName, "must not contain '/'"))
  }
  return errors
}

function validateQuobyte(source: Unchecked<k8s.QuobyteVolumeSource>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const form = 'must be a host:port pair or multiple pairs separated by commas'
  if (!source.registry) errors.push(required(child(path, 'registry'), form))
  else if ((source.tenant ?? '').length >= 65) {
    errors.push(required(child(path, 'tenant'), 'must be a UUID and may not exceed a length of 64 characters'))
  } else {
    for (const pair of source.registry.split(',')) {
      if (!/^(\[[^\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair))
        errors.push(invalid(child(path, 'registry'), source.registry, form))
    }
  }
  if (!source.volume) errors.push(required(child(path, 'volume')))
  return errors
}
