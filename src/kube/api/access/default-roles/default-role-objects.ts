import type { KubeObject } from '../../../schema/index.ts'
import type { PolicyRule } from '../policy-rule.ts'
import { clusterRoleBindings } from './cluster-role-bindings.ts'
import { clusterRoles } from './cluster-roles.ts'
import { controllerRoles } from './controller-roles.ts'
import { namespaceRoleBindings, namespaceRoles } from './namespace-roles.ts'
import { type DefaultRole, ruleOf } from './rule-text.ts'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'
const aggregateTo = (name: string) => `rbac.authorization.k8s.io/aggregate-to-${name}`

const metadataOf = (name: string, namespace?: string, labels: Record<string, string> = {}) => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
})

function subjectOf(text: string): Record<string, string> {
  const [kind = '', name = ''] = text.split(' ')
  if (kind !== 'ServiceAccount') return { kind, apiGroup, name }
  const [namespace = '', account = ''] = name.split('/')
  return { kind, name: account, namespace }
}

const controllerPrefix = 'system:controller:'

/** The default roles and bindings of RBAC, by resource, as they are stored. */
export function defaultRoleObjects(): Readonly<Record<string, KubeObject[]>> {
  return {
    clusterroles: [
      ...Object.entries(clusterRoles).map(([name, role]) => clusterRole(name, role)),
      ...Object.entries(controllerRoles).map(([name, rules]) => clusterRole(controllerPrefix + name, { rules })),
    ],
    clusterrolebindings: [
      ...Object.entries(clusterRoleBindings).map(([name, subjects]) =>
        binding('ClusterRole', metadataOf(name), name, subjects),
      ),
      ...Object.keys(controllerRoles).map((name) =>
        binding('ClusterRole', metadataOf(controllerPrefix + name), controllerPrefix + name, [
          `ServiceAccount kube-system/${name}`,
        ]),
      ),
    ],
    roles: Object.entries(namespaceRoles).map(([key, rules]) => {
      const [namespace = '', name = ''] = key.split(' ')
      return { apiVersion, kind: 'Role', metadata: metadataOf(name, namespace), rules: rules.map(ruleOf) }
    }),
    rolebindings: Object.entries(namespaceRoleBindings).map(([key, subjects]) => {
      const [namespace = '', name = '', role = ''] = key.split(' ')
      return binding('Role', metadataOf(name, namespace), role, subjects)
    }),
  }
}

function clusterRole(name: string, role: DefaultRole): KubeObject {
  const labels = role.aggregateTo === undefined ? {} : { [aggregateTo(role.aggregateTo)]: 'true' }
  const metadata = metadataOf(name, undefined, labels)
  const { aggregates } = role
  if (aggregates === undefined) return { apiVersion, kind: 'ClusterRole', metadata, rules: role.rules.map(ruleOf) }
  const clusterRoleSelectors = [{ matchLabels: { [aggregateTo(aggregates)]: 'true' } }]
  const rules = aggregated(aggregates)
  return { apiVersion, kind: 'ClusterRole', metadata, aggregationRule: { clusterRoleSelectors }, rules }
}

/** What the aggregation loop would gather, in its order. */
function aggregated(to: string): PolicyRule[] {
  const rules = Object.entries(clusterRoles)
    .filter(([, role]) => role.aggregateTo === to)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, role]) => (role.aggregates === undefined ? role.rules.map(ruleOf) : aggregated(role.aggregates)))
  const seen = new Set<string>()
  return rules.filter((rule) => {
    const text = JSON.stringify(rule)
    return !seen.has(text) && seen.add(text)
  })
}

function binding(roleKind: string, metadata: object, role: string, subjects: readonly string[]): KubeObject {
  return {
    apiVersion,
    kind: roleKind === 'Role' ? 'RoleBinding' : 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup, kind: roleKind, name: role },
    ...(subjects.length > 0 ? { subjects: subjects.map(subjectOf) } : {}),
  }
}
