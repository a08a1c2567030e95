import { goQuote } from '../../schema/index.ts'

/** A rule of a Role, as rbac.authorization.k8s.io/v1 has it. */
export interface PolicyRule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

const none: readonly string[] = []

const hasAll = (set: readonly string[], wanted: readonly string[]): boolean => wanted.every((one) => set.includes(one))

/** `/api/*` is every path that begins so. */
export function pathMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''))
}

/** What of `wanted` the rules do not allow, taken apart into single permissions. */
export function uncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((single) => !owned.some((rule) => covers(rule, single)))
}

function breakDown(rule: PolicyRule): PolicyRule[] {
  const singles: PolicyRule[] = []
  const { apiGroups = none, resources = none, resourceNames = none, nonResourceURLs = none, verbs } = rule
  for (const group of apiGroups)
    for (const resource of resources)
      for (const verb of verbs) {
        const single = { apiGroups: [group], resources: [resource], verbs: [verb] }
        if (resourceNames.length === 0) singles.push(single)
        else for (const name of resourceNames) singles.push({ ...single, resourceNames: [name] })
      }
  for (const path of nonResourceURLs) for (const verb of verbs) singles.push({ nonResourceURLs: [path], verbs: [verb] })
  return singles
}

function covers(owner: PolicyRule, single: PolicyRule): boolean {
  const { apiGroups = none, resources = none, resourceNames = none, nonResourceURLs = none, verbs } = owner
  const names = single.resourceNames ?? none
  return (
    (verbs.includes('*') || hasAll(verbs, single.verbs)) &&
    (apiGroups.includes('*') || hasAll(apiGroups, single.apiGroups ?? none)) &&
    (single.resources ?? none).every((resource) => coversResource(resources, resource)) &&
    (resourceNames.length === 0 || (names.length > 0 && hasAll(resourceNames, names))) &&
    (single.nonResourceURLs ?? none).every((path) => nonResourceURLs.some((own) => pathMatches(own, path)))
  )
}

function coversResource(owned: readonly string[], resource: string): boolean {
  if (owned.includes('*') || owned.includes(resource)) return true
  const slash = resource.indexOf('/')
  return slash >= 0 && owned.includes(`*/${resource.slice(slash + 1)}`)
}

/** Joins the verbs of permissions on one resource. */
export function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const result: PolicyRule[] = []
  const simple = new Map<string, PolicyRule>()
  for (const rule of rules) {
    if (rule.nonResourceURLs) {
      result.push(rule)
      continue
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames])
    const known = simple.get(key)
    simple.set(key, known ? { ...known, verbs: [...known.verbs, ...rule.verbs] } : rule)
  }
  return [...result, ...simple.values()]
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}` */
export function ruleText(rule: PolicyRule): string {
  const parts: string[] = []
  const add = (name: string, values: readonly string[] | undefined) => {
    if (values && values.length > 0) parts.push(`${name}:[${values.map(goQuote).join(' ')}]`)
  }
  add('APIGroups', rule.apiGroups)
  add('Resources', rule.resources)
  add('NonResourceURLs', rule.nonResourceURLs)
  add('ResourceNames', rule.resourceNames)
  add('Verbs', rule.verbs)
  return `{${parts.join(', ')}}`
}
