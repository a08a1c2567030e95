import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { BlobStore } from './blob-store.ts'
import { completeLayer } from './complete-layer.ts'
import type { Layer, LayerStore, Lease, OciLog, PackedLayer, PackOptions, Scratch, UnpackOptions } from './content.ts'
import type { DeferredSync } from './deferred-sync.ts'
import { type ChainId, chainIdOf, type DiffId, digestHex, isDigest } from './digest.ts'
import { LayerWorkers } from './layer-workers.ts'
import type { Descriptor } from './manifest.ts'
import { mediaTypes } from './media-types.ts'
import { OciError } from './oci-error.ts'
import { packLayer } from './pack-layer.ts'
import { type Unpacked, type UnpackJob, unpackLayer } from './unpack-layer.ts'

export interface LayerFolders {
  /** `<layers>/<hex of chain id>/diff` and `layer.json` */
  readonly layers: string
  /** `<links>/<start of hex>` → diff: short names for mount options */
  readonly links: string
  /** half-made layers, scratch folders, and what waits to be removed; swept when the store opens */
  readonly work: string
}

interface LayerRecord {
  readonly chainId: ChainId
  readonly diffId: DiffId
  readonly parent?: ChainId
  readonly size: number
  readonly entries: number
}

/** Work on a layer that several may be waiting for; it stops when the last of them has gone. */
interface Unpacking {
  readonly done: Promise<Layer>
  readonly abort: AbortController
  readonly parent: ChainId | undefined
  waiting: number
}

/** Smaller blobs are not worth a thread. */
const inlineBytes = 512 * 1024
const shortName = 12

export class DiskLayerStore implements LayerStore, AsyncDisposable {
  readonly #folders: LayerFolders
  readonly #blobs: BlobStore
  readonly #sync: DeferredSync
  readonly #log: OciLog
  readonly #workers = new LayerWorkers()
  readonly #layers = new Map<ChainId, Layer>()
  readonly #links = new Map<ChainId, string>()
  readonly #unpacking = new Map<ChainId, Unpacking>()
  readonly #packing = new Set<PackOptions>()
  #removals: Promise<unknown> = Promise.resolve()

  constructor(folders: LayerFolders, blobs: BlobStore, sync: DeferredSync, log: OciLog) {
    this.#folders = folders
    this.#blobs = blobs
    this.#sync = sync
    this.#log = log
    for (const folder of [folders.layers, folders.links]) mkdirSync(folder, { recursive: true })
    this.#sweepWork()
    for (const hex of readdirSync(folders.layers)) this.#readLayer(hex)
    this.#dropOrphans()
    for (const name of readdirSync(folders.links)) {
      if (!existsSync(join(folders.links, name))) unlinkSync(join(folders.links, name))
    }
    for (const layer of this.#layers.values()) this.#link(layer)
  }

  /** What a killed process left goes out of the way at once and from the disk in the background. */
  #sweepWork(): void {
    const { work } = this.#folders
    mkdirSync(work, { recursive: true })
    for (const name of readdirSync(work)) this.#discard(join(work, name))
  }

  #readLayer(hex: string): void {
    const place = join(this.#folders.layers, hex)
    const { suspectSince } = this.#sync
    const unflushed = suspectSince !== undefined && statSync(place).mtime >= suspectSince
    const record = unflushed ? undefined : readRecord(join(place, 'layer.json'))
    if (record && digestHex(record.chainId) === hex) {
      this.#layers.set(record.chainId, layerOf(record, join(place, 'diff')))
      return
    }
    this.#log.warn({ layer: hex }, 'a layer was not whole when the machine went down: dropped')
    this.#discardLayerFolder(place)
  }

  /** A layer without the one beneath it can never be mounted. */
  #dropOrphans(): void {
    for (let dropped = true; dropped; ) {
      dropped = false
      for (const { chainId, parent } of this.#layers.values()) {
        if (parent === undefined || this.#layers.has(parent)) continue
        this.#layers.delete(chainId)
        this.#discardLayerFolder(join(this.#folders.layers, digestHex(chainId)))
        dropped = true
      }
    }
  }

  get(chainId: ChainId): Layer | undefined {
    return this.#layers.get(chainId)
  }

