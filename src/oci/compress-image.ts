import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { BlobStore } from './blob-store.ts'
import type { BlobStat, Image, LayerStore, Lease } from './content.ts'
import { chainIds, isDigest } from './digest.ts'
import type { IndexedImageStore } from './image-store.ts'
import type { Descriptor, ImageManifest } from './manifest.ts'
import { isForeignLayer, layerCompression, mediaTypes } from './media-types.ts'

interface Stores {
  readonly blobs: BlobStore
  readonly images: IndexedImageStore
  readonly layers: LayerStore
}

/** Layers made here are kept as plain tars until somebody wants them over a wire. Then all of an image's, side by side. */
export async function compressImage({ blobs, images, layers }: Stores, image: Image, lease: Lease): Promise<Image> {
  const manifest = await blobs.readManifest(image.manifest.digest)
  const chain = chainIds(image.diffIds)
  const compressed = await Promise.all(
    manifest.layers.map(async (layer, index) => {
      if (isForeignLayer(layer.mediaType) || layerCompression(layer.mediaType) !== 'none') return layer
      const chainId = chain[index]
      const folder = chainId === undefined ? undefined : layers.get(chainId)?.folder
      return await compressLayer(blobs, layer, lease, folder && join(dirname(folder), 'gzip.json'))
    }),
  )
  if (compressed.every((layer, index) => layer === manifest.layers[index])) return image
  const next: ImageManifest = { ...manifest, layers: compressed }
  const stored = await blobs.put(JSON.stringify(next), { lease })
  return await images.replaceManifest(image.id, stored.digest)
}

/** The result is noted beside the layer's folder, so that another image with the same layer finds it. */
async function compressLayer(
  blobs: BlobStore,
  layer: Descriptor,
  lease: Lease,
  note: string | undefined,
): Promise<Descriptor> {
  const docker = layer.mediaType === mediaTypes.dockerLayer
  const mediaType = docker ? mediaTypes.dockerLayerGzip : mediaTypes.ociLayerGzip
  const known = note && (await readNote(note))
  if (known) {
    lease.blob(known.digest)
    if (await blobs.has(known.digest)) return { ...layer, mediaType, ...known }
  }
  const gzip = createGzip({ level: 1, chunkSize: 256 * 1024 })
  const [{ digest, size }] = await Promise.all([
    blobs.write(gzip, { lease }),
    pipeline(await blobs.read(layer.digest), gzip),
  ])
  if (note) await writeFile(note, JSON.stringify({ digest, size }))
  return { ...layer, mediaType, digest, size }
}

async function readNote(path: string): Promise<Pick<BlobStat, 'digest' | 'size'> | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as { digest?: unknown; size?: unknown }
    return isDigest(value.digest) && typeof value.size === 'number'
      ? { digest: value.digest, size: value.size }
      : undefined
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
