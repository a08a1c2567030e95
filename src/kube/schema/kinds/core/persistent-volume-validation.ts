import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, forbidden, notSupported, required } from '../../validation/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../validation/names.ts'
import { validateImmutable } from '../../validation/object-meta.ts'
import { validateName, validatePositiveQuantity } from '../../validation/rules.ts'
import { sameJson } from '../../validation/same-json.ts'
import { specDiff } from '../../validation/spec-diff.ts'
import { accessModes, volumeModes } from './claim-validation.ts'
import { validateNoBacksteps } from './pod-validation/paths.ts'
import { validateNodeSelector } from './pod-validation/scheduling.ts'
import {
  validateCsiDriverName,
  validateFc,
  validateHostPath,
  validateIscsi,
  validateNfs,
} from './pod-validation/volume-sources.ts'

type PersistentVolume = Unchecked<k8s.PersistentVolume>
type Spec = Unchecked<k8s.PersistentVolumeSpec>

export const validatePersistentVolume = ({ spec = {} }: PersistentVolume): FieldError[] =>
  validatePersistentVolumeSpec(spec, 'spec')

export function validatePersistentVolumeSpec(spec: Spec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(required(child(path, 'accessModes')))
  for (const mode of modes) {
    if (!accessModes.includes(mode)) errors.push(notSupported(child(path, 'accessModes'), mode, accessModes))
  }
  if (modes.includes('ReadWriteOncePod') && modes.some((m) => m !== 'ReadWriteOncePod' && accessModes.includes(m))) {
    errors.push(forbidden(child(path, 'accessModes'), 'may not use ReadWriteOncePod with other access modes'))
  }
  const names = Object.keys(spec.capacity ?? {})
  const capacity = child(path, 'capacity')
  if (names.length === 0) errors.push(required(capacity))
  if (spec.capacity?.storage === undefined || names.length > 1) {
    errors.push(notSupported(capacity, spec.capacity ?? null, ['storage']))
  }
  for (const name of names) errors.push(...validatePositiveQuantity(spec.capacity?.[name] ?? '0', at(capacity, name)))
  const policies = ['Delete', 'Recycle', 'Retain']
  const policy = spec.persistentVolumeReclaimPolicy
  if (policy && !policies.includes(policy)) {
    errors.push(notSupported(child(path, 'persistentVolumeReclaimPolicy'), policy, policies))
  }
  const affinity = spec.nodeAffinity
  if (affinity) {
    const here = child(path, 'nodeAffinity', 'required')
    if (affinity.required) errors.push(...validateNodeSelector(affinity.required, here))
    else errors.push(required(here, 'must specify required node constraints'))
  }
  errors.push(...validateSource(spec, path))
  if (spec.storageClassName) {
    errors.push(...validateName(dns1123Subdomain, spec.storageClassName, child(path, 'storageClassName')))
  }
  if (spec.volumeMode !== undefined && !volumeModes.includes(spec.volumeMode)) {
    errors.push(notSupported(child(path, 'volumeMode'), spec.volumeMode, volumeModes))
  }
  if (spec.volumeAttributesClassName !== undefined) {
    const here = child(path, 'volumeAttributesClassName')
    if (spec.volumeAttributesClassName === '') errors.push(required(here, 'an empty string is disallowed'))
    else errors.push(...validateName(dns1123Subdomain, spec.volumeAttributesClassName, here))
    if (!spec.csi) errors.push(required(child(path, 'csi'), 'has to be specified when using volumeAttributesClassName'))
  }
  return errors
}

const needs = (source: object, path: FieldPath, ...fields: string[]): FieldError[] =>
  fields
    .filter((field) => {
      const value = (source as Readonly<Record<string, unknown>>)[field]
      return !value || (Array.isArray(value) && value.length === 0)
    })
    .map((field) => required(child(path, field)))

function validateCsi(csi: Unchecked<k8s.CSIPersistentVolumeSource>, path: FieldPath): FieldError[] {
  const errors = [...validateCsiDriverName(csi.driver, child(path, 'driver')), ...needs(csi, path, 'volumeHandle')]
  const references = [
    'controllerPublishSecretRef',
    'controllerExpandSecretRef',
    'nodePublishSecretRef',
    'nodeExpandSecretRef',
  ] as const
  for (const field of references) {
    const reference = csi[field]
    if (!reference) continue
    const here = child(path, field)
    if (!reference.name) errors.push(required(child(here, 'name')))
    else errors.push(...validateName(dns1123Subdomain, reference.name, child(here, 'name')))
    if (!reference.namespace) errors.push(required(child(here, 'namespace')))
    else errors.push(...validateName(dns1123Label, reference.namespace, child(here, 'namespace')))
  }
  return errors
}

