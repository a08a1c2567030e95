import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, invalid, notSupported, required } from '../../../validation/field-error.ts'
import {
  configMapKey,
  dns1123Label,
  dns1123Subdomain,
  envVarName,
  prefixed,
  qualifiedNameRule,
} from '../../../validation/names.ts'
import { validateName } from '../../../validation/rules.ts'
import { canonicalQuantity, isZeroQuantity } from '../../../value/quantity.ts'
import { validateNoBacksteps } from './paths.ts'

type EnvVar = Unchecked<k8s.EnvVar>

const fieldsOfEnvironment = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

export const fieldsOfVolumes = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]

const resourceFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]

export function validateEnvironment(variables: readonly EnvVar[] | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  variables?.forEach((variable, i) => {
    const here = at(path, i)
    if (!variable.name) errors.push(required(child(here, 'name')))
    else errors.push(...validateName(envVarName, variable.name, child(here, 'name')))
    if (variable.valueFrom) errors.push(...validateSource(variable, child(here, 'valueFrom')))
  })
  return errors
}

function validateSource({ value, valueFrom }: EnvVar, path: FieldPath): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom ?? {}
  const errors: FieldError[] = []
  let sources = 0
  if (fieldRef) {
    sources++
    errors.push(...validateFieldRef(fieldRef, fieldsOfEnvironment, child(path, 'fieldRef')))
  }
  if (resourceFieldRef) {
    sources++
    errors.push(...validateResourceFieldRef(resourceFieldRef, child(path, 'resourceFieldRef'), false))
  }
  for (const [field, ref] of Object.entries({ configMapKeyRef, secretKeyRef })) {
    if (!ref) continue
    sources++
    errors.push(...validateKeyRef(ref, child(path, field)))
  }
  if (fileKeyRef) {
    sources++
    errors.push(...validateFileKeyRef(fileKeyRef, child(path, 'fileKeyRef')))
  }
  if (sources === 0) {
    const all = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    errors.push(invalid(path, '', `must specify one of: ${all}`))
  } else if (value) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  else if (sources > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
  return errors
}

/** Fields of a pod that the downward API knows, and what older versions called them. */
const convertible = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
])

export function validateFieldRef(
  { apiVersion, fieldPath }: Unchecked<k8s.ObjectFieldSelector>,
  supported: readonly string[],
  path: FieldPath,
): FieldError[] {
  if (!apiVersion) return [required(child(path, 'apiVersion'))]
  if (!fieldPath) return [required(child(path, 'fieldPath'))]
  const wrong = (reason: string) => [
    invalid(child(path, 'fieldPath'), fieldPath, `error converting fieldPath: ${reason}`),
  ]
  if (apiVersion !== 'v1') return wrong(`unsupported pod version: ${apiVersion}`)
  const subscripted = /^(.*)\['(.*)'\]$/s.exec(fieldPath)
  if (subscripted) {
    const [, field = '', key = ''] = subscripted
    if (field === 'metadata.annotations') return validateName(qualifiedNameRule, key.toLowerCase(), path)
    if (field === 'metadata.labels') return validateName(qualifiedNameRule, key, path)
    return wrong(`field label does not support subscript: ${fieldPath}`)
  }
  const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  if (!convertible.has(field)) return wrong(`field label not supported: ${fieldPath}`)
  return supported.includes(field) ? [] : [notSupported(child(path, 'fieldPath'), field, supported)]
}

const sizes = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei'

export function validateResourceFieldRef(
  { containerName, resource = '', divisor }: Unchecked<k8s.ResourceFieldSelector>,
  path: FieldPath,
  inVolume: boolean,
): FieldError[] {
  const errors: FieldError[] = []
  const hugePages = /^(requests|limits)\.hugepages-/.test(resource)
  if (inVolume && !containerName) errors.push(required(child(path, 'containerName')))
  else if (resource === '') errors.push(required(child(path, 'resource')))
  else if (!resourceFields.includes(resource) && !hugePages) {
    errors.push(notSupported(child(path, 'resource'), resource, resourceFields))
  }
  if (divisor === undefined || isZeroQuantity(divisor)) return errors
  const text = canonicalQuantity(divisor)
  const isSize = sizes.split(', ').includes(text)
  const refuse = (sentence: string) => errors.push(invalid(child(path, 'divisor'), resource, sentence))
  if (resource.endsWith('.cpu')) {
    if (text !== '1m' && text !== '1') refuse("only divisor's values 1m and 1 are supported with the cpu resource")
  } else if (resource.endsWith('.memory')) {
    if (!isSize) refuse(`only divisor's values ${sizes} are supported with the memory resource`)
  } else if (resource.endsWith('.ephemeral-storage')) {
    if (!isSize) refuse(`only divisor's values ${sizes} are supported with the local ephemeral storage resource`)
  } else if (hugePages && !isSize) {
    refuse(`only divisor's values ${sizes} are supported with the hugepages resource`)
  }
  return errors
}

function validateKeyRef({ name = '', key }: Unchecked<k8s.ConfigMapKeySelector>, path: FieldPath): FieldError[] {
  const errors = validateName(dns1123Subdomain, name, child(path, 'name'))
  if (!key) errors.push(required(child(path, 'key')))
  else errors.push(...validateName(configMapKey, key, child(path, 'key')))
  return errors
}

function validateFileKeyRef(ref: Unchecked<k8s.FileKeySelector>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!ref.key) errors.push(required(child(path, 'key')))
  else errors.push(...validateName(envVarName, ref.key, child(path, 'key')))
  if (!ref.volumeName) errors.push(required(child(path, 'volumeName')))
  else errors.push(...validateName(dns1123Label, ref.volumeName, child(path, 'volumeName')))
  if (!ref.path) errors.push(required(child(path, 'path')))
  else errors.push(...validateNoBacksteps(ref.path, child(path, 'path')))
  return errors
}

export function validateEnvironmentFrom(
  sources: readonly Unchecked<k8s.EnvFromSource>[] | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  sources?.forEach(({ prefix, configMapRef, secretRef }, i) => {
    const here = at(path, i)
    if (prefix) errors.push(...validateName(envVarName, prefix, child(here, 'prefix')))
    let count = 0
    for (const [field, ref] of Object.entries({ configMapRef, secretRef })) {
      if (!ref) continue
      count++
      const name = child(here, field, 'name')
      if (!ref.name) errors.push(required(name))
      else {
        for (const message of prefixed(dns1123Subdomain)(ref.name)) errors.push(invalid(name, ref.name, message))
      }
    }
    if (count === 0) errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (count > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
  })
  return errors
}
