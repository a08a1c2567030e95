import { type Digest, isDigest, isTag } from '../../oci/index.ts'
import { RegistryError } from './registry-error.ts'

/** A tag, or the digest of a manifest. */
export type ManifestReference =
  | { readonly tag: string; readonly digest?: undefined }
  | { readonly digest: Digest; readonly tag?: undefined }

/** What a path names, checked. */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags'; readonly name: string }
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: ManifestReference }
  | { readonly kind: 'blob'; readonly name: string; readonly digest: Digest }
  | { readonly kind: 'uploads'; readonly name: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string }
  | { readonly kind: 'referrers'; readonly name: string; readonly digest: Digest }

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const nameForm = new RegExp(`^${component}(?:/${component})*$`)
const uploadIdForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** "Many clients impose a limit of 255 characters" on the name with its host; Docker's registry has it for the name alone. */
const longestName = 255

const forms: readonly [RegExp, (name: string, last: string) => Route][] = [
  [/^\/v2\/(.+)\/tags\/list$/, (name) => ({ kind: 'tags', name: repositoryName(name) })],
  [
    /^\/v2\/(.+)\/manifests\/([^/]+)$/,
    (name, last) => ({ kind: 'manifest', name: repositoryName(name), reference: manifestReference(last) }),
  ],
  [/^\/v2\/(.+)\/blobs\/uploads\/?$/, (name) => ({ kind: 'uploads', name: repositoryName(name) })],
  [
    /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
    (name, last) => ({ kind: 'upload', name: repositoryName(name), id: uploadId(last) }),
  ],
  [
    /^\/v2\/(.+)\/blobs\/([^/]+)$/,
    (name, last) => ({ kind: 'blob', name: repositoryName(name), digest: checkedDigest(last) }),
  ],
  [
    /^\/v2\/(.+)\/referrers\/([^/]+)$/,
    (name, last) => ({ kind: 'referrers', name: repositoryName(name), digest: checkedDigest(last) }),
  ],
]

/** @throws RegistryError for a name, tag or digest that is malformed; undefined for a path that is none of the API's */
export function parseRoute(pathname: string): Route | undefined {
  if (pathname === '/v2/' || pathname === '/v2') return { kind: 'base' }
  if (pathname === '/v2/_catalog') return { kind: 'catalog' }
  for (const [form, make] of forms) {
    const match = form.exec(pathname)
    if (match) return make(decode(match[1] ?? ''), decode(match[2] ?? ''))
  }
  return undefined
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new RegistryError('NAME_INVALID', text, { cause })
  }
}

export function isRepositoryName(name: string): boolean {
  return name.length <= longestName && nameForm.test(name)
}

function repositoryName(name: string): string {
  if (!isRepositoryName(name)) throw new RegistryError('NAME_INVALID', { name })
  return name
}

/** @throws RegistryError DIGEST_INVALID: "if the client provided digest is invalid or uses an unsupported algorithm" */
export function checkedDigest(text: string): Digest {
  if (!isDigest(text)) throw new RegistryError('DIGEST_INVALID', { digest: text })
  return text
}

function manifestReference(text: string): ManifestReference {
  if (text.includes(':')) return { digest: checkedDigest(text) }
  if (!isTag(text)) throw new RegistryError('TAG_INVALID', { tag: text })
  return { tag: text }
}

function uploadId(text: string): string {
  if (!uploadIdForm.test(text)) throw new RegistryError('BLOB_UPLOAD_UNKNOWN', { uuid: text })
  return text
}