const sources = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const

const requiredFields: Readonly<Partial<Record<(typeof sources)[number], readonly string[]>>> = {
  gcePersistentDisk: ['pdName'],
  awsElasticBlockStore: ['volumeID'],
  glusterfs: ['endpoints', 'path'],
  rbd: ['monitors', 'image'],
  quobyte: ['registry', 'volume'],
  cephfs: ['monitors'],
  cinder: ['volumeID'],
  flexVolume: ['driver'],
  azureFile: ['secretName', 'shareName'],
  vsphereVolume: ['volumePath'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  storageos: ['volumeName'],
}

function validateSource(spec: Spec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const present = sources.filter((field) => spec[field] !== undefined)
  present.forEach((field, i) => {
    const here = child(path, field)
    if (i > 0) {
      errors.push(forbidden(here, 'may not specify more than 1 volume type'))
      return
    }
    if (field === 'hostPath' && spec.hostPath) errors.push(...validateHostPath(spec.hostPath, here))
    else if (field === 'nfs' && spec.nfs) errors.push(...validateNfs(spec.nfs, here))
    else if (field === 'iscsi' && spec.iscsi) errors.push(...validateIscsi(spec.iscsi, here))
    else if (field === 'fc' && spec.fc) errors.push(...validateFc(spec.fc, here))
    else if (field === 'csi' && spec.csi) errors.push(...validateCsi(spec.csi, here))
    else if (field === 'local' && spec.local) {
      errors.push(...needs(spec.local, here, 'path'))
      errors.push(...validateNoBacksteps(spec.local.path ?? '', child(here, 'path')))
      if (!spec.nodeAffinity) {
        const sentence = 'Local volume requires node affinity'
        errors.push(required(child(path, 'nodeAffinity'), sentence))
      }
    } else errors.push(...needs(spec[field] ?? {}, here, ...(requiredFields[field] ?? [])))
  })
  if (present.length === 0) errors.push(required(path, 'must specify a volume type'))
  const root = /^\/*$/.test((spec.hostPath?.path ?? '-').replaceAll('/.', '/'))
  if (root && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const sentence = "may not be 'recycle' for a hostPath mount of '/'"
    errors.push(forbidden(child(path, 'persistentVolumeReclaimPolicy'), sentence))
  }
  return errors
}

export function validatePersistentVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validatePersistentVolume(volume)
  const sourceOf = (spec: Spec | undefined): Record<string, unknown> =>
    Object.fromEntries(sources.flatMap((field) => (spec?.[field] === undefined ? [] : [[field, spec[field]]])))
  const [now, before] = [structuredClone(sourceOf(volume.spec)), sourceOf(old.spec)]
  const csi = now.csi as { controllerExpandSecretRef?: unknown } | undefined
  if (csi && old.spec?.csi && !old.spec.csi.controllerExpandSecretRef) delete csi.controllerExpandSecretRef
  if (!sameJson(now, before)) {
    const difference = specDiff('PersistentVolumeSource', before, now)
    const sentence = `spec.persistentvolumesource is immutable after creation\n${difference}`
    errors.push(forbidden('spec.persistentvolumesource', sentence))
  }
  errors.push(...validateImmutable(volume.spec?.volumeMode, old.spec?.volumeMode, 'volumeMode'))
  if (old.spec?.nodeAffinity && !sameJson(volume.spec?.nodeAffinity, old.spec.nodeAffinity)) {
    errors.push(
      ...validateImmutable(volume.spec?.nodeAffinity, old.spec.nodeAffinity, 'nodeAffinity').map((error) => ({
        ...error,
        message: `${error.message}, except for updating from beta label to GA`,
      })),
    )
  }
  if (old.spec?.volumeAttributesClassName !== undefined && volume.spec?.volumeAttributesClassName === undefined) {
    errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'))
  }
  return errors
}
