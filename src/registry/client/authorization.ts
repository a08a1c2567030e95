import type { Credentials } from '../contract.ts'
import type { Challenge } from './challenge.ts'
import { readErrorResponse } from './error-response.ts'
import { readSmall, type Transport } from './transport.ts'

/** What a challenge asks for, answered. */
export interface Authorization {
  /** value of the `Authorization` header */
  readonly header: string
  /** milliseconds since 1970; absent: as long as the session lives */
  readonly expiresAt?: number
  /** for `docker login`: a token that stands for the password from now on */
  readonly refreshToken?: string
}

/** A challenge that cannot be answered: wrong password, no credentials, a token server that fails. */
export class AuthorizationError extends Error {
  override readonly name = 'AuthorizationError'
}

interface AuthorizeOptions {
  readonly transport: Transport
  readonly credentials: Credentials
  readonly scopes: readonly string[]
  readonly verifyTls: boolean
  readonly userAgent: string
  readonly signal?: AbortSignal
  /** ask for a refresh token too */
  readonly offline?: boolean
}

const clientId = 'docker'
/** "If expires_in is omitted, the client is to assume a lifetime of 60 seconds." */
const defaultLifetimeSeconds = 60

/** Answers the strongest challenge that we can. @throws AuthorizationError */
export async function authorize(
  challenges: readonly Challenge[],
  options: AuthorizeOptions,
): Promise<Authorization | undefined> {
  const bearer = challenges.find((challenge) => challenge.scheme === 'bearer')
  if (bearer) return authorizeBearer(bearer, options)
  const basic = challenges.find((challenge) => challenge.scheme === 'basic')
  return basic && { header: basicHeader(options.credentials) }
}

function basicHeader({ username, password }: Credentials): string {
  if (!username) throw new AuthorizationError('no basic auth credentials')
  return `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`
}

async function authorizeBearer({ parameters }: Challenge, options: AuthorizeOptions): Promise<Authorization> {
  const { credentials, transport, signal, verifyTls, userAgent } = options
  if (credentials.registryToken) return { header: `Bearer ${credentials.registryToken}` }
  const { realm } = parameters
  if (!realm) throw new AuthorizationError('no realm specified for token auth challenge')
  if (!URL.canParse(realm)) throw new AuthorizationError(`invalid token auth challenge realm: parse "${realm}"`)
  const scopes = options.scopes.length > 0 || !parameters.scope ? options.scopes : [parameters.scope]
  const request = credentials.identityToken
    ? tokenPost(realm, parameters.service, scopes, credentials.identityToken)
    : tokenGet(realm, parameters.service, scopes, credentials, options.offline === true)
  const response = await transport.send({
    ...request,
    headers: { ...request.headers, 'User-Agent': userAgent, Accept: 'application/json' },
    verifyTls,
    ...(signal ? { signal } : {}),
  })
  if (response.statusCode !== 200) {
    const refusal = await readErrorResponse(response)
    throw new AuthorizationError(refusal.message, { cause: refusal })
  }
  return readToken(await readSmall(response, 1024 * 1024))
}

/** The specification of Docker's token server: a GET with basic authentication where there is a password. */
function tokenGet(
  realm: string,
  service: string | undefined,
  scopes: readonly string[],
  { username, password }: Credentials,
  offline: boolean,
) {
  const url = new URL(realm)
  if (service) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  if (offline) {
    url.searchParams.set('offline_token', 'true')
    url.searchParams.set('client_id', clientId)
  }
  if (!username) return { method: 'GET', url, headers: {} }
  url.searchParams.set('account', username)
  return { method: 'GET', url, headers: { Authorization: basicHeader({ username, password: password ?? '' }) } }
}

/** OAuth 2: a refresh token is traded for an access token. */
function tokenPost(realm: string, service: string | undefined, scopes: readonly string[], refreshToken: string) {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId })
  if (service) form.set('service', service)
  if (scopes.length > 0) form.set('scope', scopes.join(' '))
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  return { method: 'POST', url: new URL(realm), headers, body: Buffer.from(form.toString()) }
}

function readToken(bytes: Buffer): Authorization {
  let body: Record<string, unknown>
  try {
    body = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>
  } catch (cause) {
    throw new AuthorizationError(`unable to decode token response: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  }
  const token = [body?.token, body?.access_token].find((value) => typeof value === 'string' && value !== '')
  if (typeof token !== 'string')
    throw new AuthorizationError('authorization server did not include a token in the response')
  const lifetime =
    typeof body.expires_in === 'number' && body.expires_in > defaultLifetimeSeconds
      ? body.expires_in
      : defaultLifetimeSeconds
  return {
    header: `Bearer ${token}`,
    expiresAt: Date.now() + lifetime * 900,
    ...(typeof body.refresh_token === 'string' ? { refreshToken: body.refresh_token } : {}),
  }
}
