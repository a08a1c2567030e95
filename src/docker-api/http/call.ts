import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import type { ApiVersion } from './api-version.ts'
import type { Query } from './query.ts'

/** Where this room writes what it has to say; the shape of a pino logger. */
export type Log = Record<'debug' | 'info' | 'warn' | 'error', (object: object, message: string) => void>

type Parts = {
  request: IncomingMessage
  response: ServerResponse
  path: string
  query: Query
  version: ApiVersion
  params: Record<string, string>
  log: Log
  /** What followed the head of a request that asks for an upgrade; its body and what comes after are read by us. */
  upgrade: { socket: Duplex; head: Buffer } | undefined
}

/** One request on its way to one handler. */
export class Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  readonly path: string
  readonly query: Query
  readonly version: ApiVersion
  readonly params: Record<string, string>
  readonly log: Log
  readonly upgrade: Parts['upgrade']
  readonly #gone = new AbortController()

  constructor(parts: Parts) {
    this.request = parts.request
    this.response = parts.response
    this.method = parts.request.method ?? 'GET'
    this.path = parts.path
    this.query = parts.query
    this.version = parts.version
    this.params = parts.params
    this.log = parts.log
    this.upgrade = parts.upgrade
    this.response.once('close', () => {
      if (!this.response.writableFinished) this.#gone.abort()
    })
  }

  /** Fires when the client has hung up before the answer was complete. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  param(name: string): string {
    return this.params[name] ?? ''
  }

  header(name: string): string {
    const value = this.request.headers[name]
    return Array.isArray(value) ? value.join(', ') : (value ?? '')
  }

  /** Whether the API version asked for is older than 1.`minor`. */
  olderThan(minor: number): boolean {
    return this.version < 1000 + minor
  }

  /** The body as it comes. */
  get body(): Readable {
    return this.request
  }

  json(status: number, value: unknown): void {
    const text = Buffer.from(`${JSON.stringify(value)}\n`)
    this.response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length })
    this.response.end(this.method === 'HEAD' ? undefined : text)
  }

  empty(status: number): void {
    this.response.writeHead(status, status === 204 || status === 304 ? {} : { 'Content-Length': 0 })
    this.response.end()
  }
}
