import http2 from 'node:http2'
import { performance } from 'node:perf_hooks'

/** How a server is reached: with a certificate or a token. */
export interface Target {
  readonly url: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly token?: string
}

export interface Received {
  readonly status: number
  readonly body: Buffer
}

/** HTTP/2 over TLS, one connection or several in turn. */
export class Client implements Disposable {
  readonly #sessions: http2.ClientHttp2Session[]
  readonly #headers: Record<string, string>
  #next = 0

  constructor({ url, token, ...tls }: Target, connections = 1) {
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    this.#sessions = Array.from({ length: connections }, () => {
      const options = {
        ...tls,
        rejectUnauthorized: tls.ca !== undefined,
        settings: { initialWindowSize: 16 << 20, enablePush: false },
      }
      const session = http2.connect(url, options)
      session.once('connect', () => session.setLocalWindowSize(32 << 20))
      session.on('error', (error) => process.stderr.write(`${error.message}\n`))
      session.setMaxListeners(0)
      return session
    })
  }

  async open(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
    const session = this.#sessions[this.#next++ % this.#sessions.length] as http2.ClientHttp2Session
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const stream = session.request(
      { ':method': method, ':path': path, accept: 'application/json', ...this.#headers, ...type, ...headers },
      { endStream: body === undefined },
    )
    if (body !== undefined) stream.end(body)
    const head = await new Promise<http2.IncomingHttpHeaders>((resolve, reject) => {
      stream.once('response', resolve)
      stream.once('error', reject)
    })
    return { status: Number(head[':status']), stream }
  }

  async send(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Received> {
    const { status, stream } = await this.open(method, path, headers, body)
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    return { status, body: Buffer.concat(chunks) }
  }

  /** @throws Error for an answer that is no success */
  async must(method: string, path: string, body?: string, headers?: Record<string, string>): Promise<Received> {
    const received = await this.send(method, path, body, headers)
    if (received.status >= 300)
      throw new Error(`${method} ${path}: ${received.status} ${received.body.toString().slice(0, 300)}`)
    return received
  }

  [Symbol.dispose](): void {
    for (const session of this.#sessions) session.destroy()
  }
}

/** Runs `once` so many times, so many of them at a time. */
export async function pool(count: number, width: number, once: (i: number) => Promise<unknown>) {
  let next = 0
  const latencies: number[] = []
  const started = performance.now()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let i = next++; i < count; i = next++) {
        const from = performance.now()
        await once(i)
        latencies.push(performance.now() - from)
      }
    }),
  )
  return { perSecond: count / ((performance.now() - started) / 1000), latencies }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
