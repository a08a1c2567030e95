import { pipeline } from 'node:stream/promises'
import type { Digest } from '../../oci/index.ts'
import { answer, type Exchange, type RegistryContext } from './exchange.ts'
import { parseRange } from './range.ts'
import { RegistryError } from './registry-error.ts'

/** `/v2/<name>/blobs/<digest>`: GET, HEAD (end-2), DELETE (end-10). */
export async function serveBlob(
  context: RegistryContext,
  exchange: Exchange,
  name: string,
  digest: Digest,
): Promise<void> {
  switch (exchange.method) {
    case 'GET':
    case 'HEAD':
      return getBlob(context, exchange, name, digest)
    case 'DELETE':
      if (!context.links.unlinkBlob(name, digest)) throw new RegistryError('BLOB_UNKNOWN', { digest })
      return answer(exchange, 202)
    default:
      throw new RegistryError('UNSUPPORTED', undefined, { headers: { Allow: 'GET, HEAD, DELETE' } })
  }
}

async function getBlob(context: RegistryContext, exchange: Exchange, name: string, digest: Digest): Promise<void> {
  const { request, response, method } = exchange
  // Claimed before it is looked up: a collection that runs now leaves it alone.
  using lease = context.content.lease()
  lease.blob(digest)
  const stat = context.links.hasBlob(name, digest) ? await context.content.blobs.stat(digest) : undefined
  if (!stat) throw new RegistryError('BLOB_UNKNOWN', { digest })
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
    'Cache-Control': 'max-age=31536000',
    'Accept-Ranges': 'bytes',
  }
  if (request.headers['if-none-match'] === headers.ETag) {
    response.writeHead(304, headers)
    response.end()
    return
  }
  if (method === 'HEAD') return answer(exchange, 200, { ...headers, 'Content-Length': stat.size })
  const ifRange = request.headers['if-range']
  const span =
    ifRange === undefined || ifRange === headers.ETag ? parseRange(request.headers.range, stat.size) : undefined
  const length = span ? span.end - span.start + 1 : stat.size
  const body = await context.content.blobs.read(digest, span)
  response.writeHead(span ? 206 : 200, {
    ...headers,
    'Content-Length': length,
    ...(span ? { 'Content-Range': `bytes ${span.start}-${span.end}/${stat.size}` } : {}),
  })
  await pipeline(body, response)
}
