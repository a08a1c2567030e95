import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { BlobStore } from './blob-store.ts'
import { compressImage } from './compress-image.ts'
import type {
  Content,
  ContentUsage,
  GarbageReport,
  GarbageRoots,
  Image,
  Lease,
  LoadEvent,
  LoadedImage,
  OciLog,
  OpenContentOptions,
} from './content.ts'
import { decompressed } from './decompress.ts'
import { DeferredSync } from './deferred-sync.ts'
import type { Digest } from './digest.ts'
import { collectGarbage } from './garbage.ts'
import { IndexedImageStore } from './image-store.ts'
import { DiskLayerStore } from './layer-store.ts'
import { Leases } from './leases.ts'
import { loadImages } from './load-images.ts'
import type { ImageConfig, ImageManifest } from './manifest.ts'
import { mediaTypes } from './media-types.ts'
import { OciError } from './oci-error.ts'
import { type SavedImage, saveImages } from './save-images.ts'
import { contentUsage } from './usage.ts'

/**
 *     <folder>/layout/     the OCI image layout: blobs, index.json
 *     <folder>/layers/     one folder per chain id
 *     <folder>/l/          short names of those
 *     <folder>/ingest/, work/   half-made; swept when the store opens
 *     <folder>/unsynced    see DeferredSync
 */
class DiskContent implements Content {
  readonly blobs: BlobStore
  readonly images: IndexedImageStore
  readonly layers: DiskLayerStore
  readonly #sync: DeferredSync
  readonly #log: OciLog
  readonly #leases = new Leases()
  readonly #roots = new Set<() => GarbageRoots | Promise<GarbageRoots>>()
  #collecting: Promise<GarbageReport> | undefined

  constructor({ folder, log }: OpenContentOptions) {
    for (const part of ['layout', 'layers', 'l', 'work']) mkdirSync(join(folder, part), { recursive: true })
    this.#log = log
    this.#sync = new DeferredSync(folder, log)
    this.blobs = new BlobStore(join(folder, 'layout'), join(folder, 'ingest'), this.#sync, log)
    const places = { layers: join(folder, 'layers'), links: join(folder, 'l'), work: join(folder, 'work') }
    this.layers = new DiskLayerStore(places, this.blobs, this.#sync, log)
    this.images = new IndexedImageStore(this.blobs, log)
  }

  /** Layers lost to a power cut come back from their blobs; an image whose blobs are lost too cannot stay. */
  async heal(): Promise<void> {
    for (const image of this.images.list()) {
      if (image.chainId === undefined || this.layers.get(image.chainId)) continue
      try {
        await this.layers.unpackImage(image.layers, image.diffIds)
        this.#log.info({ image: image.id }, 'the layers of an image were unpacked again')
      } catch (error) {
        if (!(error instanceof OciError) || error.code === 'no-space') throw error
        this.#log.warn({ err: error, image: image.id, tags: image.tags }, 'an image has lost its layers: removed')
        await this.images.remove(image.id)
      }
    }
  }

  lease(): Lease {
    return this.#leases.open()
  }

  addRoots(provider: () => GarbageRoots | Promise<GarbageRoots>): Disposable {
    this.#roots.add(provider)
    return { [Symbol.dispose]: () => void this.#roots.delete(provider) }
  }

  collectGarbage(): Promise<GarbageReport> {
    this.#collecting ??= collectGarbage(
      { blobs: this.blobs, layers: this.layers, images: this.images, leases: this.#leases },
      [...this.#roots],
    ).finally(() => {
      this.#collecting = undefined
    })
    return this.#collecting
  }

  usage(): Promise<ContentUsage> {
    return contentUsage(this)
  }

  async compressImage(id: Digest, lease?: Lease): Promise<Image> {
    using own = this.lease()
    return await compressImage(this, this.#image(id), lease ?? own)
  }

  save(images: readonly SavedImage[]): Readable {
    const lease = this.lease()
    for (const { image } of images) {
      lease.blob(image.id, image.manifest.digest, ...image.layers.map((layer) => layer.digest))
    }
    return saveImages(this.blobs, images).once('close', () => lease.release())
  }

  async load(tar: AsyncIterable<Uint8Array>, onEvent?: (event: LoadEvent) => void): Promise<readonly LoadedImage[]> {
    using lease = this.lease()
    return await loadImages(this, tar, lease, onEvent)
  }

  async importRootfs(tar: AsyncIterable<Uint8Array>, config: Omit<ImageConfig, 'rootfs'>): Promise<Image> {
    using lease = this.lease()
    const { digest, size } = await this.blobs.write(decompressed(tar), { lease })
    const layer = { mediaType: mediaTypes.ociLayer, digest, size }
    await this.layers.unpack(layer, { diffId: digest, lease })
    const whole: ImageConfig = { ...config, rootfs: { type: 'layers', diff_ids: [digest] } }
    const stored = await this.blobs.put(JSON.stringify(whole), { lease })
    const manifest: ImageManifest = {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: stored.digest, size: stored.size },
      layers: [layer],
    }
    const { digest: manifestDigest } = await this.blobs.put(JSON.stringify(manifest), { lease })
    return await this.images.add({ manifest: manifestDigest })
  }

  #image(id: Digest): Image {
    const image = this.images.get(id)
    if (!image) throw new OciError('not-found', `No such image: ${id}`)
    return image
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#collecting
    await this.layers[Symbol.asyncDispose]()
    await this.#sync[Symbol.asyncDispose]()
  }
}

/** Opens (or makes) the store; half-made things of a killed process are swept. One process at a time per folder. */
export async function openContent(options: OpenContentOptions): Promise<Content> {
  const content = new DiskContent(options)
  await content.heal()
  return content
}
