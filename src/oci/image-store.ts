import { readFileSync } from 'node:fs'
import type { BlobStore } from './blob-store.ts'
import type { AddImage, Image, ImageStore, OciLog } from './content.ts'
import { decodeConfig, decodeManifest } from './decode.ts'
import { type ChainId, chainIds, type Digest, digestHex, isDigest } from './digest.ts'
import { annotations, ImageIndexFile } from './image-index.ts'
import type { Descriptor, ImageConfig, ImageManifest, Platform } from './manifest.ts'
import { mediaTypes } from './media-types.ts'
import { OciError } from './oci-error.ts'
import { normalizePlatform } from './platform.ts'
import {
  canonicalString,
  familiarString,
  type NamedReference,
  parseAnyReference,
  parseNormalizedName,
  trimReference,
  withTagDefault,
} from './reference.ts'

/** An image without its names. */
interface Stored {
  readonly id: Digest
  readonly descriptor: Descriptor
  readonly manifest: ImageManifest
  readonly config: ImageConfig
  readonly parent: Digest | undefined
  readonly taggedAt: Date
}

interface State {
  readonly images: Map<Digest, Stored>
  /** canonical string → what it points to */
  readonly names: Map<string, { readonly name: NamedReference; readonly id: Digest }>
}

/**
 * One entry of index.json for each name, one without a name for an image that has none:
 *
 *     { digest: <manifest>, annotations: { org.opencontainers.image.ref.name: docker.io/library/python:3.9, … } }
 *
 * Entries that others have put there stay as they are, and are no images here.
 */
export class IndexedImageStore implements ImageStore {
  readonly #blobs: BlobStore
  readonly #file: ImageIndexFile
  readonly #foreign: readonly Descriptor[]
  #state: State = { images: new Map(), names: new Map() }
  #durable: State = this.#state
  #images: Map<Digest, Image> | undefined
  #blobsInUse: Set<Digest> | undefined

  constructor(blobs: BlobStore, log: OciLog) {
    this.#blobs = blobs
    this.#file = new ImageIndexFile(blobs.folder)
    const foreign: Descriptor[] = []
    for (const descriptor of this.#file.read()) {
      if (descriptor.annotations?.[annotations.taggedAt] === undefined) foreign.push(descriptor)
      else this.#readEntry(descriptor, log)
    }
    this.#foreign = foreign
  }

