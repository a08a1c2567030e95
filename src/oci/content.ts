import type { Readable } from 'node:stream'
import type { ChainId, DiffId, Digest, DigestAlgorithm } from './digest.ts'
import type { Descriptor, ImageConfig, ImageIndex, ImageManifest, Platform } from './manifest.ts'
import type { NamedReference } from './reference.ts'

/** pino's shape, as far as this room uses it */
export interface OciLog {
  debug(obj: object, msg?: string): void
  info(obj: object, msg?: string): void
  warn(obj: object, msg?: string): void
  error(obj: object, msg?: string): void
}

/**
 * Keeps blobs and layer folders from the garbage collector while somebody works. Claim first, then look whether the
 * thing is there: what a live lease names is never swept. Leases live as long as the process; what a killed process
 * had leased and not yet named is garbage at the next collection.
 */
export interface Lease extends Disposable {
  readonly id: string
  blob(...digests: readonly Digest[]): void
  layer(...chainIds: readonly ChainId[]): void
  release(): void
}

export interface BlobStat {
  readonly digest: Digest
  /** bytes */
  readonly size: number
  readonly modified: Date
}

export interface ByteRange {
  /** first byte, 0 when absent */
  readonly start?: number
  /** last byte, inclusive; the blob's end when absent */
  readonly end?: number
}

export interface Expected {
  readonly digest?: Digest
  /** bytes */
  readonly size?: number
}

export interface WriteOptions {
  readonly expected?: Expected
  /** the blob's algorithm where no digest is expected; sha256 */
  readonly algorithm?: DigestAlgorithm
  /** the finished blob is claimed for it */
  readonly lease?: Lease
}

/**
 * A blob on its way in. Nothing shows under `blobs/` before `commit`. Dispose without commit aborts and leaves
 * nothing, unless it was `pause`d: then `ContentStore.ingest(ref)` goes on at `offset`.
 */
export interface Ingest extends AsyncDisposable {
  readonly ref: string
  /** bytes written so far */
  readonly offset: number
  readonly startedAt: Date
  readonly updatedAt: Date
  /** @throws OciError size-mismatch as soon as more arrives than was expected; no-space when the disk is full */
  write(chunk: Uint8Array): Promise<void>
  /** Starts again at 0, after a server that would not resume. */
  restart(): Promise<void>
  /** Lets go of the file, keeps it: somebody else may go on. */
  pause(): Promise<void>
  /** Durable and visible when it returns. @throws OciError digest-mismatch, size-mismatch (the ingest is then gone) */
  commit(expected?: Expected): Promise<BlobStat>
  abort(): Promise<void>
}

