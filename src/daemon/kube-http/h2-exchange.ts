import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { ApiHandler, ApiRequest, ApiResponse } from '../../kube/api/index.ts'
import { clientOf } from './client-of.ts'
import { readBody } from './read-body.ts'
import { acceptsGzip, chunksOf, sendChunks, sinkOf } from './send-body.ts'

/** One request of HTTP/2 and its answer. */
export async function h2Exchange(
  handle: ApiHandler,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
): Promise<void> {
  stream.on('error', () => undefined)
  const response = await handle(requestOf(stream, headers, flags))
  if (stream.destroyed || stream.headersSent) return
  await answer(stream, headers, response)
}

const endStream = 1

function requestOf(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number): ApiRequest {
  const target = (headers[':path'] as string | undefined) ?? '/'
  const question = target.indexOf('?')
  const socket = stream.session?.socket as TLSSocket
  const hasBody = (flags & endStream) === 0
  return {
    method: (headers[':method'] as string | undefined) ?? 'GET',
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? '' : target.slice(question + 1),
    headers: headers as Record<string, string | undefined>,
    body: (limit) =>
      hasBody ? readBody(stream, headers['content-length'], limit) : Promise.resolve(new Uint8Array(0)),
    client: clientOf(socket),
    onClose(listener) {
      if (stream.destroyed) listener()
      else stream.once('close', listener)
    },
  }
}

async function answer(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { status, headers: own, body }: ApiResponse,
): Promise<void> {
  const head: Record<string, string | number> = { ':status': status, ...own }
  const isHead = headers[':method'] === 'HEAD'
  if (body === undefined || isHead) {
    if (body instanceof Uint8Array) head['content-length'] = body.length
    stream.respond(head, { endStream: true })
    return
  }
  if (!(body instanceof Uint8Array) && 'upgrade' in body) {
    // Streams to a node need a connection of their own.
    stream.close(constants.NGHTTP2_HTTP_1_1_REQUIRED)
    return
  }
  if (!(body instanceof Uint8Array) && 'stream' in body) {
    stream.respond(head)
    body.stream(sinkOf(stream, () => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM)))
    return
  }
  const whole = chunksOf(body)
  if (!whole) return
  const gzip = whole.isLong && acceptsGzip(headers['accept-encoding'])
  if (gzip) head['content-encoding'] = 'gzip'
  if (body instanceof Uint8Array && !gzip) {
    head['content-length'] = body.length
    stream.respond(head)
    stream.end(body)
    return
  }
  if (whole.isLong) head.vary = 'Accept-Encoding'
  stream.respond(head)
  await sendChunks(stream, whole.chunks, gzip)
}
