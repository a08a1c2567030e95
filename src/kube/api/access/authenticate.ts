import type { ApiRequest, Attributes, Authorize, UserInfo } from '../contract.ts'
import { badRequest, internal } from '../errors.ts'
import { forbiddenError } from '../forbidden.ts'
import { type ServiceAccountTokens, serviceAccountGroups, TokenRefused } from './service-account-tokens.ts'

export const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/** Who sent the request: a certificate, a token, or nobody. Undefined where it shows a token that is worth nothing. */
export async function authenticateRequest(
  { client, headers }: ApiRequest,
  tokens: ServiceAccountTokens,
): Promise<UserInfo | undefined> {
  const { certificate } = client
  if (certificate && certificate.commonName !== '')
    return {
      name: certificate.commonName,
      groups: [...certificate.organizations, 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [certificate.id] },
    }
  const token = bearerToken(headers)
  // Credentials of a kind that is not known here count as none.
  if (token === undefined) return anonymous
  try {
    return (await tokens.check(token, tokens.audiences))?.user
  } catch (error) {
    if (error instanceof TokenRefused) return undefined
    throw error
  }
}

const protocolPrefix = 'base64url.bearer.authorization.k8s.io.'

function bearerToken(headers: ApiRequest['headers']): string | undefined {
  const [, token] = /^bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '') ?? []
  if (token !== undefined) return token
  // Browsers cannot set headers of a WebSocket and hide the token among its protocols.
  for (const protocol of (headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/))
    if (protocol.startsWith(protocolPrefix)) {
      const encoded = protocol.slice(protocolPrefix.length).replaceAll('-', '+').replaceAll('_', '/')
      try {
        return atob(encoded)
      } catch (cause) {
        throw badRequest(`illegal base64 data: ${(cause as Error).message}`)
      }
    }
  return undefined
}

interface Impersonation {
  readonly kind: 'ServiceAccount' | 'User' | 'Group' | 'UserExtra' | 'UID'
  readonly namespace: string
  readonly name: string
  readonly apiVersion: string
  readonly fieldPath: string
}

const authentication = 'authentication.k8s.io/v1'
const resources = {
  ServiceAccount: 'serviceaccounts',
  User: 'users',
  Group: 'groups',
  UserExtra: 'userextras',
  UID: 'uids',
} as const

/** Who the request is to be taken for, by its Impersonate headers. @throws StatusError 403 where the sender may not */
export async function impersonate(
  { headers }: ApiRequest,
  requestor: UserInfo,
  authorize: Authorize,
): Promise<UserInfo> {
  const wanted = impersonations(headers)
  if (wanted.length === 0) return requestor
  let name = ''
  let uid: string | undefined
  const groups: string[] = []
  const extra: Record<string, string[]> = {}
  const namesGroups = wanted.some(({ kind }) => kind === 'Group')
  for (const one of wanted) {
    const attributes: Attributes = {
      user: requestor,
      verb: 'impersonate',
      resourceRequest: true,
      apiGroup: one.apiVersion === '' ? '' : 'authentication.k8s.io',
      apiVersion: one.apiVersion === '' ? '' : 'v1',
      resource: resources[one.kind],
      subresource: one.fieldPath,
      namespace: one.namespace,
      name: one.name,
      path: '',
    }
    const decision = await authorize(attributes)
    if (!decision.allowed) throw forbiddenError(attributes, decision)
    if (one.kind === 'ServiceAccount') {
      name = `system:serviceaccount:${one.namespace}:${one.name}`
      if (!namesGroups) groups.push(...serviceAccountGroups(one.namespace))
    } else if (one.kind === 'User') name = one.name
    else if (one.kind === 'Group') groups.push(one.name)
    else if (one.kind === 'UID') uid = one.name
    else extra[one.fieldPath] = [...(extra[one.fieldPath] ?? []), one.name]
  }
  const isKnown = groups.includes('system:authenticated') || groups.includes('system:unauthenticated')
  if (name !== anonymous.name) {
    if (!isKnown) groups.push('system:authenticated')
  } else if (!groups.includes('system:unauthenticated')) groups.push('system:unauthenticated')
  return { name, groups, ...(uid === undefined ? {} : { uid }), ...(Object.keys(extra).length > 0 ? { extra } : {}) }
}

const extraPrefix = 'impersonate-extra-'

function impersonations(headers: ApiRequest['headers']): Impersonation[] {
  const user = headers['impersonate-user'] ?? ''
  const found: Impersonation[] = []
  const none = { namespace: '', apiVersion: '', fieldPath: '' }
  if (user !== '') {
    const [, namespace = '', name = ''] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? []
    found.push(
      namespace === '' ? { ...none, kind: 'User', name: user } : { ...none, kind: 'ServiceAccount', namespace, name },
    )
  }
  const groups = headers['impersonate-group']
  if (groups !== undefined) for (const name of groups.split(', ')) found.push({ ...none, kind: 'Group', name })
  for (const [header, values] of Object.entries(headers))
    if (header.startsWith(extraPrefix) && values !== undefined)
      for (const name of values.split(', '))
        found.push({
          ...none,
          kind: 'UserExtra',
          apiVersion: authentication,
          name,
          fieldPath: unescaped(header.slice(extraPrefix.length)),
        })
  const uid = headers['impersonate-uid'] ?? ''
  if (uid !== '') found.push({ ...none, kind: 'UID', apiVersion: authentication, name: uid })
  if (found.length > 0 && user === '') {
    const texts = found.map((one) => `{${one.kind} ${one.namespace} ${one.name}  ${one.apiVersion}  ${one.fieldPath}}`)
    // Kubernetes answers this fault of the client as one of its own.
    throw internal(`requested [${texts.join(' ')}] without impersonating a user`)
  }
  return found
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    // What is not well encoded is taken as it stands.
    return key
  }
}