  #readEntry(descriptor: Descriptor, log: OciLog): void {
    const told = descriptor.annotations ?? {}
    try {
      const manifest = decodeManifest(readFileSync(this.#blobs.path(descriptor.digest)))
      const id = manifest.config.digest
      const parent = told[annotations.parent]
      this.#state.images.set(id, {
        id,
        descriptor: plainDescriptor(descriptor),
        manifest,
        config: this.#state.images.get(id)?.config ?? decodeConfig(readFileSync(this.#blobs.path(id))),
        parent: isDigest(parent) ? parent : undefined,
        taggedAt: new Date(told[annotations.taggedAt] ?? 0),
      })
      const text = told[annotations.refName]
      if (text !== undefined) this.#state.names.set(text, { name: parseNormalizedName(text), id })
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof OciError
      if (!missing) throw error
      log.warn({ err: error, manifest: descriptor.digest }, 'an image of the index cannot be read: dropped')
    }
  }

  list(): readonly Image[] {
    return [...this.#byId().values()]
  }

  get(id: Digest): Image | undefined {
    return this.#byId().get(id)
  }

  find(reference: string): Image | undefined {
    const parsed = parseAnyReference(reference)
    if ('id' in parsed) return this.get(parsed.id)
    return this.byName(parsed.name) ?? this.#byPrefix(reference)
  }

  resolve(reference: string): Image {
    const found = this.find(reference)
    if (found) return found
    const parsed = parseAnyReference(reference)
    const asked = 'id' in parsed ? parsed.id : familiarString(withTagDefault(parsed.name))
    throw new OciError('not-found', `No such image: ${asked}`)
  }

  byName(name: NamedReference): Image | undefined {
    const known = this.#state.names.get(keyOf(name))
    return known && this.get(known.id)
  }

  /** As Docker: a prefix that fits two images fits none. */
  #byPrefix(text: string): Image | undefined {
    const [, algorithm = 'sha256', start = ''] = /^(?:([a-z0-9]+):)?([a-f0-9]+)$/.exec(text) ?? []
    if (start === '') return undefined
    const fitting = [...this.#state.images.keys()].filter((id) => id.startsWith(`${algorithm}:${start}`))
    return fitting.length === 1 && fitting[0] !== undefined ? this.get(fitting[0]) : undefined
  }

  children(id: Digest): readonly Image[] {
    return this.list().filter((image) => image.parent === id)
  }

  async add(image: AddImage): Promise<Image> {
    const bytes = await this.#blobs.readBytes(image.manifest)
    const manifest = decodeManifest(bytes)
    const id = manifest.config.digest
    const config = await this.#blobs.readConfig(id)
    if (config.rootfs.diff_ids.length !== manifest.layers.length) {
      const [diffs, layers] = [config.rootfs.diff_ids.length, manifest.layers.length]
      throw new OciError('corrupt', `mismatched image rootfs and manifest layers: ${diffs} and ${layers}`)
    }
    const descriptor: Descriptor = {
      mediaType: manifest.mediaType ?? mediaTypes.ociManifest,
      digest: image.manifest,
      size: bytes.length,
      platform: platformOf(config),
    }
    const whole = await this.#hasLayers(manifest)
    return await this.#change(id, (state) => {
      const known = state.images.get(id)
      const parent = image.parent ?? known?.parent
      // The same image again, from where its layers were not fetched a second time: the one whose blobs are here stays.
      const kept = known && !whole ? known : { id, descriptor, manifest, config, taggedAt: new Date() }
      state.images.set(id, { ...kept, parent, taggedAt: new Date() })
      for (const name of [...(image.names ?? []), ...(image.repoDigests ?? [])]) point(state, name, id)
    })
  }

  async #hasLayers(manifest: ImageManifest): Promise<boolean> {
    for (const layer of manifest.layers) if (!(await this.#blobs.has(layer.digest))) return false
    return true
  }

  async tag(id: Digest, name: NamedReference): Promise<Image> {
    return await this.#change(id, (state) => {
      const known = state.images.get(id)
      if (!known) throw new OciError('not-found', `No such image: ${id}`)
      state.images.set(id, { ...known, taggedAt: new Date() })
      point(state, name, id)
    })
  }

  async untag(name: NamedReference): Promise<Image | undefined> {
    const key = keyOf(name)
    const known = this.#state.names.get(key)
    if (!known) return undefined
    await this.#commit((state) => state.names.delete(key))
    return this.get(known.id)
  }

  async remove(id: Digest): Promise<void> {
    await this.#commit((state) => {
      state.images.delete(id)
      for (const [key, name] of state.names) if (name.id === id) state.names.delete(key)
    })
  }

  async replaceManifest(id: Digest, manifest: Digest): Promise<Image> {
    const bytes = await this.#blobs.readBytes(manifest)
    const decoded = decodeManifest(bytes)
    if (decoded.config.digest !== id)
      throw new OciError('invalid', `Cannot replace the manifest of ${id}: another image's`)
    return await this.#change(id, (state) => {
      const known = state.images.get(id)
      if (!known) throw new OciError('not-found', `No such image: ${id}`)
      const mediaType = decoded.mediaType ?? mediaTypes.ociManifest
      const descriptor = { ...known.descriptor, mediaType, digest: manifest, size: bytes.length }
      state.images.set(id, { ...known, manifest: decoded, descriptor })
    })
  }

  /** Entries of the index that others put there: their blobs are theirs to keep. */
  get foreign(): readonly Descriptor[] {
    return this.#foreign
  }

  /** Whether an image needs the blob, at this moment. */
  needsBlob(digest: Digest): boolean {
    this.#blobsInUse ??= this.#collectBlobs()
    return this.#blobsInUse.has(digest)
  }

  #collectBlobs(): Set<Digest> {
    const inUse = new Set<Digest>()
    for (const { id, descriptor, manifest } of this.#state.images.values()) {
      inUse.add(id).add(descriptor.digest)
      for (const layer of manifest.layers) inUse.add(layer.digest)
    }
    // A repository digest may be an index's: kept so that its name can be looked up again.
    for (const { name } of this.#state.names.values()) if (name.digest) inUse.add(name.digest)
    return inUse
  }

  topLayers(): ChainId[] {
    return this.list().flatMap((image) => image.chainId ?? [])
  }

  async #change(id: Digest, mutate: (state: State) => void): Promise<Image> {
    await this.#commit(mutate)
    const image = this.get(id)
    if (!image) throw new OciError('not-found', `No such image: ${id}`)
    return image
  }

  /** Seen at once, durable when it resolves; when the disk refuses, as if nothing had been asked. */
  async #commit(mutate: (state: State) => void): Promise<void> {
    const next: State = { images: new Map(this.#state.images), names: new Map(this.#state.names) }
    mutate(next)
    this.#become(next)
    let written = next
    try {
      await this.#file.write(() => {
        written = this.#state
        return this.#entries(this.#state)
      })
      this.#durable = written
    } catch (error) {
      this.#become(this.#durable)
      throw error
    }
  }

  #become(state: State): void {
    this.#state = state
    this.#images = undefined
    this.#blobsInUse = undefined
  }

  #entries(state: State): readonly Descriptor[] {
    const entries: Descriptor[] = [...this.#foreign]
    const named = new Set<Digest>()
    for (const [key, { id }] of state.names) {
      const stored = state.images.get(id)
      if (!stored) continue
      named.add(id)
      entries.push(entryOf(stored, key))
    }
    for (const stored of state.images.values()) if (!named.has(stored.id)) entries.push(entryOf(stored, undefined))
    return entries
  }

  #byId(): Map<Digest, Image> {
    if (this.#images) return this.#images
    const tags = new Map<Digest, string[]>()
    const repoDigests = new Map<Digest, string[]>()
    for (const { name, id } of this.#state.names.values()) {
      const target = name.digest === undefined ? tags : repoDigests
      const list = target.get(id)
      if (list) list.push(familiarString(name))
      else target.set(id, [familiarString(name)])
    }
    this.#images = new Map()
    for (const stored of this.#state.images.values()) {
      const { id } = stored
      this.#images.set(id, imageOf(stored, (tags.get(id) ?? []).sort(), (repoDigests.get(id) ?? []).sort()))
    }
    return this.#images
  }
}

