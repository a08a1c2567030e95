import { isDigest } from './digest.ts'
import type { Descriptor, ImageConfig, ImageIndex, ImageManifest } from './manifest.ts'
import { OciError } from './oci-error.ts'

function corrupt(what: string, why: string): OciError {
  return new OciError('corrupt', `Cannot read ${what}: ${why}`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws OciError corrupt */
export function decodeJson(bytes: Uint8Array | string, what: string): unknown {
  try {
    return JSON.parse(typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new OciError('corrupt', `Cannot read ${what}: it is not JSON`, { cause: error })
  }
}

function decodeObject(bytes: Uint8Array | string, what: string): Record<string, unknown> {
  const value = decodeJson(bytes, what)
  if (!isObject(value)) throw corrupt(what, 'it is not an object')
  return value
}

function checkDescriptor(value: unknown, what: string): asserts value is Descriptor {
  if (!isObject(value)) throw corrupt(what, 'a descriptor is missing')
  if (typeof value.mediaType !== 'string') throw corrupt(what, 'a descriptor has no mediaType')
  if (!isDigest(value.digest)) throw corrupt(what, `a descriptor's digest is invalid (${String(value.digest)})`)
  const size = value.size
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw corrupt(what, `a descriptor's size is invalid (${String(size)})`)
  }
  const platform = value.platform
  if (platform !== undefined && platform !== null) {
    const told = isObject(platform) && typeof platform.os === 'string' && typeof platform.architecture === 'string'
    if (!told) throw corrupt(what, "a descriptor's platform is invalid")
  }
}

function checkDescriptors(value: unknown, what: string, field: string): void {
  if (!Array.isArray(value)) throw corrupt(what, `${field} is not a list`)
  for (const one of value) checkDescriptor(one, what)
}

function checkSchemaVersion(value: Record<string, unknown>, what: string): void {
  if (value.schemaVersion !== 2) {
    throw corrupt(what, `schemaVersion is ${JSON.stringify(value.schemaVersion)}, expected 2`)
  }
}

/** An OCI or Docker image manifest. @throws OciError corrupt: what was expected and where */
export function decodeManifest(bytes: Uint8Array | string): ImageManifest {
  const what = 'image manifest'
  const value = decodeObject(bytes, what)
  checkSchemaVersion(value, what)
  if (Array.isArray(value.manifests)) throw corrupt(what, 'it is an index')
  checkDescriptor(value.config, what)
  checkDescriptors(value.layers, what, 'layers')
  return value as unknown as ImageManifest
}

/** An OCI index or a Docker manifest list. @throws OciError corrupt */
export function decodeIndex(bytes: Uint8Array | string): ImageIndex {
  const what = 'image index'
  const value = decodeObject(bytes, what)
  checkSchemaVersion(value, what)
  if (value.config !== undefined) throw corrupt(what, 'it is an image manifest')
  checkDescriptors(value.manifests, what, 'manifests')
  return value as unknown as ImageIndex
}

/** @throws OciError corrupt */
export function decodeConfig(bytes: Uint8Array | string): ImageConfig {
  const what = 'image configuration'
  const value = decodeObject(bytes, what)
  const rootfs = value.rootfs
  if (!isObject(rootfs)) throw corrupt(what, 'rootfs is missing')
  const diffIds = rootfs.diff_ids ?? []
  if (!Array.isArray(diffIds) || !diffIds.every(isDigest))
    throw corrupt(what, 'rootfs.diff_ids is not a list of digests')
  for (const field of ['architecture', 'os', 'created']) {
    const told = value[field]
    if (told !== undefined && told !== null && typeof told !== 'string') throw corrupt(what, `${field} is not text`)
  }
  if (value.history != null && !Array.isArray(value.history)) throw corrupt(what, 'history is not a list')
  if (value.config != null && !isObject(value.config)) throw corrupt(what, 'config is not an object')
  return {
    ...value,
    architecture: value.architecture ?? '',
    os: value.os || 'linux',
    rootfs: { ...rootfs, type: 'layers', diff_ids: diffIds },
  } as unknown as ImageConfig
}
