import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect } from 'vitest'
import { disagreements, operationOf } from './description.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  bytes: Buffer
  text: string
  /** The body as JSON; undefined where it is something else. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects to find
  json: any
}

export interface AskOptions {
  body?: unknown
  /** Sent as it is, unlike `body`, which becomes JSON. */
  raw?: string | Buffer | Readable
  headers?: Record<string, string>
  /** `1.44`; without it the newest, which the description describes to the letter. */
  version?: string
}

/** One request over the daemon's socket. A JSON answer is checked against the description of the API. */
export async function ask(socket: string, method: string, path: string, options: AskOptions = {}): Promise<Answer> {
  const response = await open(socket, method, path, options)
  const bytes = await buffer(response)
  const status = response.statusCode ?? 0
  const text = bytes.toString()
  const json = isJson(response) && bytes.length > 0 ? parse(text) : undefined
  if (json !== undefined) check(method, path, status, json, options.version !== undefined)
  return { status, headers: response.headers, bytes, text, json }
}

/** The same, but the body is left to be read. */
export function open(socket: string, method: string, path: string, options: AskOptions = {}): Promise<IncomingMessage> {
  const { body, raw, headers = {}, version } = options
  const payload = body === undefined ? raw : JSON.stringify(body)
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath: socket,
        method,
        path: version === undefined ? path : `/v${version}${path}`,
        headers: { ...type, ...headers },
      },
      resolve,
    )
    sent.on('error', reject)
    if (payload instanceof Readable) payload.pipe(sent)
    else sent.end(payload)
  })
}

const isJson = (response: IncomingMessage) => response.headers['content-type'] === 'application/json'

/** A stream of several JSON records is not one JSON value. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function check(method: string, path: string, status: number, value: unknown, loose: boolean): void {
  const operation = operationOf(method, decodeURIComponent(path.replace(/\?.*$/s, '')))
  if (operation === undefined) return
  expect(disagreements(operation, status, value, loose)).toEqual([])
}

/** The records of a stream of JSON lines. */
// biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects to find
export function jsonLines(text: string): any[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** Filters as a part of a query. */
export const filters = (wanted: Record<string, string[]>) => `filters=${encodeURIComponent(JSON.stringify(wanted))}`
