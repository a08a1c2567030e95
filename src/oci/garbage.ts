import { statSync, unlinkSync } from 'node:fs'
import type { BlobStore } from './blob-store.ts'
import type { GarbageReport, GarbageRoots } from './content.ts'
import type { ChainId, Digest } from './digest.ts'
import type { IndexedImageStore } from './image-store.ts'
import type { DiskLayerStore } from './layer-store.ts'
import type { Leases } from './leases.ts'
import type { Descriptor } from './manifest.ts'
import { isIndexMediaType, isManifestMediaType } from './media-types.ts'

export interface Collectable {
  readonly blobs: BlobStore
  readonly layers: DiskLayerStore
  readonly images: IndexedImageStore
  readonly leases: Leases
}

/**
 * Marks, then sweeps, while pulls and builds go on. Images and leases are asked at the very moment of each removal, which
 * is synchronous; what was written after the beginning is left for the next time; a lease that ends meanwhile counts on.
 * So whoever claims first and looks then never sees a thing vanish.
 */
export async function collectGarbage(
  { blobs, layers, images, leases }: Collectable,
  providers: Iterable<() => GarbageRoots | Promise<GarbageRoots>>,
): Promise<GarbageReport> {
  using _collecting = leases.collecting()
  const generation = blobs.beginGeneration()
  const rootBlobs = new Set<Digest>()
  const rootLayers = new Set<ChainId>()
  for (const provider of providers) {
    const roots = await provider()
    for (const digest of roots.blobs ?? []) rootBlobs.add(digest)
    for (const chainId of roots.layers ?? []) rootLayers.add(chainId)
  }
  for (const descriptor of images.foreign) await markDescriptor(blobs, descriptor, rootBlobs)

  const sweptLayers: ChainId[] = []
  const sweptBlobs: Digest[] = []
  let freed = 0
  const candidates = layers.list()
  const live = liveLayers(layers, [...rootLayers, ...images.topLayers(), ...leases.layers(), ...layers.held()])
  for (const { chainId } of candidates.filter((layer) => !live.has(layer.chainId))) {
    freed += layers.remove(chainId)
    sweptLayers.push(chainId)
  }
  for await (const { digest } of blobs.list()) {
    if (rootBlobs.has(digest) || images.needsBlob(digest) || leases.holdsBlob(digest)) continue
    if (blobs.isNewerThan(digest, generation)) continue
    const path = blobs.path(digest)
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found) continue
    unlinkSync(path)
    freed += found.size
    sweptBlobs.push(digest)
  }
  return { blobs: sweptBlobs, layers: sweptLayers, freed }
}

/** Everything beneath a live layer is live. */
function liveLayers(layers: DiskLayerStore, roots: Iterable<ChainId>): Set<ChainId> {
  const live = new Set<ChainId>()
  for (const root of roots) {
    for (let at: ChainId | undefined = root; at !== undefined && !live.has(at); at = layers.get(at)?.parent)
      live.add(at)
  }
  return live
}

async function markDescriptor(blobs: BlobStore, descriptor: Descriptor, marked: Set<Digest>): Promise<void> {
  if (marked.has(descriptor.digest)) return
  marked.add(descriptor.digest)
  const { mediaType, digest } = descriptor
  if (!(isIndexMediaType(mediaType) || isManifestMediaType(mediaType)) || !(await blobs.has(digest))) return
  if (isIndexMediaType(mediaType)) {
    for (const one of (await blobs.readIndex(digest)).manifests) await markDescriptor(blobs, one, marked)
    return
  }
  const manifest = await blobs.readManifest(digest)
  for (const one of [manifest.config, ...manifest.layers]) marked.add(one.digest)
}