/** The blobs of an OCI image layout. */
export interface ContentStore {
  /** the OCI image layout: `skopeo inspect oci:<folder>:<name>` reads it */
  readonly folder: string
  has(digest: Digest): Promise<boolean>
  stat(digest: Digest): Promise<BlobStat | undefined>
  /** where the blob's file is, whether there or not */
  path(digest: Digest): string
  /** @throws OciError not-found; invalid when the range begins past the end */
  read(digest: Digest, range?: ByteRange): Promise<Readable>
  /** The whole blob in memory: for manifests and configurations. @throws OciError not-found, or invalid past `limit` bytes (16 MiB) */
  readBytes(digest: Digest, limit?: number): Promise<Buffer>
  /** @throws OciError not-found, corrupt */
  readJson(digest: Digest): Promise<unknown>
  readManifest(digest: Digest): Promise<ImageManifest>
  readIndex(digest: Digest): Promise<ImageIndex>
  readConfig(digest: Digest): Promise<ImageConfig>
  /** A small blob at once. */
  put(bytes: Uint8Array | string, options?: WriteOptions): Promise<BlobStat>
  /** A stream to its end; an error, a wrong digest or an early end leaves nothing. */
  write(source: AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<BlobStat>
  /** Begins, or goes on with a paused one of that ref. @throws OciError busy when somebody is writing it */
  ingest(ref: string, options?: WriteOptions): Promise<Ingest>
  ingests(): readonly {
    readonly ref: string
    readonly offset: number
    readonly startedAt: Date
    readonly updatedAt: Date
  }[]
  /** Drops a paused ingest. Whether there was one. */
  abortIngest(ref: string): Promise<boolean>
  /** At once, whoever names it: for a registry's DELETE. Whether it was there. */
  delete(digest: Digest): Promise<boolean>
  /** Every blob, in no order. */
  list(): AsyncIterable<BlobStat>
}

/** An image as `docker images` and `docker inspect` know it: one platform's manifest and the names that point to it. */
export interface Image {
  /** digest of the configuration: Docker's image id */
  readonly id: Digest
  readonly manifest: Descriptor
  readonly config: ImageConfig
  /** the configuration's descriptor */
  readonly configDescriptor: Descriptor
  readonly layers: readonly Descriptor[]
  readonly diffIds: readonly DiffId[]
  /** top of the chain; undefined for an image without layers (FROM scratch) */
  readonly chainId: ChainId | undefined
  readonly platform: Platform
  /** familiar, sorted: `python:3.9`, `localhost:5000/app:1` */
  readonly tags: readonly string[]
  /** familiar, sorted: `python@sha256:…` */
  readonly repoDigests: readonly string[]
  /** id of the image that it was built on here */
  readonly parent: Digest | undefined
  /** when a name last came to point here */
  readonly taggedAt: Date
}

export interface AddImage {
  /** digest of the manifest blob, which is in the store with its configuration and layers */
  readonly manifest: Digest
  readonly names?: readonly NamedReference[]
  /** `name@digest`s under which a registry knows it: the digest may be an index's */
  readonly repoDigests?: readonly NamedReference[]
  readonly parent?: Digest
}

/**
 * Names and images, kept in the layout's index.json. Held in memory: every question is answered without disk; every
 * change is durable before its promise resolves.
 */
export interface ImageStore {
  list(): readonly Image[]
  get(id: Digest): Image | undefined
  /**
   * As Docker looks up: a name (tag `latest` when absent), `name@digest`, an id (with or without `sha256:`), a prefix of an
   * id that fits one image only.
   * @throws OciError invalid, with Docker's reference sentences
   */
  find(reference: string): Image | undefined
  /** As find. @throws OciError not-found: `No such image: x:latest` */
  resolve(reference: string): Image
  byName(name: NamedReference): Image | undefined
  /** Images built on this one. */
  children(id: Digest): readonly Image[]
  /** Adds, or gives more names to, an image. A name that pointed elsewhere moves here; the other image stays, untagged. */
  add(image: AddImage): Promise<Image>
  tag(id: Digest, name: NamedReference): Promise<Image>
  /** What the name pointed to. */
  untag(name: NamedReference): Promise<Image | undefined>
  /** Drops every name and the image; its blobs and layers go with the next collection. */
  remove(id: Digest): Promise<void>
  /** Replaces the manifest of an image (same configuration), e.g. after its layers were compressed for a push. */
  replaceManifest(id: Digest, manifest: Digest): Promise<Image>
}

/** A layer's folder: what that layer changes, in overlay's own form, ready to be a lowerdir. */
export interface Layer {
  readonly chainId: ChainId
  readonly diffId: DiffId
  readonly parent: ChainId | undefined
  /** absolute */
  readonly folder: string
  /** sum of file sizes, hard links once (bytes): what Docker calls a layer's size */
  readonly size: number
  /** files, folders, links and nodes */
  readonly entries: number
}

export interface UnpackOptions {
  readonly diffId: DiffId
  /** chain id of the layer beneath; its folder is waited for when it is on its way */
  readonly parent?: ChainId
  readonly lease?: Lease
  readonly signal?: AbortSignal
  /** bytes of the (compressed) blob read so far */
  readonly onProgress?: (readBytes: number) => void
}

export interface PackOptions {
  readonly parent?: ChainId
  readonly lease?: Lease
  readonly signal?: AbortSignal
  /** false: the folder stays with its owner (commit of a container that lives on); true by default */
  readonly adopt?: boolean
}

export interface PackedLayer {
  readonly layer: Layer
  /** the layer's blob as it is stored: an uncompressed tar; see `Content.compressImage` */
  readonly descriptor: Descriptor
}

/** `docker diff`: 0 modified, 1 added, 2 deleted, as the API's `Kind` */
export interface FileChange {
  readonly path: string
  readonly kind: 0 | 1 | 2
}

export interface Scratch extends AsyncDisposable {
  /** an empty folder on the layers' file system */
  readonly folder: string
}

/** One folder per chain id. */
export interface LayerStore {
  get(chainId: ChainId): Layer | undefined
  list(): readonly Layer[]
  /** The layers of a chain, top first. @throws OciError not-found */
  chain(chainId: ChainId): readonly Layer[]
  /** Short absolute paths of the chain's folders, top first, as `lowerdir=` wants them. @throws OciError not-found */
  lowerdirs(chainId: ChainId | undefined): readonly string[]
  /**
   * Blob → folder. The same chain id asked for twice is unpacked once. Compressed digest and diff id are both checked;
   * a fault leaves nothing behind. Runs off the main loop.
   * @throws OciError digest-mismatch, corrupt, unsafe-path, unsupported, no-space
   */
  unpack(blob: Descriptor, options: UnpackOptions): Promise<Layer>
  /** All layers of an image, side by side. Returns the top. */
  unpackImage(layers: readonly Descriptor[], diffIds: readonly DiffId[], lease?: Lease): Promise<ChainId | undefined>
  /** An overlay's upper folder (unmounted, unless adopt is false) → a layer and its blob. */
  packUpper(upperdir: string, options?: PackOptions): Promise<PackedLayer>
  /** A folder of the store's file system to fill and hand to packUpper; emptied when disposed, or at the next open. */
  scratch(): Promise<Scratch>
  /** Bytes that this folder takes beyond its parents. */
  size(chainId: ChainId): number
}

export interface GarbageRoots {
  readonly blobs?: Iterable<Digest>
  readonly layers?: Iterable<ChainId>
}

export interface GarbageReport {
  readonly blobs: readonly Digest[]
  readonly layers: readonly ChainId[]
  /** bytes */
  readonly freed: number
}

export interface ImageUsage {
  readonly id: Digest
  /** bytes of all its layers */
  readonly size: number
  /** bytes of those layers that another image has too */
  readonly sharedSize: number
}

export interface ContentUsage {
  readonly images: readonly ImageUsage[]
  /** bytes of all layer folders, each once: `LayersSize` of `docker system df` */
  readonly layersSize: number
  /** bytes of all blobs */
  readonly blobsSize: number
}

export interface LoadEvent {
  readonly kind: 'layer' | 'image'
  readonly id: Digest
  readonly current?: number
  readonly total?: number
}

export interface LoadedImage {
  readonly image: Image
  /** familiar names that it came with; none → `Loaded image ID: sha256:…` */
  readonly names: readonly string[]
}

/** Everything under one folder: the layout, the layer folders, the names. */
export interface Content extends AsyncDisposable {
  readonly blobs: ContentStore
  readonly images: ImageStore
  readonly layers: LayerStore
  lease(): Lease
  /** What else must live: called at each collection (containers' layers, build cache, a registry's repositories). */
  addRoots(provider: () => GarbageRoots | Promise<GarbageRoots>): Disposable
  /** Marks from images, leases and roots, sweeps the rest. One at a time; the rest of the store goes on meanwhile. */
  collectGarbage(): Promise<GarbageReport>
  usage(): Promise<ContentUsage>
  /**
   * Gives an image gzip layers in place of uncompressed ones, as a registry expects (id, names and layer folders stay).
   * Done once per layer; later calls find the compressed blobs.
   */
  compressImage(id: Digest, lease?: Lease): Promise<Image>
  /** `docker save`: manifest.json, repositories and an OCI layout in one tar. Streams. */
  save(images: readonly { readonly image: Image; readonly names: readonly NamedReference[] }[]): Readable
  /** `docker load`: our save, Docker's (any age), an OCI layout in a tar; plain, gzip or zstd. */
  load(tar: AsyncIterable<Uint8Array>, onEvent?: (event: LoadEvent) => void): Promise<readonly LoadedImage[]>
  /** `docker import`: one root file system tar → an image of one layer. */
  importRootfs(tar: AsyncIterable<Uint8Array>, config: Omit<ImageConfig, 'rootfs'>): Promise<Image>
}

export interface OpenContentOptions {
  readonly folder: string
  readonly log: OciLog
}
