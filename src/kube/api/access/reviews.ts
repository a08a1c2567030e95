import { invalid as invalidField, type JsonObject } from '../../schema/index.ts'
import type { Attributes, Authorize, UserInfo, VirtualCreate } from '../contract.ts'
import { badRequest, invalid } from '../errors.ts'
import { nodeNameOf } from './node-authorizer.ts'
import type { PolicyRule } from './policy-rule.ts'
import type { Rbac } from './rbac.ts'
import { type ServiceAccountTokens, TokenRefused } from './service-account-tokens.ts'

interface ReviewSpec {
  readonly resourceAttributes?: Readonly<Record<string, string | undefined>>
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string }
  readonly user?: string
  readonly groups?: readonly string[]
  readonly uid?: string
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

const specOf = (object: JsonObject) => (object.spec ?? {}) as unknown as ReviewSpec

/** The reviews of authorization.k8s.io and authentication.k8s.io. */
export function reviews(authorize: Authorize, rbac: Rbac, tokens: ServiceAccountTokens): Record<string, VirtualCreate> {
  const answer = async (object: JsonObject, user: UserInfo): Promise<JsonObject> => {
    const { allowed, reason } = await authorize(attributesOf(specOf(object), user))
    return { ...object, status: { allowed, ...(reason ? { reason } : {}) } }
  }
  const other = (object: JsonObject): UserInfo => {
    const { user = '', groups = [], uid, extra } = specOf(object)
    return { name: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) }
  }
  return {
    'authorization.k8s.io/selfsubjectaccessreviews': ({ object, user }) => answer(object, user),
    'authorization.k8s.io/subjectaccessreviews': ({ object }) => answer(object, other(object)),
    'authorization.k8s.io/localsubjectaccessreviews': ({ object, namespace }) => {
      const asked = specOf(object).resourceAttributes?.namespace ?? ''
      if (namespace === '') throw badRequest('namespace is required on this type: ')
      if (asked !== namespace) throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`)
      return answer(object, other(object))
    },
    'authorization.k8s.io/selfsubjectrulesreviews': ({ object, user }) => rulesReview(rbac, object, user),
    'authentication.k8s.io/selfsubjectreviews': ({ object, user }) => ({
      ...object,
      status: { userInfo: userInfoOf(user) },
    }),
    'authentication.k8s.io/tokenreviews': ({ object }) => tokenReview(tokens, object),
  }
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: ReviewSpec, user: UserInfo): Attributes {
  const { verb = '', group = '', version = '', resource = '' } = resourceAttributes ?? {}
  const { subresource = '', namespace = '', name = '' } = resourceAttributes ?? {}
  return {
    user,
    verb: resourceAttributes ? verb : (nonResourceAttributes?.verb ?? ''),
    resourceRequest: resourceAttributes !== undefined,
    apiGroup: group,
    apiVersion: version === '' ? '*' : version,
    resource,
    subresource,
    namespace,
    name,
    path: nonResourceAttributes?.path ?? '',
  }
}

function rulesReview(rbac: Rbac, object: JsonObject, user: UserInfo): JsonObject {
  const namespace = (object.spec as { namespace?: string } | undefined)?.namespace ?? ''
  if (namespace === '')
    throw invalid({ group: 'authorization.k8s.io', kind: 'SelfSubjectRulesReview' }, '', [
      invalidField('spec.namespace', '', 'namespace is required'),
    ])
  const rules = rbac.rulesFor(user, namespace)
  const isNode = nodeNameOf(user) !== undefined
  return {
    ...object,
    status: {
      resourceRules: rules.filter(({ resources = [] }) => resources.length > 0).map(resourceRule),
      nonResourceRules: rules
        .filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
        .map(({ verbs, nonResourceURLs = [] }) => ({ verbs: [...verbs], nonResourceURLs: [...nonResourceURLs] })),
      incomplete: isNode,
      ...(isNode ? { evaluationError: 'node authorizer does not support user rule resolution' } : {}),
    },
  }
}

function resourceRule({ verbs, apiGroups = [], resources = [], resourceNames = [] }: PolicyRule): JsonObject {
  return {
    verbs: [...verbs],
    apiGroups: [...apiGroups],
    resources: [...resources],
    ...(resourceNames.length > 0 ? { resourceNames: [...resourceNames] } : {}),
  }
}

/** As authentication.k8s.io/v1 UserInfo. */
export function userInfoOf({ name, uid, groups, extra }: UserInfo): JsonObject {
  return {
    ...(name === '' ? {} : { username: name }),
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups: [...groups] } : {}),
    ...(extra && Object.keys(extra).length > 0
      ? { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }
      : {}),
  }
}

async function tokenReview(tokens: ServiceAccountTokens, object: JsonObject): Promise<JsonObject> {
  const { token = '', audiences } = (object.spec ?? {}) as { token?: string; audiences?: string[] }
  if (token === '') throw badRequest('token is required for TokenReview in authentication')
  const asked = audiences && audiences.length > 0 ? audiences : tokens.audiences
  try {
    const found = await tokens.check(token, asked)
    if (!found) return { ...object, status: { user: {}, error: 'invalid bearer token' } }
    return {
      ...object,
      status: { authenticated: true, user: userInfoOf(found.user), audiences: found.audiences },
    }
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error
    const text = error.message.startsWith('[') ? error.message : `[invalid bearer token, ${error.message}]`
    return {
      ...object,
      status: { user: {}, error: error.message === 'invalid bearer token' ? error.message : text },
    } satisfies JsonObject
  }
}
