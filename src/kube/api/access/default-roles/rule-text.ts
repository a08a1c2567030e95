import type { PolicyRule } from '../policy-rule.ts'

/** A default cluster role. `aggregates: 'edit'` gathers the rules of the roles with `aggregateTo: 'edit'`. */
export interface DefaultRole {
  readonly aggregateTo?: string
  readonly aggregates?: string
  readonly rules: readonly string[]
}

/**
 * A rule in one line: `verbs groups resources =names` (`get,list core pods,pods/log`), or `verbs paths`
 * (`get /healthz,/livez`). The group `core` is the one without a name.
 */
export function ruleOf(text: string): PolicyRule {
  const [verbs = '', second = '', third, names] = text.split(' ')
  if (third === undefined) return { nonResourceURLs: second.split(','), verbs: verbs.split(',') }
  return {
    apiGroups: second.split(',').map((group) => (group === 'core' ? '' : group)),
    ...(names === undefined ? {} : { resourceNames: names.slice(1).split(',') }),
    resources: third.split(','),
    verbs: verbs.split(','),
  }
}
