import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { ApiHandler, ApiRequest, ApiResponse } from '../../kube/api/index.ts'
import { clientOf } from './client-of.ts'
import { readBody } from './read-body.ts'
import { acceptsGzip, chunksOf, sendChunks, sinkOf } from './send-body.ts'

/** One request of HTTP/1.1 and its answer. */
export async function h1Exchange(
  handle: ApiHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.on('error', () => undefined)
  const result = await handle(h1Request(request, (listener) => response.once('close', listener)))
  if (response.destroyed || response.headersSent) return
  // A body that nobody read would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close')
  await answer(request, response, result)
}

export function h1Request(message: IncomingMessage, onClose: (listener: () => void) => void): ApiRequest {
  const target = message.url ?? '/'
  const question = target.indexOf('?')
  const headers: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(message.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
  return {
    method: message.method ?? 'GET',
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? '' : target.slice(question + 1),
    headers,
    body: (limit) =>
      hasBody ? readBody(message, headers['content-length'], limit) : Promise.resolve(new Uint8Array(0)),
    client: clientOf(message.socket as TLSSocket),
    onClose,
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: ApiResponse,
): Promise<void> {
  if (body === undefined || request.method === 'HEAD') {
    if (body instanceof Uint8Array) headers['content-length'] = String(body.length)
    response.writeHead(status, headers)
    response.end()
    return
  }
  if (!(body instanceof Uint8Array) && 'upgrade' in body) {
    const text = 'unable to upgrade: missing upgrade headers in request'
    const { kind, apiVersion, metadata } = { kind: 'Status', apiVersion: 'v1', metadata: {} }
    const value = { kind, apiVersion, metadata, status: 'Failure', message: text, reason: 'BadRequest', code: 400 }
    response.writeHead(400, { ...headers, 'content-type': 'application/json' })
    response.end(`${JSON.stringify(value)}\n`)
    return
  }
  if (!(body instanceof Uint8Array) && 'stream' in body) {
    response.writeHead(status, headers)
    response.flushHeaders()
    body.stream(sinkOf(response, () => response.destroy()))
    return
  }
  const whole = chunksOf(body)
  if (!whole) return
  const gzip = whole.isLong && acceptsGzip(request.headers['accept-encoding'])
  if (gzip) headers['content-encoding'] = 'gzip'
  else if (body instanceof Uint8Array) headers['content-length'] = String(body.length)
  if (whole.isLong) headers.vary = 'Accept-Encoding'
  response.writeHead(status, headers)
  await sendChunks(response, whole.chunks, gzip)
}
