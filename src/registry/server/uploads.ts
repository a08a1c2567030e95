import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Digest, type DigestAlgorithm, digestAlgorithm, type Ingest, OciError } from '../../oci/index.ts'
import { answer, bodyOf, type Exchange, type RegistryContext } from './exchange.ts'
import type { UploadSession } from './links.ts'
import { parseChunkRange, type Span } from './range.ts'
import { RegistryError } from './registry-error.ts'
import { checkedDigest, isRepositoryName } from './route.ts'

/** Name under which the content store keeps what a session has received. */
export function ingestRef(id: string): string {
  return `registry-upload-${id}`
}

/** `/v2/<name>/blobs/uploads/`: POST begins (end-4a), sends all at once (end-4b), or mounts (end-11). */
export async function beginUpload(context: RegistryContext, exchange: Exchange, name: string): Promise<void> {
  if (exchange.method !== 'POST') throw new RegistryError('UNSUPPORTED', undefined, { headers: { Allow: 'POST' } })
  const { query, request } = exchange
  const mount = query.get('mount')
  if (mount !== null && mountBlob(context, exchange, name, checkedDigest(mount), query.get('from'))) return
  const digest = query.get('digest')
  if (digest === null) {
    const session = newSession(name, algorithmOf(query.get('digest-algorithm')))
    context.links.addUpload(session)
    return answer(exchange, 202, progressHeaders(session, 0))
  }
  const expected = checkedDigest(digest)
  using lease = context.content.lease()
  lease.blob(expected)
  await writeWhole(request, async () => {
    await context.content.blobs.write(bodyOf(request), { expected: { digest: expected }, lease })
  })
  context.links.linkBlob(name, expected)
  answerCreated(exchange, name, expected)
}

/** `/v2/<name>/blobs/uploads/<id>`: PATCH (end-5), PUT (end-6), GET (end-13), DELETE (end-14). */
export async function serveUpload(
  context: RegistryContext,
  exchange: Exchange,
  name: string,
  id: string,
): Promise<void> {
  const session = context.links.upload(id)
  if (session?.repository !== name) throw new RegistryError('BLOB_UPLOAD_UNKNOWN', { uuid: id })
  switch (exchange.method) {
    case 'PATCH':
      return answer(exchange, 202, progressHeaders(session, await receive(context, exchange, session)))
    case 'PUT':
      return finishUpload(context, exchange, session)
    case 'GET':
    case 'HEAD':
      return answer(exchange, 204, progressHeaders(session, offsetOf(context, session)))
    case 'DELETE':
      context.links.removeUpload(id)
      await context.content.blobs.abortIngest(ingestRef(id))
      return answer(exchange, 204)
    default:
      throw new RegistryError('UNSUPPORTED', undefined, { headers: { Allow: 'PATCH, PUT, GET, HEAD, DELETE' } })
  }
}

function newSession(repository: string, algorithm: DigestAlgorithm): UploadSession {
  return { id: randomUUID(), repository, algorithm, startedAt: new Date() }
}

function algorithmOf(text: string | null): DigestAlgorithm {
  if (text === null || text === 'sha256') return 'sha256'
  if (text === 'sha512') return 'sha512'
  throw new RegistryError('DIGEST_INVALID', { algorithm: text })
}

/** "The registry MAY treat the from parameter as optional, and it MAY cross-mount the blob if it can be found." Otherwise an upload begins. */
function mountBlob(
  { links, content }: RegistryContext,
  exchange: Exchange,
  name: string,
  digest: Digest,
  from: string | null,
): boolean {
  if (from !== null && !isRepositoryName(from)) throw new RegistryError('NAME_INVALID', { name: from })
  using lease = content.lease()
  lease.blob(digest)
  if (from === null ? !links.blobAnywhere(digest) : !links.hasBlob(from, digest)) return false
  links.linkBlob(name, digest)
  answerCreated(exchange, name, digest)
  return true
}

