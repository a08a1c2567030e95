import { goQuote, type KubeObject } from '../../schema/index.ts'
import type { Attributes, Decision, UserInfo } from '../contract.ts'
import type { LiveObjects } from './live-objects.ts'
import { type PolicyRule, pathMatches } from './policy-rule.ts'

export interface Subject {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

export interface RoleRef {
  readonly apiGroup: string
  readonly kind: string
  readonly name: string
}

export type RbacObjects = Readonly<
  Record<'clusterroles' | 'clusterrolebindings' | 'roles' | 'rolebindings', LiveObjects>
>

/** Called for each rule that a user has; false: enough. `source` says in words which binding gives it. */
type Visitor = (rule: PolicyRule, source: () => string) => boolean

/** Role based access control over the roles and bindings that are stored. */
export class Rbac {
  readonly #objects: RbacObjects

  constructor(objects: RbacObjects) {
    this.#objects = objects
  }

  authorize(attributes: Attributes): Decision {
    let decision: Decision | undefined
    const errors = this.visit(attributes.user, attributes.namespace, (rule, source) => {
      if (!ruleAllows(rule, attributes)) return true
      decision = { allowed: true, reason: `RBAC: allowed by ${source()}` }
      return false
    })
    if (decision) return decision
    if (errors.length === 0) return { allowed: false }
    const texts = [...new Set(errors)]
    return { allowed: false, reason: `RBAC: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}` }
  }

  rulesFor(user: UserInfo, namespace: string): PolicyRule[] {
    const rules: PolicyRule[] = []
    this.visit(user, namespace, (rule) => rules.push(rule) > 0)
    return rules
  }

  /** The rules behind a reference, or the sentence that says why there are none. */
  resolve({ kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | string {
    const isRole = kind === 'Role'
    const { roles, clusterroles } = this.#objects
    const role = isRole ? roles.get(`${namespace}/${name}`) : clusterroles.get(name)
    if (!role) return `${isRole ? 'role' : 'clusterrole'}.rbac.authorization.k8s.io ${goQuote(name)} not found`
    return (role.rules as PolicyRule[] | undefined) ?? []
  }

  /** Every rule of a user in a namespace ('': at the cluster scope). Answers with why some could not be found. */
  visit(user: UserInfo, namespace: string, visitor: Visitor): string[] {
    const errors: string[] = []
    const look = (binding: KubeObject, where: string): boolean => {
      const subject = (binding.subjects as Subject[] | undefined)?.find((one) => appliesTo(user, one, where))
      if (!subject) return true
      const rules = this.resolve(binding.roleRef as RoleRef, where)
      if (typeof rules === 'string') {
        errors.push(rules)
        return true
      }
      return rules.every((rule) => visitor(rule, () => describe(binding, subject)))
    }
    for (const binding of this.#objects.clusterrolebindings.all()) if (!look(binding, '')) return errors
    if (namespace === '') return errors
    for (const binding of this.#objects.rolebindings.in(namespace)) if (!look(binding, namespace)) return errors
    return errors
  }
}

function appliesTo(user: UserInfo, subject: Subject, namespace: string): boolean {
  switch (subject.kind) {
    case 'User':
      return user.name === subject.name
    case 'Group':
      return user.groups.includes(subject.name)
    case 'ServiceAccount': {
      const home = subject.namespace || namespace
      return home !== '' && user.name === `system:serviceaccount:${home}:${subject.name}`
    }
    default:
      return false
  }
}

function describe({ kind, metadata, roleRef }: KubeObject, subject: Subject): string {
  const { namespace, name = '' } = metadata
  const ref = roleRef as RoleRef
  const home = subject.namespace || namespace || ''
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${home}` : subject.name
  const own = namespace === undefined ? name : `${name}/${namespace}`
  return `${kind} ${goQuote(own)} of ${ref.kind} ${goQuote(ref.name)} to ${subject.kind} ${goQuote(who)}`
}

const has = (values: readonly string[] | undefined, wanted: string): boolean => values?.includes(wanted) ?? false

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  const { verb, resourceRequest, path, apiGroup, resource, subresource, name } = attributes
  if (!has(rule.verbs, '*') && !has(rule.verbs, verb)) return false
  if (!resourceRequest) return rule.nonResourceURLs?.some((pattern) => pathMatches(pattern, path)) ?? false
  if (!has(rule.apiGroups, '*') && !has(rule.apiGroups, apiGroup)) return false
  const target = subresource === '' ? resource : `${resource}/${subresource}`
  const isNamed = has(rule.resources, '*') || has(rule.resources, target)
  if (!isNamed && (subresource === '' || !has(rule.resources, `*/${subresource}`))) return false
  const { resourceNames = [] } = rule
  return resourceNames.length === 0 || resourceNames.includes(name)
}
