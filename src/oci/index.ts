/**
 * The content store: references, digests, manifests, layers. Everything that an image is, nothing of what a container is.
 *
 *     await using content = await openContent({ folder, log })
 *     using lease = content.lease()
 *     const blob = await content.blobs.write(response.body, { expected: descriptor, lease })
 *     const layer = await content.layers.unpack(descriptor, { diffId, parent, lease })
 *     const image = await content.images.add({ manifest: manifestDigest, names: [parseNormalizedName('python:3.9')] })
 *     content.layers.lowerdirs(image.chainId) // top first
 */
export { changes } from './changes.ts'
export type * from './content.ts'
export { decodeConfig, decodeIndex, decodeManifest } from './decode.ts'
export { decompress } from './decompress.ts'
export {
  type ChainId,
  chainIdOf,
  chainIds,
  type DiffId,
  type Digest,
  type DigestAlgorithm,
  Digester,
  digestAlgorithm,
  digestHex,
  digestOf,
  isDigest,
  parseDigest,
} from './digest.ts'
export { extractTree, resolveInRoot } from './extract-tree.ts'
export { shortId } from './image-store.ts'
export type * from './manifest.ts'
export * from './media-types.ts'
export { OciError, type OciErrorCode } from './oci-error.ts'
export { openContent } from './open-content.ts'
export { packTree } from './pack-tree.ts'
export {
  formatPlatform,
  hostPlatform,
  normalizePlatform,
  parsePlatform,
  platformMatches,
  platformRank,
  selectManifest,
} from './platform.ts'
export { readTar } from './read-tar.ts'
export {
  canonicalString,
  familiarName,
  familiarString,
  isTag,
  type NamedReference,
  nameOf,
  parseAnyReference,
  parseNormalizedName,
  trimReference,
  withDigest,
  withTag,
  withTagDefault,
} from './reference.ts'
export type * from './tar-entry.ts'
export { tarEnd, tarHeader, tarPadding } from './tar-writer.ts'
export type * from './tree.ts'
