import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, forbidden, invalid, notSupported, required } from '../../validation/field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../validation/names.ts'
import { validateName } from '../../validation/rules.ts'
import { validateConditionTypes } from './condition-types.ts'

type Schema = Unchecked<k8s.FlowSchema>
type Subject = Unchecked<k8s.Subject>
type List = readonly (string | undefined)[] | null | undefined

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']

export function validateFlowSchema({ metadata, spec = {}, status }: Schema): FieldError[] {
  const errors: FieldError[] = []
  const { matchingPrecedence: precedence = 0, distinguisherMethod, rules } = spec
  const here = 'spec.matchingPrecedence'
  if (precedence <= 0) errors.push(invalid(here, precedence, 'must be a positive value'))
  if (precedence > 10000) errors.push(invalid(here, precedence, 'must not be greater than 10000'))
  if (precedence === 1 && metadata?.name !== 'exempt') {
    errors.push(invalid(here, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"))
  }
  const methods = ['ByNamespace', 'ByUser']
  if (distinguisherMethod && !methods.includes(distinguisherMethod.type ?? '')) {
    const shown = { Type: distinguisherMethod.type ?? '' }
    errors.push(notSupported('spec.distinguisherMethod.type', shown, methods))
  }
  const level = spec.priorityLevelConfiguration?.name ?? ''
  const where = 'spec.priorityLevelConfiguration.name'
  if (level === '') errors.push(required(where, 'must reference a priority level'))
  else errors.push(...validateName(dns1123Subdomain, level, where))
  rules?.forEach((rule, i) => {
    errors.push(...validateRule(rule, at('spec.rules', i)))
  })
  return [...errors, ...validateConditionTypes(status?.conditions)]
}

function validateRule(rule: Unchecked<k8s.PolicyRulesWithSubjects>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { subjects, resourceRules, nonResourceRules } = rule
  if ((subjects?.length ?? 0) === 0) {
    errors.push(required(child(path, 'subjects'), 'subjects must contain at least one value'))
  }
  subjects?.forEach((subject, i) => {
    errors.push(...validateSubject(subject, at(child(path, 'subjects'), i)))
  })
  if ((resourceRules?.length ?? 0) === 0 && (nonResourceRules?.length ?? 0) === 0) {
    errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  }
  resourceRules?.forEach((resources, i) => {
    errors.push(...validateResourceRule(resources, at(child(path, 'resourceRules'), i)))
  })
  nonResourceRules?.forEach((urls, i) => {
    const here = at(child(path, 'nonResourceRules'), i)
    errors.push(...validateVerbs(urls.verbs, here))
    const missing = 'nonResourceURLs must contain at least one value'
    errors.push(...validateAlone(urls.nonResourceURLs, child(here, 'nonResourceURLs'), missing, 'non-resource URLs'))
    if (urls.nonResourceURLs?.includes('*')) return
    urls.nonResourceURLs?.forEach((url, j) => {
      errors.push(...validateUrlPath(url, at(child(here, 'nonResourceURLs'), j)))
    })
  })
  return errors
}

const fieldOfKind = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const

function validateSubject(subject: Subject, path: FieldPath): FieldError[] {
  const kinds = Object.keys(fieldOfKind)
  const kind = subject.kind as keyof typeof fieldOfKind
  if (!kinds.includes(kind)) return [notSupported(child(path, 'kind'), subject.kind ?? '', kinds)]
  const field = fieldOfKind[kind]
  const errors: FieldError[] = []
  const given: { name?: string | undefined; namespace?: string | undefined } | undefined = subject[field]
  if (!given) errors.push(required(child(path, field), `${field} is required when subject kind is '${kind}'`))
  else {
    const { name = '', namespace = '' } = given
    if (name === '') errors.push(required(child(path, field, 'name')))
    if (kind === 'ServiceAccount') {
      if (name !== '' && name !== '*') errors.push(...validateName(dns1123Subdomain, name, child(path, field, 'name')))
      const here = child(path, field, 'namespace')
      if (namespace === '') errors.push(required(here, 'must specify namespace for service account'))
      else errors.push(...validateName(dns1123Label, namespace, here))
    }
  }
  for (const [other, otherField] of [
    ['ServiceAccount', 'serviceAccount'],
    ['User', 'user'],
    ['Group', 'group'],
  ] as const) {
    if (otherField !== field && subject[otherField]) {
      const sentence = `${otherField} is forbidden when subject kind is not '${other}'`
      errors.push(forbidden(child(path, otherField), sentence))
    }
  }
  return errors
}

function validateAlone(list: List, path: FieldPath, missing: string, what: string): FieldError[] {
  if (!list || list.length === 0) return [required(path, missing)]
  if (list.length === 1 || !list.includes('*')) return []
  return [invalid(path, list, `if '*' is present, must not specify other ${what}`)]
}

function validateVerbs(given: List, path: FieldPath): FieldError[] {
  const here = child(path, 'verbs')
  const errors = validateAlone(given, here, 'verbs must contain at least one value', 'verbs')
  if (given?.includes('*') || (given ?? []).every((verb) => verbs.includes(verb ?? ''))) return errors
  return [...errors, notSupported(here, given, verbs)]
}

function validateResourceRule(rule: Unchecked<k8s.ResourcePolicyRule>, path: FieldPath): FieldError[] {
  const errors = validateVerbs(rule.verbs, path)
  const groups = 'resource rules must supply at least one api group'
  errors.push(...validateAlone(rule.apiGroups, child(path, 'apiGroups'), groups, 'api groups'))
  const resources = 'resource rules must supply at least one resource'
  errors.push(...validateAlone(rule.resources, child(path, 'resources'), resources, 'resources'))
  const here = child(path, 'namespaces')
  const namespaces = rule.namespaces ?? []
  if (namespaces.length === 0) {
    const missing = 'resource rules that are not cluster scoped must supply at least one namespace'
    return rule.clusterScope ? errors : [...errors, required(here, missing)]
  }
  errors.push(...validateAlone(namespaces, here, '', 'namespaces'))
  if (namespaces.includes('*')) return errors
  namespaces.forEach((namespace, i) => {
    const wrong = dns1123Label(namespace)
    const intro = "each member of this list must be '*' or a DNS-1123 label; "
    for (const problem of wrong) errors.push(invalid(at(here, i), namespace, intro + problem))
  })
  return errors
}

function validateUrlPath(url: string, path: FieldPath): FieldError[] {
  if (url === '') return [invalid(path, url, 'must not be empty')]
  if (url === '/') return []
  if (!url.startsWith('/')) return [invalid(path, url, 'must start with slash')]
  if (url.includes(' ')) return [invalid(path, url, 'must not contain white-space')]
  if (url.includes('//')) return [invalid(path, url, 'must not contain double slash')]
  const stars = url.split('*').length - 1
  const bad = stars > 1 || (stars === 1 && !url.endsWith('/*'))
  return bad ? [invalid(path, url, 'wildcard can only do suffix matching')] : []
}