/** A digest says all: a tag beside it is dropped, as Docker's reference store drops it. */
function keyOf(name: NamedReference): string {
  if (name.digest !== undefined) return canonicalString({ ...trimReference(name), digest: name.digest })
  return canonicalString(withTagDefault(name))
}

function point(state: State, name: NamedReference, id: Digest): void {
  const plain = name.digest === undefined ? withTagDefault(name) : { ...trimReference(name), digest: name.digest }
  state.names.set(keyOf(name), { name: plain, id })
}

function plainDescriptor({ mediaType, digest, size, platform }: Descriptor): Descriptor {
  return { mediaType, digest, size, ...(platform && { platform }) }
}

function entryOf({ descriptor, parent, taggedAt }: Stored, key: string | undefined): Descriptor {
  return {
    ...descriptor,
    annotations: {
      ...(key !== undefined && { [annotations.refName]: key, [annotations.containerdName]: key }),
      [annotations.taggedAt]: taggedAt.toISOString(),
      ...(parent !== undefined && { [annotations.parent]: parent }),
    },
  }
}

function platformOf(config: ImageConfig): Platform {
  const { os, architecture, variant } = config
  const osVersion = config['os.version']
  return normalizePlatform({
    os,
    architecture,
    ...(variant && { variant }),
    ...(osVersion && { 'os.version': osVersion }),
  })
}

function imageOf(stored: Stored, tags: readonly string[], repoDigests: readonly string[]): Image {
  const { id, descriptor, manifest, config, parent, taggedAt } = stored
  const diffIds = config.rootfs.diff_ids
  return {
    id,
    manifest: descriptor,
    config,
    configDescriptor: manifest.config,
    layers: manifest.layers,
    diffIds,
    chainId: chainIds(diffIds).at(-1),
    platform: platformOf(config),
    tags,
    repoDigests,
    parent,
    taggedAt,
  }
}

/** `sha256:` and 12 digits, as tables show an id. */
export function shortId(id: Digest): string {
  return digestHex(id).slice(0, 12)
}
