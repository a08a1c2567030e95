import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, invalid, required } from '../../validation/field-error.ts'
import { immutableMessage } from '../../validation/object-meta.ts'
import { validateQuotaResourceName, validateResourceQuantity } from './pod-validation/resources.ts'

type Quota = Unchecked<k8s.ResourceQuota>
type Spec = Unchecked<k8s.ResourceQuotaSpec>
type ResourceList = Spec['hard']

const ofPods = new Set(['pods', 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'])
const ofClaims = new Set(['persistentvolumeclaims', 'requests.storage'])
const standardResources = new Set([
  ...ofPods,
  ...ofClaims,
  'ephemeral-storage',
  'requests.ephemeral-storage',
  'limits.ephemeral-storage',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
])

const countable: Readonly<Record<string, (resource: string) => boolean>> = {
  Terminating: (resource) => ofPods.has(resource),
  NotTerminating: (resource) => ofPods.has(resource),
  NotBestEffort: (resource) => ofPods.has(resource),
  PriorityClass: (resource) => ofPods.has(resource),
  CrossNamespacePodAffinity: (resource) => ofPods.has(resource),
  BestEffort: (resource) => resource === 'pods',
  VolumeAttributesClass: (resource) => ofClaims.has(resource),
}

const isStandard = (name: string): boolean =>
  standardResources.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')

/** Whether every resource of the quota can be counted for that scope. */
const fits = (scope: string, hard: ResourceList): boolean =>
  Object.keys(hard ?? {}).every((name) => !isStandard(name) || (countable[scope]?.(name) ?? true))

const conflicts = (scopes: readonly string[]): number =>
  [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ].filter((pair) => pair.every((scope) => scopes.includes(scope))).length

function validateList(list: ResourceList, path: FieldPath): FieldError[] {
  return Object.entries(list ?? {}).flatMap(([name, value = '0']) => [
    ...validateQuotaResourceName(name, at(path, name)),
    ...validateResourceQuantity(name, value, at(path, name)),
  ])
}

function validateScopes({ scopes = [], hard }: Spec): FieldError[] {
  const path = 'spec.scopes'
  const errors: FieldError[] = []
  for (const scope of scopes) {
    if (!countable[scope]) errors.push(invalid(path, scopes, 'unsupported scope'))
    if (!fits(scope, hard)) errors.push(invalid(path, scopes, 'unsupported scope applied to resource'))
  }
  for (let i = 0; i < conflicts(scopes); i++) errors.push(invalid(path, scopes, 'conflicting scopes'))
  return errors
}

const existsOnly = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']

function validateScopeSelector({ scopeSelector, scopes = [], hard }: Spec): FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions'
  const errors: FieldError[] = []
  const found: string[] = []
  for (const { scopeName = '', operator = '', values = [] } of scopeSelector?.matchExpressions ?? []) {
    found.push(scopeName)
    if (!countable[scopeName]) errors.push(invalid(`${path}.scopeName`, scopeName, 'unsupported scope'))
    if (!fits(scopeName, hard)) {
      const shown = (scopeSelector?.matchExpressions ?? []).map((e) => ({
        ScopeName: e.scopeName ?? '',
        Operator: e.operator ?? '',
        Values: e.values ?? null,
      }))
      errors.push(invalid(path, { MatchExpressions: shown }, 'unsupported scope applied to resource'))
    }
    if (existsOnly.includes(scopeName) && operator !== 'Exists') {
      errors.push(
        invalid(
          `${path}.operator`,
          operator,
          "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
        ),
      )
    }
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        const sentence = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
        errors.push(required(`${path}.values`, sentence))
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        const sentence = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
        errors.push(invalid(`${path}.values`, values, sentence))
      }
    } else errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  }
  for (let i = 0; i < conflicts(found); i++) errors.push(invalid(path, scopes, 'conflicting scopes'))
  return errors
}

function validateSpec(spec: Spec): FieldError[] {
  return [...validateList(spec.hard, 'spec.hard'), ...validateScopes(spec), ...validateScopeSelector(spec)]
}

export const validateQuota = ({ spec = {}, status }: Quota): FieldError[] => [
  ...validateSpec(spec),
  ...validateQuotaStatus({ status }),
]

export function validateQuotaUpdate({ spec = {} }: Quota, old: Quota): FieldError[] {
  const errors = validateSpec(spec)
  const [now, before] = [new Set(spec.scopes), new Set(old.spec?.scopes)]
  if (now.size !== before.size || [...now].some((scope) => !before.has(scope))) {
    errors.push(invalid('spec.scopes', spec.scopes ?? null, immutableMessage))
  }
  return errors
}

export const validateQuotaStatus = ({ status }: Pick<Quota, 'status'>): FieldError[] => [
  ...validateList(status?.hard, 'status.hard'),
  ...validateList(status?.used, 'status.used'),
]
