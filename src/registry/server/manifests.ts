import type { IncomingMessage } from 'node:http'
import { digestAlgorithm, digestOf, isTag } from '../../oci/index.ts'
import { answer, bodyOf, type Exchange, type RegistryContext } from './exchange.ts'
import { type CheckedManifest, checkManifest } from './manifest-check.ts'
import { RegistryError, RegistryErrors } from './registry-error.ts'
import type { ManifestReference } from './route.ts'

/** "registry implementations SHOULD expect to be able to support manifest pushes of at least 4 megabytes" */
export const largestManifest = 4 * 1024 * 1024

/** `/v2/<name>/manifests/<tag-or-digest>`: GET, HEAD (end-3), PUT (end-7), DELETE (end-9). */
export async function serveManifest(
  context: RegistryContext,
  exchange: Exchange,
  name: string,
  reference: ManifestReference,
): Promise<void> {
  switch (exchange.method) {
    case 'GET':
    case 'HEAD':
      return getManifest(context, exchange, name, reference)
    case 'PUT':
      return putManifest(context, exchange, name, reference)
    case 'DELETE':
      return deleteManifest(context, exchange, name, reference)
    default:
      throw new RegistryError('UNSUPPORTED', undefined, { headers: { Allow: 'GET, HEAD, PUT, DELETE' } })
  }
}

function unknown(name: string, reference: ManifestReference): RegistryError {
  const detail = reference.digest
    ? `unknown manifest name=${name} revision=${reference.digest}`
    : `unknown tag=${reference.tag}`
  return new RegistryError('MANIFEST_UNKNOWN', detail)
}

async function getManifest(
  { links, content }: RegistryContext,
  exchange: Exchange,
  name: string,
  reference: ManifestReference,
): Promise<void> {
  using lease = content.lease()
  const digest = reference.digest ?? links.tagged(name, reference.tag)
  if (digest) lease.blob(digest)
  const manifest = digest && links.manifest(name, digest)
  if (!manifest) throw unknown(name, reference)
  const headers = { 'Docker-Content-Digest': manifest.digest, ETag: `"${manifest.digest}"` }
  if (exchange.request.headers['if-none-match'] === headers.ETag) {
    exchange.response.writeHead(304, headers)
    exchange.response.end()
    return
  }
  const described = { ...headers, 'Content-Type': manifest.mediaType, 'Content-Length': manifest.size }
  if (exchange.method === 'HEAD') return answer(exchange, 200, described)
  const bytes = await content.blobs.readBytes(manifest.digest)
  exchange.response.writeHead(200, described)
  exchange.response.end(bytes)
}

async function putManifest(
  { links, content }: RegistryContext,
  exchange: Exchange,
  name: string,
  reference: ManifestReference,
): Promise<void> {
  const tags = reference.tag === undefined ? tagParameters(exchange.query) : [reference.tag]
  const bytes = await readManifest(exchange.request)
  const digest = digestOf(bytes, reference.digest ? digestAlgorithm(reference.digest) : 'sha256')
  if (reference.digest && reference.digest !== digest)
    throw new RegistryError('DIGEST_INVALID', { digest: reference.digest })
  const checked = checkManifest(bytes, exchange.request.headers['content-type'])

  // Claimed before the check: what the check saw is still there when the link is made.
  using lease = content.lease()
  lease.blob(digest, ...checked.blobs, ...checked.manifests)
  refuseMissing({ links, content }, name, checked)
  await content.blobs.put(bytes, { expected: { digest }, algorithm: digestAlgorithm(digest), lease })
  links.linkManifest(name, { ...checked, digest, size: bytes.length }, tags)

  answer(exchange, 201, {
    Location: `/v2/${name}/manifests/${digest}`,
    'Docker-Content-Digest': digest,
    ...(checked.subject ? { 'OCI-Subject': checked.subject } : {}),
    ...(reference.digest && tags.length > 0 ? { 'OCI-Tag': tags } : {}),
  })
}

/** "When pushing a manifest by digest, the registry MAY support the pushing of tags specified by addition of tag query parameters." */
function tagParameters(query: URLSearchParams): string[] {
  const tags = query.getAll('tag')
  for (const tag of tags) if (!isTag(tag)) throw new RegistryError('TAG_INVALID', { tag })
  return tags
}

async function readManifest(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = () =>
    new RegistryError('MANIFEST_INVALID', `manifest larger than ${largestManifest} bytes`, { status: 413 })
  if (Number(request.headers['content-length'] ?? 0) > largestManifest) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of bodyOf(request)) {
    size += chunk.length
    if (size > largestManifest) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** "When a manifest is rejected for this reason, it MUST result in one or more MANIFEST_BLOB_UNKNOWN errors." A subject may be missing. */
function refuseMissing(
  { links }: Pick<RegistryContext, 'links' | 'content'>,
  name: string,
  checked: CheckedManifest,
): void {
  const missing = [
    ...checked.blobs.filter((digest) => !links.hasBlob(name, digest)),
    ...checked.manifests.filter((digest) => links.manifest(name, digest) === undefined),
  ]
  const [first, ...rest] = [...new Set(missing)].map((digest) => new RegistryError('MANIFEST_BLOB_UNKNOWN', { digest }))
  if (first) throw new RegistryErrors([first, ...rest])
}

/** A tag alone goes alone; a digest takes its tags with it. The bytes go with the next garbage collection. */
function deleteManifest(
  { links }: RegistryContext,
  exchange: Exchange,
  name: string,
  reference: ManifestReference,
): void {
  const gone =
    reference.tag === undefined ? links.unlinkManifest(name, reference.digest) : links.untag(name, reference.tag)
  if (!gone) throw unknown(name, reference)
  answer(exchange, 202)
}
