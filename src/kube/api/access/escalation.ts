import { goQuote, type KubeObject, sameJson } from '../../schema/index.ts'
import type { AdmissionRequest, Attributes, Authorize, UserInfo } from '../contract.ts'
import { badRequest, forbidden, notFound } from '../errors.ts'
import { compact, type PolicyRule, ruleText, uncovered } from './policy-rule.ts'
import type { Rbac, RoleRef } from './rbac.ts'

const group = 'rbac.authorization.k8s.io'

/**
 * Nobody gives away more than they have: a role may only allow what its writer may do, and be bound only by those who
 * have its permissions, unless they hold the verbs `escalate` or `bind`.
 * @throws StatusError 403
 */
export async function checkEscalation(rbac: Rbac, authorize: Authorize, request: AdmissionRequest): Promise<void> {
  const { resource, user, operation, subresource } = request
  if (resource.group !== group || subresource !== '' || (operation !== 'CREATE' && operation !== 'UPDATE')) return
  if (user.groups.includes('system:masters')) return
  const object = request.object as unknown as KubeObject
  const old = request.oldObject as unknown as KubeObject | undefined
  if (old && changesOnlyOwners(object, old)) return
  switch (resource.resource) {
    case 'roles':
    case 'clusterroles':
      return checkRole(rbac, authorize, request, object, old)
    case 'rolebindings':
    case 'clusterrolebindings':
      return checkBinding(rbac, authorize, request, object)
  }
}

/** What garbage collection needs is anybody's to change. */
function changesOnlyOwners(object: KubeObject, old: KubeObject): boolean {
  const bare = ({ metadata, ...rest }: KubeObject) => {
    const { ownerReferences: _, finalizers: __, managedFields: ___, resourceVersion: ____, ...fields } = metadata
    return { ...rest, metadata: fields }
  }
  return sameJson(bare(object), bare(old))
}

async function checkRole(
  rbac: Rbac,
  authorize: Authorize,
  request: AdmissionRequest,
  object: KubeObject,
  old: KubeObject | undefined,
): Promise<void> {
  const { user, resource, namespace, name } = request
  const rules = (object.rules as PolicyRule[] | undefined) ?? []
  if (old && sameJson(rules, old.rules ?? []) && sameJson(object.aggregationRule, old.aggregationRule)) return
  if (await may(authorize, user, 'escalate', resource.resource, namespace, old ? name : '')) return
  if (resource.resource === 'clusterroles' && hasAggregation(object)) {
    const all: PolicyRule[] = [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ]
    const missing = uncovered(rbac.rulesFor(user, ''), all)
    if (missing.length > 0)
      throw forbidden(
        `${text(resource.resource, object)} is forbidden: must have cluster-admin privileges to use an aggregationRule: ${escalationText(user, missing)}`,
        resource,
        object.metadata.name,
      )
  }
  refuse(rbac, request, object, rules)
}

const hasAggregation = ({ aggregationRule }: KubeObject): boolean =>
  ((aggregationRule as { clusterRoleSelectors?: unknown[] } | undefined)?.clusterRoleSelectors?.length ?? 0) > 0

async function checkBinding(
  rbac: Rbac,
  authorize: Authorize,
  request: AdmissionRequest,
  object: KubeObject,
): Promise<void> {
  const { user, namespace, resource } = request
  const ref = object.roleRef as RoleRef | undefined
  if (!ref) return
  if (resource.resource === 'rolebindings' && namespace === '') throw badRequest('namespace is required')
  const target = ref.kind === 'Role' ? 'roles' : 'clusterroles'
  if (await may(authorize, user, 'bind', target, namespace, ref.name)) return
  const rules = rbac.resolve(ref, namespace)
  if (typeof rules === 'string') throw notFound({ group, resource: ref.kind.toLowerCase() }, ref.name)
  refuse(rbac, request, object, rules)
}

async function may(
  authorize: Authorize,
  user: UserInfo,
  verb: string,
  resource: string,
  namespace: string,
  name: string,
): Promise<boolean> {
  const attributes: Attributes = {
    user,
    verb,
    resourceRequest: true,
    apiGroup: group,
    apiVersion: '*',
    resource,
    subresource: '',
    namespace,
    name,
    path: '',
  }
  return (await authorize(attributes)).allowed
}

const text = (resource: string, { metadata }: KubeObject) => `${resource}.${group} ${goQuote(metadata.name ?? '')}`

function refuse(rbac: Rbac, request: AdmissionRequest, object: KubeObject, rules: readonly PolicyRule[]): void {
  const { user, namespace, resource } = request
  const missing = uncovered(rbac.rulesFor(user, namespace), rules)
  if (missing.length === 0) return
  throw forbidden(
    `${text(resource.resource, object)} is forbidden: ${escalationText(user, missing)}`,
    resource,
    object.metadata.name,
  )
}

function escalationText(user: UserInfo, missing: readonly PolicyRule[]): string {
  const lines = [...new Set(compact(missing).map(ruleText))].sort()
  return `user ${goQuote(user.name)} (groups=[${user.groups.map(goQuote).join(' ')}]) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}`
}
