import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import {
  at,
  child,
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../../validation/field-error.ts'
import { dns1123Label, qualifiedNameRule } from '../../../validation/names.ts'
import { isWhole, validateName, validateNonNegativeQuantity } from '../../../validation/rules.ts'
import { compareQuantities, parseQuantity } from '../../../value/quantity.ts'

type Resources = Unchecked<k8s.ResourceRequirements>

const quotaResources = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]
const standard = new Set([...quotaResources, 'storage'])
const ofQuota = new Set(quotaResources)
const ofContainers = new Set(['cpu', 'memory', 'ephemeral-storage'])
const countedInWhole = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
])

const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const isHugePagesOfQuota = (name: string): boolean => isHugePages(name) || name.startsWith('requests.hugepages-')
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
export const isExtendedResource = (name: string): boolean =>
  !isNativeResource(name) && !name.startsWith('requests.') && qualifiedNameRule(`requests.${name}`).length === 0
const mayOvercommit = (name: string): boolean => isNativeResource(name) && !isHugePages(name)

export function validateResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateName(qualifiedNameRule, name, path)
  if (errors.length > 0 || name.includes('/')) return errors
  if (standard.has(name) || isHugePagesOfQuota(name)) return []
  return [invalid(path, name, 'must be a standard resource type or fully qualified')]
}

export function validateContainerResourceName(name: string, path: FieldPath): FieldError[] {
  if (ofContainers.has(name)) return []
  const errors = validateResourceName(name, path)
  if (!name.includes('/')) {
    if (!isHugePages(name)) errors.push(invalid(path, name, 'must be a standard resource for containers'))
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(invalid(path, name, "doesn't follow extended resource name standard"))
  }
  return errors
}

function validatePodResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateResourceName(name, path)
  if (errors.length > 0 || name === 'cpu' || name === 'memory' || isHugePages(name)) return errors
  return [notSupported(path, name, ['cpu', 'memory'])]
}

export function validateQuotaResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateResourceName(name, path)
  if (!name.includes('/') && !ofQuota.has(name) && !isHugePagesOfQuota(name)) {
    errors.push(invalid(path, name, 'must be a standard resource for quota'))
  }
  return errors
}

/** Not negative, and whole where the resource cannot be divided. */
export function validateResourceQuantity(name: string, value: string | number, path: FieldPath): FieldError[] {
  const errors = validateNonNegativeQuantity(value, path)
  if ((countedInWhole.has(name) || isExtendedResource(name)) && !isWhole(value)) {
    errors.push(invalid(path, value, 'must be an integer'))
  }
  return errors
}

function hugePagesProblem(name: string, value: string | number): string | undefined {
  if (!isHugePages(name)) return undefined
  const problem = `${value} is not positive integer multiple of ${name}`
  try {
    const size = parseQuantity(name.slice('hugepages-'.length)).nanos
    return size > 0n && parseQuantity(value).nanos % size === 0n ? undefined : problem
  } catch {
    // the name does not end in a quantity
    return problem
  }
}

/** Requests and limits of a container or of a pod as a whole. */
export function validateResources(
  resources: Resources,
  podClaims: ReadonlySet<string>,
  path: FieldPath,
  validateKey: typeof validateContainerResourceName = validateContainerResourceName,
): FieldError[] {
  const errors: FieldError[] = []
  const limitsPath = child(path, 'limits')
  const requestsPath = child(path, 'requests')
  let computes = false
  let hugePages = false
  const check = (name: string, value: string | number, here: FieldPath) => {
    errors.push(...validateKey(name, here), ...validateResourceQuantity(name, value, here))
    if (name === 'cpu' || name === 'memory') computes = true
    if (isHugePages(name)) hugePages = true
  }
  const checkPages = (name: string, value: string | number, here: FieldPath) => {
    const problem = hugePagesProblem(name, value)
    if (problem) errors.push(invalid(here, String(value), problem))
  }
  for (const name in resources.limits) {
    const value = resources.limits[name] ?? '0'
    check(name, value, at(limitsPath, name))
    checkPages(name, value, at(limitsPath, name))
  }
  for (const name in resources.requests) {
    const value = resources.requests[name] ?? '0'
    check(name, value, at(requestsPath, name))
    const limit = resources.limits?.[name]
    if (limit !== undefined) {
      const difference = compareQuantities(value, limit)
      if (difference !== 0 && !mayOvercommit(name)) {
        errors.push(invalid(requestsPath, String(value), `must be equal to ${name} limit of ${limit}`))
      } else if (difference > 0) {
        errors.push(invalid(requestsPath, String(value), `must be less than or equal to ${name} limit of ${limit}`))
      }
    } else if (!mayOvercommit(name)) {
      errors.push(required(limitsPath, 'Limit must be set for non overcommitable resources'))
    }
    checkPages(name, value, at(requestsPath, name))
  }
  if (hugePages && !computes) errors.push(forbidden(path, 'HugePages require cpu or memory'))
  errors.push(...validateClaims(resources.claims, podClaims, child(path, 'claims')))
  return errors
}

function validateClaims(claims: Resources['claims'], podClaims: ReadonlySet<string>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  claims?.forEach(({ name = '', request = '' }, i) => {
    const here = at(path, i)
    if (name === '') {
      errors.push(required(here))
      return
    }
    if (seen.has(name)) errors.push(duplicate(here, name))
    else {
      if (request !== '') errors.push(...validateName(dns1123Label, request, child(here, 'request')))
      const key = request === '' ? name : `${name}/${request}`
      if (seen.has(key)) errors.push(duplicate(here, key))
      else if (request === '' && [...seen].some((other) => other.startsWith(`${name}/`))) {
        errors.push(duplicate(here, name))
      }
      seen.add(key)
    }
    if (!podClaims.has(name)) {
      const error = notFound(here, name)
      const known = podClaims.size === 0 ? ' which is empty' : `: ${[...podClaims].sort().join(', ')}`
      const detail = `must be one of the names in pod.spec.resourceClaims${known}`
      errors.push({ ...error, message: `${error.message}: ${detail}` })
    }
  })
  return errors
}

export const validatePodLevelResources = (resources: Resources, podClaims: ReadonlySet<string>, path: FieldPath) =>
  validateResources(resources, podClaims, path, validatePodResourceName)
