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
export type * from './content.ts'
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
export type * from './manifest.ts'
export * from './media-types.ts'
export { OciError, type OciErrorCode } from './oci-error.ts'
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

import type { Readable } from 'node:stream'
import type { Content, FileChange, OpenContentOptions } from './content.ts'
import type { ImageConfig, ImageIndex, ImageManifest } from './manifest.ts'
import type { Extracted, ExtractOptions, PackTreeOptions } from './tree.ts'

/** Opens (or makes) the store; half-made things of a killed process are swept. One process at a time per folder. */
export declare function openContent(options: OpenContentOptions): Promise<Content>
/** @throws OciError corrupt: what was expected and where */
export declare function decodeManifest(bytes: Uint8Array): ImageManifest
export declare function decodeIndex(bytes: Uint8Array): ImageIndex
export declare function decodeConfig(bytes: Uint8Array): ImageConfig
/** Plain, gzip, zstd, bzip2 or xz by its first bytes (the last two through the system's own tools) → plain. */
export declare function decompress(source: AsyncIterable<Uint8Array>): Readable
/** A folder (a merged root, a context) → tar, in sorted order. Never leaves the root. */
export declare function packTree(root: string, options?: PackTreeOptions): Readable
/** Tar → a folder; whatever its links say, nothing is written outside the root. */
export declare function extractTree(
  root: string,
  tar: AsyncIterable<Uint8Array>,
  options?: ExtractOptions,
): Promise<Extracted>
/** What an overlay's upper folder changes against its lower ones, sorted, as `docker diff` lists it. */
export declare function changes(upperdir: string, lowerdirs: readonly string[]): Promise<FileChange[]>
/** A path inside a root, symbolic links followed inside it (as if chrooted); the last part need not exist. */
export declare function resolveInRoot(
  root: string,
  path: string,
  options?: { readonly followLast?: boolean },
): Promise<string>
