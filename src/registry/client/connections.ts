import type { NamedReference } from '../../oci/index.ts'
import type { Credentials, RegistryConfiguration, TransferOptions } from '../contract.ts'
import { type Endpoint, endpointsOf, hubDomain } from './endpoint.ts'
import { RegistrySession } from './registry-session.ts'
import { type Sleep, sleep } from './retry.ts'
import { discard, Transport } from './transport.ts'
import { TransportError } from './transport-error.ts'

export interface ConnectOptions extends TransferOptions {
  readonly actions: 'pull' | 'pull,push'
  /** paths of other repositories that blobs may be mounted from */
  readonly mountFrom?: readonly string[]
}

/** "Docker Hub cannot be reached" is remembered for so long: later pulls do not wait again. */
const hubFailureLifetimeMs = 60_000
/** In a classroom or a train, nobody waits long for the Hub. */
const hubConnectTimeoutMs = 3_000
const defaultUserAgent = 'manufacture'

/** Finds out which of a registry's endpoints answers, and keeps the connections. */
export class Connections implements Disposable {
  readonly transport = new Transport()
  readonly sleep: Sleep
  readonly #configuration: RegistryConfiguration
  readonly #answering = new Map<string, string>()
  #hubFailure: { readonly at: number; readonly error: TransportError } | undefined

  constructor(configuration: RegistryConfiguration, wait: Sleep = sleep) {
    this.#configuration = configuration
    this.sleep = wait
  }

  [Symbol.dispose](): void {
    this.transport[Symbol.dispose]()
  }

  /**
   * Does the work with each endpoint in turn until one has an answer: a mirror that fails in any way is passed over; any
   * other endpoint only if nobody speaks there. @throws what the last one said
   */
  async with<T>(
    reference: NamedReference,
    options: ConnectOptions,
    work: (session: RegistrySession) => Promise<T>,
  ): Promise<T> {
    const endpoints = await this.#ordered(reference.domain)
    for (const [index, endpoint] of endpoints.entries()) {
      const isLast = index === endpoints.length - 1
      try {
        const session = await this.#open(reference, endpoint, options)
        return await work(session)
      } catch (error) {
        const isPassedOver = endpoint.isMirror || error instanceof NotSpoken
        if (isLast || !isPassedOver || options.signal?.aborted) throw error instanceof NotSpoken ? error.reason : error
      }
    }
    throw new Error(`no endpoint for ${reference.domain}`)
  }

  /** A session with an endpoint that has answered `/v2/`. @throws NotSpoken */
  async #open(reference: NamedReference, endpoint: Endpoint, options: ConnectOptions): Promise<RegistrySession> {
    const isHub = reference.domain === hubDomain && !endpoint.isMirror
    const remembered = this.#hubFailure
    if (isHub && remembered && Date.now() - remembered.at < hubFailureLifetimeMs) throw new NotSpoken(remembered.error)
    const session = this.session(endpoint, { ...options, isHub }, scopesOf(reference, options))
    try {
      discard(await session.request({ method: 'GET', path: '/v2/', expect: anyAnswer, attempts: 1 }))
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      if (isHub) this.#hubFailure = { at: Date.now(), error }
      throw new NotSpoken(error)
    }
    if (isHub) this.#hubFailure = undefined
    if (!endpoint.isMirror) this.#answering.set(reference.domain, endpoint.base.href)
    return session
  }

  /** Whether it is this that went wrong: nobody answers for Docker Hub. */
  isHubFailure(error: unknown): error is TransportError {
    return error !== undefined && error === this.#hubFailure?.error
  }

  session(
    endpoint: Endpoint,
    options: TransferOptions & { offline?: boolean; isHub?: boolean },
    scopes: readonly string[],
  ): RegistrySession {
    return new RegistrySession({
      endpoint,
      transport: this.transport,
      // Credentials of the registry are not for its mirrors.
      credentials: endpoint.isMirror ? {} : (options.credentials ?? ({} satisfies Credentials)),
      scopes,
      userAgent: options.userAgent ?? defaultUserAgent,
      sleep: this.sleep,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.offline ? { offline: true } : {}),
      ...(options.isHub ? { connectTimeoutMs: hubConnectTimeoutMs } : {}),
    })
  }

  async #ordered(domain: string): Promise<Endpoint[]> {
    const endpoints = await endpointsOf(domain, this.#configuration)
    const known = this.#answering.get(domain)
    const rank = (endpoint: Endpoint) => (endpoint.isMirror ? 0 : endpoint.base.href === known ? 1 : 2)
    return endpoints.toSorted((a, b) => rank(a) - rank(b))
  }

  endpoints(domain: string): Promise<Endpoint[]> {
    return this.#ordered(domain)
  }
}

const anyAnswer = Array.from({ length: 500 }, (_, index) => index + 100)

/** Nobody speaks there: another endpoint may be tried. */
export class NotSpoken extends Error {
  override readonly name = 'NotSpoken'
  readonly reason: TransportError

  constructor(reason: TransportError) {
    super(reason.message, { cause: reason })
    this.reason = reason
  }
}

function scopesOf({ path }: NamedReference, { actions, mountFrom = [] }: ConnectOptions): string[] {
  return [`repository:${path}:${actions}`, ...mountFrom.map((source) => `repository:${source}:pull`)]
}
