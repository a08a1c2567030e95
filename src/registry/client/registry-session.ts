import type { Credentials } from '../contract.ts'
import { type Authorization, AuthorizationError, authorize } from './authorization.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import type { Endpoint } from './endpoint.ts'
import { readErrorResponse } from './error-response.ts'
import { type Sleep, withRetries } from './retry.ts'
import { discard, type Transport, type WireRequest, type WireResponse } from './transport.ts'

export interface RegistryRequest {
  readonly method: string
  /** path under the endpoint, or a URL that the registry gave */
  readonly path: string | URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: WireRequest['body']
  /** statuses that are an answer and no failure */
  readonly expect: readonly number[]
  /** how often at most; 1 for what cannot be sent twice */
  readonly attempts?: number
  readonly signal?: AbortSignal | undefined
}

export interface RegistrySessionOptions {
  readonly endpoint: Endpoint
  readonly transport: Transport
  readonly credentials: Credentials
  /** what a token is asked for: `repository:library/python:pull` */
  readonly scopes: readonly string[]
  readonly userAgent: string
  readonly sleep: Sleep
  readonly signal?: AbortSignal | undefined
  readonly connectTimeoutMs?: number
  readonly offline?: boolean
}

const mostRedirects = 10
const redirects = new Set([301, 302, 303, 307, 308])

/** Conversation with one endpoint about one thing: authentication, redirects and retries are done here. */
export class RegistrySession {
  readonly endpoint: Endpoint
  readonly #options: RegistrySessionOptions
  #authorization: Authorization | undefined
  #authorizing: Promise<Authorization | undefined> | undefined

  constructor(options: RegistrySessionOptions) {
    this.#options = options
    this.endpoint = options.endpoint
  }

  get authorization(): Authorization | undefined {
    return this.#authorization
  }

  url(path: string | URL): URL {
    if (path instanceof URL) return path
    const base = this.endpoint.base.pathname.replace(/\/$/, '')
    return new URL(`${base}${path}`, this.endpoint.base)
  }

  /** Resolves when the headers are there. @throws ErrorResponse for a status not expected; TransportError; AuthorizationError */
  async request(request: RegistryRequest): Promise<WireResponse> {
    return withRetries(request.attempts ?? 4, () => this.#once(request), {
      sleep: this.#options.sleep,
      signal: request.signal ?? this.#options.signal,
    })
  }

  async #once(request: RegistryRequest): Promise<WireResponse> {
    let response = await this.#follow(request)
    if (response.statusCode === 401) {
      const challenges = parseChallenges(response.headers['www-authenticate'])
      const used = this.#authorization
      // A body that is a stream is gone now; streams are only sent after a request of the same session was authorized.
      const again = request.body === undefined || request.body instanceof Uint8Array
      if (again && (await this.#reauthorize(challenges, used, request))) {
        discard(response)
        response = await this.#follow(request)
      }
    }
    if (request.expect.includes(response.statusCode ?? 0)) return response
    throw await readErrorResponse(response)
  }

  /** Whether there is an authorization now that the refused request did not have. */
  async #reauthorize(
    challenges: readonly Challenge[],
    used: Authorization | undefined,
    request: RegistryRequest,
  ): Promise<boolean> {
    if (this.#authorization !== used) return true
    // A token just refused, though fresh, is refused for what it is: asking for its twin would not help.
    if (used && (used.expiresAt === undefined || used.expiresAt > Date.now())) return false
    this.#authorizing ??= this.#authorize(challenges, request).finally(() => {
      this.#authorizing = undefined
    })
    this.#authorization = await this.#authorizing
    return this.#authorization !== undefined
  }

  async #authorize(challenges: readonly Challenge[], request: RegistryRequest): Promise<Authorization | undefined> {
    const { signal } = this.#options
    try {
      return await authorize(challenges, {
        ...this.#options,
        verifyTls: this.endpoint.verifyTls,
        ...(signal ? { signal } : {}),
      } as Parameters<typeof authorize>[1])
    } catch (cause) {
      if (!(cause instanceof AuthorizationError)) throw cause
      const verb = request.method.charAt(0) + request.method.slice(1).toLowerCase()
      throw new AuthorizationError(`${verb} "${this.url(request.path).href}": ${cause.message}`, {
        cause: cause.cause ?? cause,
      })
    }
  }

  async #follow(request: RegistryRequest): Promise<WireResponse> {
    const { userAgent, transport, connectTimeoutMs } = this.#options
    const signal = request.signal ?? this.#options.signal
    let url = this.url(request.path)
    for (let hop = 0; ; hop++) {
      const isOwn = url.host === this.endpoint.base.host
      const response = await transport.send({
        method: request.method,
        url,
        headers: {
          'User-Agent': userAgent,
          ...request.headers,
          // Where the registry sends us elsewhere (a bucket), the token stays here.
          ...(isOwn && this.#authorization ? { Authorization: this.#authorization.header } : {}),
        },
        verifyTls: isOwn ? this.endpoint.verifyTls : true,
        ...(request.body === undefined ? {} : { body: request.body }),
        ...(signal ? { signal } : {}),
        ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
      })
      const { location } = response.headers
      const isFollowed =
        redirects.has(response.statusCode ?? 0) && (request.method === 'GET' || request.method === 'HEAD')
      if (!isFollowed || location === undefined || hop >= mostRedirects || !URL.canParse(location, url)) return response
      discard(response)
      url = new URL(location, url)
    }
  }
}
