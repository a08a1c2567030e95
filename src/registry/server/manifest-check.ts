import {
  type Descriptor,
  type Digest,
  isDigest,
  isForeignLayer,
  isIndexMediaType,
  isManifestMediaType,
  mediaTypes,
} from '../../oci/index.ts'
import { RegistryError } from './registry-error.ts'

/** What a repository must know of a manifest before it takes it. */
export interface CheckedManifest {
  readonly mediaType: string
  readonly subject?: Digest
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  /** blobs that the repository must have */
  readonly blobs: readonly Digest[]
  /** manifests that the repository must have */
  readonly manifests: readonly Digest[]
}

type Json = Readonly<Record<string, unknown>>

function invalid(reason: string): RegistryError {
  return new RegistryError('MANIFEST_INVALID', reason)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(bytes: Uint8Array): Json {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new RegistryError('MANIFEST_INVALID', cause instanceof Error ? cause.message : String(cause), { cause })
  }
  if (!isObject(value)) throw invalid('manifest is not a JSON object')
  return value
}

/** "The registry SHOULD ignore parameters on the Content-Type header." */
function typeOf(contentType: string | undefined, manifest: Json): string {
  const sent = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const own = typeof manifest.mediaType === 'string' ? manifest.mediaType : undefined
  if (manifest.mediaType !== undefined && own === undefined) throw invalid('mediaType is not a string')
  const type = sent === '' || sent === 'application/json' ? (own ?? mediaTypes.ociManifest) : sent
  // "If a manifest includes a mediaType field, clients MUST set the Content-Type header to the value specified"
  if (own !== undefined && own !== type) throw invalid(`mediaType in manifest should be '${type}' not '${own}'`)
  return type
}

function descriptor(value: unknown, where: string): Descriptor {
  if (!isObject(value)) throw invalid(`${where} is not a descriptor`)
  if (!isDigest(value.digest)) throw invalid(`${where} has an invalid digest`)
  if (typeof value.size !== 'number' || !Number.isSafeInteger(value.size) || value.size < 0)
    throw invalid(`${where} has an invalid size`)
  if (typeof value.mediaType !== 'string') throw invalid(`${where} has no mediaType`)
  return value as unknown as Descriptor
}

function descriptors(value: unknown, where: string): Descriptor[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw invalid(`${where} is not a list`)
  return value.map((item, index) => descriptor(item, `${where}[${index}]`))
}

function annotationsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw invalid('annotations is not a map of strings')
  }
  return value as Record<string, string>
}

/**
 * Pure check of a manifest that is being pushed.
 * @throws RegistryError MANIFEST_INVALID
 */
export function checkManifest(bytes: Uint8Array, contentType: string | undefined): CheckedManifest {
  const manifest = parse(bytes)
  const mediaType = typeOf(contentType, manifest)
  const isIndex = isIndexMediaType(mediaType)
  if (!isIndex && !isManifestMediaType(mediaType)) throw invalid(`unsupported manifest media type ${mediaType}`)
  if (manifest.schemaVersion !== 2) throw invalid(`unrecognized manifest schema version ${manifest.schemaVersion}`)
  // image-spec: documents that could be read as both kinds are how CVE-2021-41190 confuses two readers
  if (isIndex && (manifest.config !== undefined || manifest.layers !== undefined))
    throw invalid('index: expected no config or layers')
  if (!isIndex && manifest.manifests !== undefined) throw invalid('manifest: expected no manifests')

  const config = isIndex ? undefined : descriptor(manifest.config, 'config')
  // "Registries ... MAY reject a manifest that references a blob that does not exist": what is fetched from elsewhere need not be here
  const layers = descriptors(manifest.layers, 'layers').filter(
    (layer) => !isForeignLayer(layer.mediaType) && !layer.urls?.length,
  )
  const subject =
    manifest.subject === undefined || manifest.subject === null ? undefined : descriptor(manifest.subject, 'subject')
  if (manifest.artifactType !== undefined && typeof manifest.artifactType !== 'string')
    throw invalid('artifactType is not a string')
  // "If the artifactType is empty or missing in the image manifest, the value of artifactType MUST be set to the config descriptor mediaType value."
  const artifactType = manifest.artifactType || config?.mediaType
  const annotations = annotationsOf(manifest.annotations)
  return {
    mediaType,
    ...(subject ? { subject: subject.digest } : {}),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations ? { annotations } : {}),
    blobs: [...(config ? [config] : []), ...layers].map((item) => item.digest),
    manifests: descriptors(manifest.manifests, 'manifests').map((item) => item.digest),
  }
}
