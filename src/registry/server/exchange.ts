import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Content } from '../../oci/index.ts'
import type { Log } from '../contract.ts'
import type { Links } from './links.ts'
import { RegistryError } from './registry-error.ts'

/** What every handler works with. */
export interface RegistryContext {
  readonly links: Links
  readonly content: Content
  readonly log: Log
}

/** One request and the answer to it. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly method: string
}

export function answer(
  { response }: Exchange,
  status: number,
  headers: Readonly<Record<string, string | number | readonly string[]>> = {},
): void {
  response.writeHead(status, { 'Content-Length': 0, ...headers })
  response.end()
}

/** A HEAD gets the same headers and no body. */
export function answerJson(
  { response, method }: Exchange,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length, ...headers })
  response.end(method === 'HEAD' ? undefined : bytes)
}

/** The request's body. Stopping in the middle leaves the socket open: the refusal must still reach the client. */
export function bodyOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false })
}

export function refuseUnlessRead({ method }: Exchange): void {
  if (method === 'GET' || method === 'HEAD') return
  throw new RegistryError('UNSUPPORTED', undefined, { headers: { Allow: 'GET, HEAD' } })
}
