import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, invalid, notSupported, required } from '../../validation/field-error.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { dns1123Subdomain, pathSegmentName } from '../../validation/names.ts'
import { validateName } from '../../validation/rules.ts'
import { sameJson } from '../../validation/same-json.ts'

type Rule = Unchecked<k8s.PolicyRule>
type Binding = Unchecked<k8s.RoleBinding>

const group = 'rbac.authorization.k8s.io'

export const validateRole = ({ rules }: Unchecked<k8s.Role>): FieldError[] =>
  (rules ?? []).flatMap((rule, i) => validateRule(rule, true, at('rules', i)))

export function validateClusterRole({ rules, aggregationRule }: Unchecked<k8s.ClusterRole>): FieldError[] {
  const errors = (rules ?? []).flatMap((rule, i) => validateRule(rule, false, at('rules', i)))
  if (!aggregationRule) return errors
  const selectors = aggregationRule.clusterRoleSelectors ?? []
  const path = 'aggregationRule.clusterRoleSelectors'
  if (selectors.length === 0) {
    errors.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'))
  }
  return [...errors, ...selectors.flatMap((selector, i) => validateLabelSelector(selector, at(path, i)))]
}

/** A rule; whoever asks for access reviews checks them with this too. */
export function validateRule(rule: Rule, namespaced: boolean, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { verbs, nonResourceURLs = [], apiGroups = [], resources = [], resourceNames = [] } = rule
  if ((verbs?.length ?? 0) === 0) errors.push(required(child(path, 'verbs'), 'verbs must contain at least one value'))
  if (nonResourceURLs.length > 0) {
    const here = child(path, 'nonResourceURLs')
    if (namespaced) errors.push(invalid(here, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'))
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0) {
      const sentence = 'rules cannot apply to both regular resources and non-resource URLs'
      errors.push(invalid(here, nonResourceURLs, sentence))
    }
    return errors
  }
  if (apiGroups.length === 0) {
    errors.push(required(child(path, 'apiGroups'), 'resource rules must supply at least one api group'))
  }
  if (resources.length === 0) {
    errors.push(required(child(path, 'resources'), 'resource rules must supply at least one resource'))
  }
  return errors
}

export const validateRoleBinding = (binding: Binding): FieldError[] =>
  validateBinding(binding, ['Role', 'ClusterRole'], true)
export const validateClusterRoleBinding = (binding: Unchecked<k8s.ClusterRoleBinding>): FieldError[] =>
  validateBinding(binding, ['ClusterRole'], false)

function validateBinding({ roleRef, subjects }: Binding, kinds: readonly string[], namespaced: boolean): FieldError[] {
  const errors: FieldError[] = []
  const { apiGroup = '', kind = '', name = '' } = roleRef ?? {}
  if (apiGroup !== group) errors.push(notSupported('roleRef.apiGroup', apiGroup, [group]))
  if (!kinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, kinds))
  if (name === '') errors.push(required('roleRef.name'))
  else errors.push(...validateName(pathSegmentName, name, 'roleRef.name'))
  subjects?.forEach((subject, i) => {
    errors.push(...validateSubject(subject, namespaced, at('subjects', i)))
  })
  return errors
}

function validateSubject(
  { kind = '', name = '', apiGroup = '', namespace = '' }: Unchecked<k8s.RbacV1Subject>,
  namespaced: boolean,
  path: FieldPath,
): FieldError[] {
  const errors = name === '' ? [required(child(path, 'name'))] : []
  if (kind === 'ServiceAccount') {
    if (name !== '') errors.push(...validateName(dns1123Subdomain, name, child(path, 'name')))
    if (apiGroup !== '') errors.push(notSupported(child(path, 'apiGroup'), apiGroup, ['']))
    if (!namespaced && namespace === '') errors.push(required(child(path, 'namespace')))
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== group) errors.push(notSupported(child(path, 'apiGroup'), apiGroup, [group]))
  } else errors.push(notSupported(child(path, 'kind'), kind, ['ServiceAccount', 'User', 'Group']))
  return errors
}

/** Which role a binding gives is decided once and for all. */
export function validateSameRole(binding: Binding, old: Binding): FieldError[] {
  if (sameJson(binding.roleRef, old.roleRef)) return []
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef ?? {}
  return [invalid('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')]
}
