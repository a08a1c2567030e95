import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Content, Descriptor, Digest, Image, NamedReference, Platform } from '../oci/index.ts'

/** The part of pino's Logger that this room uses. */
export interface Log {
  debug(context: object, message: string): void
  info(context: object, message: string): void
  warn(context: object, message: string): void
  error(context: object, message: string): void
}

/**
 * One line of Docker's progress stream, before it becomes JSON. `progress` becomes `progressDetail`: absent means that
 * the line carries none, `{}` means the empty object that the docker CLI expects on a layer's lines.
 */
export interface ProgressEvent {
  /** absent only where `aux` stands alone */
  readonly status?: string
  /** a layer's short id (12 hex digits), or the tag in the opening line of a pull */
  readonly id?: string
  readonly progress?: { readonly current?: number; readonly total?: number }
  /** the last event of a push: after the line that says the same to people */
  readonly aux?: { readonly Tag: string; readonly Digest: Digest; readonly Size: number }
}

export type OnProgress = (event: ProgressEvent) => void

/** What `X-Registry-Auth` carries, decoded. */
export interface Credentials {
  readonly username?: string
  readonly password?: string
  readonly identityToken?: string
  /** a bearer token to send as it is */
  readonly registryToken?: string
  readonly serverAddress?: string
}

/** Registries as the user configured them; names are `host[:port]`. */
export interface RegistryConfiguration {
  /** base URLs (`https://mirror.example:5000`) that are asked before Docker Hub itself */
  readonly mirrors?: readonly string[]
  /** registries that are spoken to without TLS or without checking it; entries may be CIDR ranges */
  readonly insecureRegistries?: readonly string[]
  /** per registry, the base URL that really answers for it; for tests and for caches in front of a registry */
  readonly endpoints?: Readonly<Record<string, string>>
}

export interface TransferOptions {
  readonly credentials?: Credentials
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
  /** `User-Agent` */
  readonly userAgent?: string
}

export interface PullOptions extends TransferOptions {
  /** what to choose from an index; default: this machine's */
  readonly platform?: Platform
  /** language of the one line that says that an image was assembled; default English */
  readonly language?: 'en' | 'fr'
}

export interface PulledImage {
  /** recorded in the image store, with the name that was asked for (a tag) and its repo digest */
  readonly image: Image
  /** digest of what the reference points to at its registry: an index or a manifest */
  readonly digest: Digest
  /** whether the name did not already point to this image */
  readonly newer: boolean
  /** set if the image does not come from a registry but was assembled from the Debian archive: `debian/bullseye` */
  readonly assembledFrom?: string
}

export interface PushedImage {
  readonly tag: string
  readonly digest: Digest
  readonly size: number
}

export interface DistributionInspect {
  readonly descriptor: Descriptor
  readonly platforms: readonly Platform[]
}

export interface LoginResult {
  readonly status: string
  readonly identityToken: string
}

export interface ImageTransferOptions {
  readonly content: Content
  readonly log: Log
  readonly configuration?: RegistryConfiguration
  /** where Docker Hub cannot be reached, its best-known names come from here */
  readonly library?: Library
  /** how retries wait; tests hand in one that does not */
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>
}

/** The client: images in from registries and out to registries. Fails with `TransferError`. */
export interface ImageTransfer extends Disposable {
  /**
   * Brings one image into the content store, unpacks its layers and records it (`images.add`) under the name asked for;
   * a reference without tag and digest means `latest`. All or nothing.
   */
  pull(reference: NamedReference, options?: PullOptions): Promise<PulledImage>
  /** Sends an image (layers gzipped first where they are not) and records the repo digest that it has there. */
  push(reference: NamedReference, image: Image, options?: TransferOptions): Promise<PushedImage>
  /** All tags of a repository (`docker pull --all-tags`). */
  tags(reference: NamedReference, options?: TransferOptions): Promise<string[]>
  /** `POST /auth`. */
  checkLogin(credentials: Credentials): Promise<LoginResult>
  /** `GET /distribution/{name}/json`. */
  distributionInspect(reference: NamedReference, options?: TransferOptions): Promise<DistributionInspect>
}

export interface RegistryOptions {
  /** the registry's own folder: a database of repositories, links, tags and upload sessions; created where missing */
  readonly dir: string
  /** shared with the engine: a blob is on disk once, a repository serves only what is linked to it */
  readonly content: Content
  readonly log: Log
}

/** The server: the OCI distribution API v1.1. What it links to is a root of the content store's garbage collection. */
export interface Registry extends AsyncDisposable {
  /** answers one request; never rejects */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** port 0 takes a free one; returns the port that is bound. Default host 127.0.0.1. */
  listen(port: number, host?: string): Promise<number>
  /** repository names, sorted */
  repositories(): readonly string[]
}

export interface LibraryOptions {
  /** an OCI image layout; may be shared by several processes, may be on a USB stick */
  readonly dir: string
  readonly log: Log
  /** where trees are assembled, on a file system that has overlay and device nodes; default: inside `dir` */
  readonly workDir?: string
  /** base URI of a Debian archive; default: the one in the machine's own apt configuration */
  readonly archive?: string
  /** file of keys that sign it; default: the machine's own */
  readonly keyring?: string
  /** apt's configuration folder; default /etc/apt */
  readonly aptDir?: string
  /** a Node 24 binary that runs on any Debian; default: the one that this product brings, or runs on */
  readonly nodeBinary?: string
}

export interface LibraryEntry {
  /** familiar name, such as `python:3.9` */
  readonly name: string
  /** all tags that mean this entry */
  readonly tags: readonly string[]
  /** such as `debian/bullseye` */
  readonly assembledFrom: string
  /** already assembled: a pull only copies */
  readonly ready: boolean
}

/** The base images that can be assembled from the Debian archive. */
export interface Library extends AsyncDisposable {
  /** the entry that answers for a reference, if there is one */
  find(reference: NamedReference): LibraryEntry | undefined
  /** whether any tag of this repository can be assembled */
  hasRepository(reference: NamedReference): boolean
  list(): Promise<LibraryEntry[]>
  /** Assembles the image unless it is ready. Calls for one name share one assembly, across processes too. */
  assemble(
    reference: NamedReference,
    options?: { onProgress?: OnProgress; signal?: AbortSignal; language?: 'en' | 'fr' },
  ): Promise<LibraryImage>
  /** Assembles many, for a teacher before the lesson; all entries if no name is given. */
  prepare(names?: readonly string[], onProgress?: OnProgress, signal?: AbortSignal): Promise<LibraryEntry[]>
  /** Copies the ready images to another folder (an OCI image layout, usable as another library's `dir`). */
  exportTo(dir: string, names?: readonly string[], onProgress?: OnProgress): Promise<LibraryEntry[]>
}

export interface LibraryImage {
  readonly manifest: Descriptor
  readonly entry: LibraryEntry
  /** path of a blob in the library's layout */
  blobPath(digest: Digest): string
}
