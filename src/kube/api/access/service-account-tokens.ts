import type { KubeObject } from '../../schema/index.ts'
import type { Store } from '../../store/index.ts'
import type { Clock, UserInfo } from '../contract.ts'
import { decodeObject } from '../stored-object.ts'
import type { TokenKeys } from './token-keys.ts'

export interface BoundObject {
  readonly name: string
  readonly uid?: string
}

/** The claims of a service account token besides those that every JWT has. */
interface KubernetesClaims {
  readonly namespace: string
  readonly serviceaccount: BoundObject
  readonly pod?: BoundObject
  readonly secret?: BoundObject
  readonly node?: BoundObject
  readonly warnafter?: number
}

export interface TokenClaims {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: string | string[]
  readonly exp?: number
  readonly nbf?: number
  readonly iat?: number
  readonly jti?: string
  readonly 'kubernetes.io'?: KubernetesClaims
}

export interface IssueRequest extends Omit<KubernetesClaims, 'warnafter'> {
  readonly audiences: readonly string[]
  readonly expirationSeconds: number
  readonly warnAfterSeconds?: number
  readonly id: string
}

/** Why a token is not taken; the text may be shown to who asks for a review. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
}

const remembered = 2000
const leewayMs = 60_000

/** Signs and checks service account tokens. Those bound to an object live no longer than it. */
export class ServiceAccountTokens {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly #keys: TokenKeys
  readonly #store: Store
  readonly #clock: Clock
  /** Tokens whose signature was found good. */
  readonly #verified = new Map<string, TokenClaims>()

  constructor(keys: TokenKeys, issuer: string, audiences: readonly string[], store: Store, clock: Clock) {
    this.#keys = keys
    this.issuer = issuer
    this.audiences = audiences
    this.#store = store
    this.#clock = clock
  }

  async issue(request: IssueRequest): Promise<string> {
    const { SignJWT } = await import('jose')
    const { namespace, serviceaccount, pod, secret, node, audiences, expirationSeconds, warnAfterSeconds, id } = request
    const now = Math.floor(this.#clock.nowMs() / 1000)
    const claims: KubernetesClaims = {
      namespace,
      ...(node ? { node } : {}),
      ...(pod ? { pod } : {}),
      ...(secret ? { secret } : {}),
      serviceaccount,
      ...(warnAfterSeconds === undefined ? {} : { warnafter: now + warnAfterSeconds }),
    }
    const payload: TokenClaims = {
      aud: [...audiences],
      exp: now + expirationSeconds,
      iat: now,
      iss: this.issuer,
      jti: id,
      'kubernetes.io': claims,
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    }
    return new SignJWT({ ...payload })
      .setProtectedHeader({ alg: this.#keys.algorithm, kid: this.#keys.keyId })
      .sign(this.#keys.privateKey)
  }

  /** A token of another issuer is not for us to judge: undefined. @throws TokenRefused */
  async check(
    token: string,
    audiences: readonly string[],
  ): Promise<{ readonly user: UserInfo; readonly audiences: string[] } | undefined> {
    const claims = await this.#claims(token)
    if (!claims) return undefined
    const said = typeof claims.aud === 'string' ? [claims.aud] : (claims.aud ?? [])
    const shared = audiences.filter((audience) => said.includes(audience))
    if (shared.length === 0)
      throw new TokenRefused(
        `[invalid bearer token, token audiences ${list(said)} is invalid for the target audiences ${list(audiences)}]`,
      )
    return { user: await this.#user(claims), audiences: shared }
  }

  async #claims(token: string): Promise<TokenClaims | undefined> {
    const known = this.#verified.get(token)
    if (known) return known
    if (issuerOf(token) !== this.issuer) return undefined
    const { compactVerify } = await import('jose')
    let claims: TokenClaims
    try {
      const { payload } = await compactVerify(token, this.#keys.publicKey, { algorithms: [this.#keys.algorithm] })
      claims = JSON.parse(new TextDecoder().decode(payload))
    } catch (cause) {
      throw new TokenRefused('invalid bearer token', { cause })
    }
    if (this.#verified.size >= remembered) this.#verified.clear()
    this.#verified.set(token, claims)
    return claims
  }

  async #user(claims: TokenClaims): Promise<UserInfo> {
    const now = this.#clock.nowMs()
    if (claims.exp !== undefined && now > claims.exp * 1000 + leewayMs)
      throw new TokenRefused('service account token has expired')
    if (claims.nbf !== undefined && now < claims.nbf * 1000 - leewayMs)
      throw new TokenRefused('service account token is not valid yet')
    if (claims.iat !== undefined && now < claims.iat * 1000 - leewayMs)
      throw new TokenRefused('service account token is issued in the future')
    const kubernetes = claims['kubernetes.io']
    if (!kubernetes)
      throw new TokenRefused('service account token claims could not be validated due to unexpected validation error')
    const { namespace, serviceaccount, pod, secret, node } = kubernetes
    const gone = 'service account token has been invalidated'
    const { name } = serviceaccount
    const account = await this.#get(`/registry/serviceaccounts/${namespace}/${name}`)
    if (!account) throw new TokenRefused(`serviceaccounts "${name}" not found`)
    if (account.metadata.uid !== serviceaccount.uid)
      throw new TokenRefused(
        `service account UID (${account.metadata.uid}) does not match claim (${serviceaccount.uid})`,
      )
    if (this.#isDeleted(account)) throw new TokenRefused(`service account ${namespace}/${name} has been deleted`)
    const bound = async (kind: string, path: string, claim: BoundObject): Promise<void> => {
      const object = await this.#get(path)
      if (!object || this.#isDeleted(object)) throw new TokenRefused(gone)
      if (object.metadata.uid !== claim.uid)
        throw new TokenRefused(
          `${kind} UID (${object.metadata.uid}) does not match service account ${kind.toLowerCase()} ref claim (${claim.uid})`,
        )
    }
    if (secret) await bound('secret', `/registry/secrets/${namespace}/${secret.name}`, secret)
    if (pod) await bound('pod', `/registry/pods/${namespace}/${pod.name}`, pod)
    else if (node) await bound('node', `/registry/nodes/${node.name}`, node)
    const extra: Record<string, string[]> = {}
    const add = (key: string, value: string | undefined) => {
      if (value) extra[`authentication.kubernetes.io/${key}`] = [value]
    }
    add('pod-name', pod?.name)
    add('pod-uid', pod?.uid)
    add('node-name', node?.name)
    add('node-uid', node?.uid)
    add('credential-id', claims.jti && `JTI=${claims.jti}`)
    return {
      ...serviceAccountUser(namespace, name),
      ...(account.metadata.uid ? { uid: account.metadata.uid } : {}),
      extra,
    }
  }

  async #get(key: string): Promise<KubeObject | undefined> {
    const { entry } = await this.#store.get(key)
    return entry && decodeObject(entry)
  }

  #isDeleted({ metadata }: KubeObject): boolean {
    const at = metadata.deletionTimestamp
    return at !== undefined && Date.parse(at) < this.#clock.nowMs() - leewayMs
  }
}

const list = (values: readonly string[]) => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`

export const serviceAccountGroups = (namespace: string): string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
]

export const serviceAccountUser = (namespace: string, name: string): UserInfo => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: [...serviceAccountGroups(namespace), 'system:authenticated'],
})

/** What a JWT says of who made it, not yet believed. */
function issuerOf(token: string): string | undefined {
  const part = token.split('.')[1]
  if (part === undefined) return undefined
  try {
    return (JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/'))) as TokenClaims).iss
  } catch {
    // Something else than a JWT has no issuer.
    return undefined
  }
}
