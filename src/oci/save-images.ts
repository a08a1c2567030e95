import { Readable } from 'node:stream'
import type { BlobStore } from './blob-store.ts'
import type { Image } from './content.ts'
import { type Digest, digestAlgorithm, digestHex } from './digest.ts'
import { annotations } from './image-index.ts'
import type { Descriptor } from './manifest.ts'
import { isForeignLayer, mediaTypes } from './media-types.ts'
import { canonicalString, familiarName, familiarString, type NamedReference } from './reference.ts'
import type { TarHeader } from './tar-entry.ts'
import { tarEnd, tarHeader, tarPadding } from './tar-writer.ts'

export interface SavedImage {
  readonly image: Image
  readonly names: readonly NamedReference[]
}

/** An item of manifest.json, by which Docker's load finds its way. */
export interface ManifestItem {
  readonly Config: string
  readonly RepoTags: readonly string[] | null
  readonly Layers: readonly string[]
  readonly LayerSources?: Readonly<Record<string, Descriptor>>
  readonly Parent?: Digest
}

/** Docker's archive and an OCI layout in one tar, blobs as they are stored, each once. */
export function saveImages(blobs: BlobStore, images: readonly SavedImage[]): Readable {
  return Readable.from(pieces(blobs, images), { objectMode: false, highWaterMark: 256 * 1024 })
}

function blobPath(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`
}

async function* pieces(blobs: BlobStore, images: readonly SavedImage[]): AsyncGenerator<Uint8Array, void, void> {
  const digests = new Set<Digest>()
  for (const { image } of images) {
    digests.add(image.manifest.digest).add(image.id)
    for (const layer of image.layers) {
      // A foreign layer that was fetched is here; one that was not stays with its urls.
      if (!isForeignLayer(layer.mediaType) || (await blobs.has(layer.digest))) digests.add(layer.digest)
    }
  }
  const sorted = [...digests].sort()
  yield folder('blobs/')
  for (const algorithm of new Set(sorted.map(digestAlgorithm))) {
    yield folder(`blobs/${algorithm}/`)
    for (const digest of sorted) if (digestAlgorithm(digest) === algorithm) yield* blobMember(blobs, digest)
  }
  yield* document('index.json', indexOf(images))
  yield* document('manifest.json', manifestItems(images))
  yield* document('oci-layout', { imageLayoutVersion: '1.0.0' })
  const repositories = repositoriesOf(images)
  if (Object.keys(repositories).length > 0) yield* document('repositories', repositories)
  yield tarEnd()
}

function header(name: string, type: TarHeader['type'], size: number): Buffer {
  return tarHeader({ name, type, mode: type === 'directory' ? 0o755 : 0o644, uid: 0, gid: 0, size, mtimeSeconds: 0 })
}

function folder(name: string): Buffer {
  return header(name, 'directory', 0)
}

async function* blobMember(blobs: BlobStore, digest: Digest): AsyncGenerator<Uint8Array, void, void> {
  const stream = await blobs.read(digest)
  const size = (await blobs.stat(digest))?.size ?? 0
  yield header(blobPath(digest), 'file', size)
  for await (const chunk of stream) yield chunk as Buffer
  yield tarPadding(size)
}

function* document(name: string, value: unknown): Generator<Uint8Array, void, void> {
  const bytes = Buffer.from(JSON.stringify(value))
  yield header(name, 'file', bytes.length)
  yield bytes
  yield tarPadding(bytes.length)
}

function indexOf(images: readonly SavedImage[]): unknown {
  const manifests = images.flatMap(({ image, names }): Descriptor[] => {
    const { mediaType, digest, size } = image.manifest
    const plain: Descriptor = { mediaType, digest, size, platform: image.platform }
    if (names.length === 0) return [plain]
    return names.map((name) => ({
      ...plain,
      annotations: {
        [annotations.containerdName]: canonicalString(name),
        [annotations.refName]: name.tag ?? 'latest',
      },
    }))
  })
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }
}

function manifestItems(images: readonly SavedImage[]): readonly ManifestItem[] {
  const saved = new Set(images.map(({ image }) => image.id))
  return images.map(({ image, names }) => {
    const sources = image.layers.flatMap((layer, index): [string, Descriptor][] =>
      isForeignLayer(layer.mediaType) ? [[image.diffIds[index] ?? '', layer]] : [],
    )
    return {
      Config: blobPath(image.id),
      RepoTags: names.length > 0 ? names.map(familiarString) : null,
      Layers: image.layers.map((layer) => blobPath(layer.digest)),
      ...(sources.length > 0 && { LayerSources: Object.fromEntries(sources) }),
      ...(image.parent && saved.has(image.parent) && { Parent: image.parent }),
    }
  })
}

/** For readers from before manifest.json. */
function repositoriesOf(images: readonly SavedImage[]): Record<string, Record<string, string>> {
  const repositories: Record<string, Record<string, string>> = {}
  for (const { image, names } of images) {
    const top = image.diffIds.at(-1)
    for (const name of names) {
      const repository = familiarName(name)
      repositories[repository] = { ...repositories[repository], [name.tag ?? 'latest']: top ? digestHex(top) : '' }
    }
  }
  return repositories
}