  list(): readonly Layer[] {
    return [...this.#layers.values()]
  }

  chain(chainId: ChainId): readonly Layer[] {
    const chain: Layer[] = []
    for (let at: ChainId | undefined = chainId; at !== undefined; at = chain.at(-1)?.parent) {
      const layer = this.#layers.get(at)
      if (!layer) throw new OciError('not-found', `layer ${at} does not exist`)
      chain.push(layer)
    }
    return chain
  }

  lowerdirs(chainId: ChainId | undefined): readonly string[] {
    if (chainId === undefined) return []
    return this.chain(chainId).map((layer) => this.#links.get(layer.chainId) ?? layer.folder)
  }

  size(chainId: ChainId): number {
    return this.chain(chainId)[0]?.size ?? 0
  }

  async unpack(blob: Descriptor, options: UnpackOptions): Promise<Layer> {
    const { diffId, parent, lease, signal } = options
    const chainId = chainIdOf(parent, diffId)
    lease?.layer(chainId)
    signal?.throwIfAborted()
    const known = this.#layers.get(chainId)
    if (known) return known
    if (parent !== undefined && !this.#layers.has(parent) && !this.#unpacking.has(parent)) {
      throw new OciError('not-found', `layer ${parent} does not exist`)
    }
    const work = this.#unpacking.get(chainId) ?? this.#beginUnpack(chainId, blob, options)
    return await waitFor(work, signal)
  }

  #beginUnpack(chainId: ChainId, blob: Descriptor, { diffId, parent, onProgress }: UnpackOptions): Unpacking {
    const abort = new AbortController()
    const below = parent === undefined ? undefined : this.#unpacking.get(parent)?.done
    // Whoever waits for the layer beneath hears of its faults; here they only end this one.
    below?.catch(() => undefined)
    const done = this.#unpackInto(chainId, blob, diffId, parent, below, abort.signal, onProgress).finally(() => {
      this.#unpacking.delete(chainId)
    })
    const unpacking = { done, abort, parent, waiting: 0 }
    this.#unpacking.set(chainId, unpacking)
    return unpacking
  }

  async #unpackInto(
    chainId: ChainId,
    blob: Descriptor,
    diffId: DiffId,
    parent: ChainId | undefined,
    below: Promise<Layer> | undefined,
    signal: AbortSignal,
    onProgress: UnpackOptions['onProgress'],
  ): Promise<Layer> {
    const found = await this.#blobs.stat(blob.digest)
    if (!found) throw new OciError('not-found', `blob ${blob.digest}: not found`)
    const place = await this.#workFolder()
    try {
      const folder = join(place, 'diff')
      await mkdir(folder)
      const job: UnpackJob = { blob: this.#blobs.path(blob.digest), diffId, folder }
      const inline = found.size < inlineBytes
      const unpacked: Unpacked = inline
        ? await unpackLayer(job, onProgress)
        : await this.#workers.unpack(job, onProgress, signal)
      await below
      signal.throwIfAborted()
      if (unpacked.implicit.length + unpacked.missingTargets.length > 0) {
        completeLayer(folder, parent === undefined ? [] : this.lowerdirs(parent), unpacked)
      }
      return await this.#publish(place, { chainId, diffId, ...(parent && { parent }), ...sizes(unpacked) })
    } catch (error) {
      this.#discard(place)
      throw error
    }
  }

  async #publish(place: string, record: LayerRecord): Promise<Layer> {
    await writeFile(join(place, 'layer.json'), JSON.stringify(record))
    await this.#sync.mark()
    // Somebody else may have made the same layer meanwhile (the same step built twice): theirs stays.
    const known = this.#layers.get(record.chainId)
    if (known) {
      this.#discard(place)
      return known
    }
    const target = join(this.#folders.layers, digestHex(record.chainId))
    renameSync(place, target)
    const layer = layerOf(record, join(target, 'diff'))
    this.#layers.set(record.chainId, layer)
    this.#link(layer)
    return layer
  }

  /** The shortest start of the id that is free. */
  #link(layer: Layer): void {
    const target = relative(this.#folders.links, layer.folder)
    for (let length = shortName; length <= 128; length += 4) {
      const link = join(this.#folders.links, digestHex(layer.chainId).slice(0, length))
      const existing = linkTarget(link)
      if (existing === undefined) symlinkSync(target, link)
      else if (existing !== target) continue
      this.#links.set(layer.chainId, link)
      return
    }
  }

  async unpackImage(
    layers: readonly Descriptor[],
    diffIds: readonly DiffId[],
    lease?: Lease,
  ): Promise<ChainId | undefined> {
    if (layers.length !== diffIds.length) {
      throw new OciError(
        'corrupt',
        `mismatched image rootfs and manifest layers: ${diffIds.length} and ${layers.length}`,
      )
    }
    const unpacking: Promise<Layer>[] = []
    let parent: ChainId | undefined
    for (const [index, blob] of layers.entries()) {
      const diffId = diffIds[index]
      if (diffId === undefined) break
      unpacking.push(this.unpack(blob, { diffId, ...(parent && { parent }), ...(lease && { lease }) }))
      parent = chainIdOf(parent, diffId)
    }
    const results = await Promise.allSettled(unpacking)
    for (const result of results) if (result.status === 'rejected') throw result.reason
    return parent
  }

  async packUpper(upperdir: string, options: PackOptions = {}): Promise<PackedLayer> {
    options.signal?.throwIfAborted()
    this.#packing.add(options)
    try {
      return await this.#pack(upperdir, options)
    } finally {
      this.#packing.delete(options)
    }
  }

  async #pack(upperdir: string, { parent, lease, signal, adopt = true }: PackOptions): Promise<PackedLayer> {
    const tar = this.#blobs.newFile()
    const lower = this.lowerdirs(parent)
    const packed = await packLayer({ upperdir, lower, tar }, signal).catch((error: unknown) => {
      this.#discard(tar)
      throw error
    })
    const { diffId, tarSize } = packed
    const chainId = chainIdOf(parent, diffId)
    lease?.layer(chainId)
    await this.#blobs.adopt(tar, { digest: diffId, size: tarSize }, lease)
    const descriptor: Descriptor = { mediaType: mediaTypes.ociLayer, digest: diffId, size: tarSize }
    if (!adopt) {
      const layer = await this.unpack(descriptor, { diffId, ...(parent && { parent }), ...(lease && { lease }) })
      return { layer, descriptor }
    }
    const place = await this.#workFolder()
    await rename(upperdir, join(place, 'diff'))
    const layer = await this.#publish(place, { chainId, diffId, ...(parent && { parent }), ...sizes(packed) })
    return { layer, descriptor }
  }

  async scratch(): Promise<Scratch> {
    const place = await this.#workFolder()
    const folder = join(place, 'diff')
    await mkdir(folder)
    return {
      folder,
      [Symbol.asyncDispose]: async () => {
        this.#discard(place)
      },
    }
  }

  /** Synchronous up to the point where nobody finds it any more: what was claimed before stays, what comes after is new. */
  remove(chainId: ChainId): number {
    const layer = this.#layers.get(chainId)
    if (!layer) return 0
    this.#layers.delete(chainId)
    const link = this.#links.get(chainId)
    this.#links.delete(chainId)
    if (link !== undefined) unlinkSync(link)
    this.#discardLayerFolder(join(this.#folders.layers, digestHex(chainId)))
    return layer.size
  }

  /** Layers that something being made now stands on. */
  *held(): Iterable<ChainId> {
    for (const { parent } of this.#unpacking.values()) if (parent !== undefined) yield parent
    for (const { parent } of this.#packing) if (parent !== undefined) yield parent
  }

  async #workFolder(): Promise<string> {
    const place = join(this.#folders.work, randomUUID())
    await mkdir(place)
    return place
  }

  #discardLayerFolder(place: string): void {
    const grave = join(this.#folders.work, randomUUID())
    renameSync(place, grave)
    this.#discard(grave)
  }

  /** Removed in the background, one after the other; what remains is swept at the next open. */
  #discard(place: string): void {
    this.#removals = this.#removals
      .then(() => rm(place, { recursive: true, force: true }))
      .catch((error: unknown) => this.#log.warn({ err: error, place }, 'removing a folder failed'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { abort, done } of this.#unpacking.values()) {
      abort.abort(new OciError('conflict', 'the content store is closing'))
      await done.catch(() => undefined)
    }
    await this.#workers[Symbol.asyncDispose]()
    await this.#removals
  }
}

function sizes({ size, entries }: { readonly size: number; readonly entries: number }): {
  size: number
  entries: number
} {
  return { size, entries }
}

function layerOf(record: LayerRecord, folder: string): Layer {
  const { chainId, diffId, parent, size, entries } = record
  return { chainId, diffId, parent, folder, size, entries }
}

function readRecord(path: string): LayerRecord | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as LayerRecord
    return isDigest(value.chainId) && isDigest(value.diffId) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function waitFor(work: Unpacking, signal: AbortSignal | undefined): Promise<Layer> {
  work.waiting++
  try {
    if (!signal) return await work.done
    return await Promise.race([work.done, aborted(signal)])
  } finally {
    if (--work.waiting === 0) {
      work.abort.abort(new DOMException('nobody waits for the layer any more', 'AbortError'))
      work.done.catch(() => undefined)
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
