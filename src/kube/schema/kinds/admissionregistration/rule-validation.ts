import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, duplicate, invalid, notSupported, required, tooMany } from '../../validation/field-error.ts'
import { qualifiedNameRule } from '../../validation/names.ts'
import { validateName } from '../../validation/rules.ts'

type Rule = Unchecked<k8s.RuleWithOperations>

export const failurePolicies = ['Fail', 'Ignore']
export const matchPolicies = ['Equivalent', 'Exact']
const operationsOfAll = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']

/** What requests of a webhook or a policy look like. */
export function validateRule(rule: Rule, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule
  const alone = (list: readonly (string | undefined)[], field: string, what: string): void => {
    if (list.length === 0) errors.push(required(child(path, field)))
    if (list.length > 1 && list.includes('*')) {
      errors.push(invalid(child(path, field), list, `if '*' is present, must not specify other ${what}`))
    }
  }
  alone(operations, 'operations', 'operations')
  operations.forEach((operation, i) => {
    if (!operationsOfAll.includes(operation)) {
      errors.push(notSupported(at(child(path, 'operations'), i), operation, operationsOfAll))
    }
  })
  alone(apiGroups, 'apiGroups', 'API groups')
  alone(apiVersions, 'apiVersions', 'API versions')
  apiVersions.forEach((version, i) => {
    if (version === '') errors.push(required(at(child(path, 'apiVersions'), i)))
  })
  errors.push(...validateRuleResources(resources, child(path, 'resources')))
  const scopes = ['*', 'Cluster', 'Namespaced']
  if (scope !== undefined && !scopes.includes(scope)) errors.push(notSupported(child(path, 'scope'), scope, scopes))
  return errors
}

function validateRuleResources(resources: readonly string[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (resources.length === 0) errors.push(required(path))
  const withAllSubresources = new Set<string>()
  const subresourcesOfAll = new Set<string>()
  let plain = false
  resources.forEach((text, i) => {
    const here = at(path, i)
    if (text === '') {
      errors.push(required(here))
      return
    }
    const slash = text.indexOf('/')
    if (slash < 0) {
      plain = text !== '*'
      return
    }
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)]
    if (withAllSubresources.has(resource)) {
      errors.push(invalid(here, text, `if '${resource}/*' is present, must not specify ${text}`))
    }
    if (subresourcesOfAll.has(subresource)) {
      errors.push(invalid(here, text, `if '*/${subresource}' is present, must not specify ${text}`))
    }
    if (subresource === '*') withAllSubresources.add(resource)
    if (resource === '*') subresourcesOfAll.add(subresource)
  })
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"))
  }
  if (resources.includes('*') && plain) {
    const sentence = "if '*' is present, must not specify other resources without subresources"
    errors.push(invalid(path, resources, sentence))
  }
  return errors
}

/** Conditions in CEL; whether the expressions compile is for who runs them. */
export function validateMatchConditions(
  conditions: readonly Unchecked<k8s.MatchCondition>[] | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  if (conditions && conditions.length > 64) errors.push(tooMany(path, conditions.length, 64))
  conditions?.forEach(({ name = '', expression = '' }, i) => {
    const here = at(path, i)
    if (expression.trim() === '') errors.push(required(child(here, 'expression')))
    if (name === '') errors.push(required(child(here, 'name')))
    else {
      errors.push(...validateName(qualifiedNameRule, name, child(here, 'name')))
      if (names.has(name)) errors.push(duplicate(child(here, 'name'), name))
      names.add(name)
    }
  })
  return errors
}