function answerCreated(exchange: Exchange, name: string, digest: Digest): void {
  answer(exchange, 201, { Location: `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest })
}

/** An empty upload says `0-0`, as Docker's registry does: the form has no other way to say it. */
function progressHeaders(session: UploadSession, offset: number): Record<string, string> {
  return {
    Location: `/v2/${session.repository}/blobs/uploads/${session.id}`,
    Range: `0-${Math.max(0, offset - 1)}`,
    'Docker-Upload-UUID': session.id,
  }
}

function offsetOf({ content }: RegistryContext, session: UploadSession): number {
  const ref = ingestRef(session.id)
  return content.blobs.ingests().find((ingest) => ingest.ref === ref)?.offset ?? 0
}

async function openIngest({ content }: RegistryContext, session: UploadSession): Promise<Ingest> {
  try {
    return await content.blobs.ingest(ingestRef(session.id), { algorithm: session.algorithm })
  } catch (cause) {
    if (cause instanceof OciError && cause.code === 'busy') {
      throw new RegistryError('BLOB_UPLOAD_INVALID', 'another request is writing this upload', { status: 409, cause })
    }
    throw cause
  }
}

/** Appends the request's body. What arrived before a client hung up is kept: it may go on from there. */
async function receive(context: RegistryContext, exchange: Exchange, session: UploadSession): Promise<number> {
  const ingest = await openIngest(context, session)
  try {
    await append(exchange, session, ingest)
    return ingest.offset
  } finally {
    await ingest.pause()
  }
}

async function append({ request }: Exchange, session: UploadSession, ingest: Ingest): Promise<void> {
  const span = checkedChunk(request, session, ingest.offset)
  const begin = ingest.offset
  const length = span ? span.end - span.start + 1 : Number.POSITIVE_INFINITY
  await writeWhole(request, async () => {
    for await (const chunk of bodyOf(request)) {
      if (ingest.offset - begin + chunk.length > length) throw new RegistryError('SIZE_INVALID')
      await ingest.write(chunk)
    }
  })
  if (span && ingest.offset - begin !== length) throw new RegistryError('SIZE_INVALID')
}

/** "Chunks MUST be uploaded in order"; "If a chunk is uploaded out of order, the registry MUST respond with a 416". */
function checkedChunk(request: IncomingMessage, session: UploadSession, offset: number): Span | undefined {
  const header = request.headers['content-range']
  const span = parseChunkRange(header)
  if (!span) return undefined
  if (span.start !== offset)
    throw new RegistryError('RANGE_INVALID', { range: header }, { headers: progressHeaders(session, offset) })
  const length = request.headers['content-length']
  if (length !== undefined && Number(length) !== span.end - span.start + 1) throw new RegistryError('SIZE_INVALID')
  return span
}

/** A body that breaks off is the client's fault, not ours. */
async function writeWhole(request: IncomingMessage, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (cause) {
    if (cause instanceof OciError && cause.code === 'digest-mismatch')
      throw new RegistryError('DIGEST_INVALID', cause.message, { cause })
    if (request.destroyed && !request.complete)
      throw new RegistryError('BLOB_UPLOAD_INVALID', 'client disconnected', { cause })
    throw cause
  }
}

async function finishUpload(context: RegistryContext, exchange: Exchange, session: UploadSession): Promise<void> {
  const text = exchange.query.get('digest')
  if (text === null) throw new RegistryError('DIGEST_INVALID', 'digest missing')
  const digest = checkedDigest(text)
  using lease = context.content.lease()
  lease.blob(digest)
  await receive(context, exchange, session)
  try {
    await commit(context, session, digest)
  } catch (cause) {
    context.links.removeUpload(session.id)
    if (cause instanceof OciError && cause.code === 'digest-mismatch')
      throw new RegistryError('DIGEST_INVALID', cause.message, { cause })
    throw cause
  }
  context.links.linkBlob(session.repository, digest, session.id)
  answerCreated(exchange, session.repository, digest)
}

/** "the post request SHOULD include the digest-algorithm parameter": where it did not, the bytes are read once more. */
async function commit(context: RegistryContext, session: UploadSession, digest: Digest): Promise<void> {
  const { content } = context
  const ingest = await openIngest(context, session)
  if (digestAlgorithm(digest) === session.algorithm) {
    await ingest.commit({ digest })
    return
  }
  using lease = content.lease()
  const stored = await ingest.commit()
  lease.blob(stored.digest)
  await content.blobs.write(await content.blobs.read(stored.digest), {
    expected: { digest },
    algorithm: digestAlgorithm(digest),
    lease,
  })
}
