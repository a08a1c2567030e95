import http from 'node:http'
import https from 'node:https'
import { TransportError } from './transport-error.ts'

/** One request on the wire. */
export interface WireRequest {
  readonly method: string
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
  /** false: any certificate will do (an insecure registry) */
  readonly verifyTls?: boolean
  /** until the connection stands, name look-up included */
  readonly connectTimeoutMs?: number
}

export type WireResponse = http.IncomingMessage

const idleTimeoutMs = 60_000

/** Connections kept open between requests; closed on dispose. The proxy variables of the environment are heeded. */
export class Transport implements Disposable {
  readonly #plain = new http.Agent({ keepAlive: true, proxyEnv: process.env })
  readonly #secure = new https.Agent({ keepAlive: true, proxyEnv: process.env })
  readonly #unverified = new https.Agent({ keepAlive: true, proxyEnv: process.env, rejectUnauthorized: false })

  /** Resolves with the headers; the body is still to be read. @throws TransportError */
  send(request: WireRequest): Promise<WireResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<WireResponse>()
    request.signal?.throwIfAborted()
    const isTls = request.url.protocol === 'https:'
    const options: https.RequestOptions = {
      method: request.method,
      headers: {
        ...request.headers,
        ...(request.body instanceof Uint8Array ? { 'Content-Length': String(request.body.byteLength) } : {}),
      },
      agent: isTls ? (request.verifyTls === false ? this.#unverified : this.#secure) : this.#plain,
      ...(request.signal ? { signal: request.signal } : {}),
    }
    const outgoing = (isTls ? https : http).request(request.url, options)
    const timeout = () => Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })
    const connectTimer = setTimeout(() => outgoing.destroy(timeout()), request.connectTimeoutMs ?? 30_000)
    outgoing.once('socket', (socket) => {
      const connected = () => clearTimeout(connectTimer)
      if (!socket.connecting) connected()
      else socket.once(isTls ? 'secureConnect' : 'connect', connected)
    })
    outgoing.setTimeout(idleTimeoutMs, () => outgoing.destroy(timeout()))
    outgoing.once('response', resolve)
    outgoing.once('error', (error) =>
      reject(request.signal?.aborted ? request.signal.reason : new TransportError(request, error)),
    )
    outgoing.once('close', () => clearTimeout(connectTimer))
    sendBody(outgoing, request.body).catch((error: unknown) => {
      outgoing.destroy(error instanceof Error ? error : new Error(String(error)))
      reject(error)
    })
    return promise
  }

  [Symbol.dispose](): void {
    for (const agent of [this.#plain, this.#secure, this.#unverified]) agent.destroy()
  }
}

async function sendBody(outgoing: http.ClientRequest, body: WireRequest['body']): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    outgoing.end(body)
    return
  }
  for await (const chunk of body) {
    if (outgoing.destroyed) return
    if (!outgoing.write(chunk)) await drained(outgoing)
  }
  outgoing.end()
}

/** A server may answer and close before it has read everything: then there is no drain, but a close. */
function drained(outgoing: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done)
      outgoing.off('close', done)
      resolve()
    }
    outgoing.once('drain', done)
    outgoing.once('close', done)
  })
}

/** The whole body, for answers that are small by nature. @throws Error past the limit, or when the body breaks off */
export async function readSmall(response: WireResponse, limit = 8 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw new Error(`response body larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Lets a connection be used again where the rest of its answer is not wanted. */
export function discard(response: WireResponse): void {
  response.on('error', () => response.destroy())
  response.resume()
}
