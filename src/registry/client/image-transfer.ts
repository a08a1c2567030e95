import { type Content, type Image, type NamedReference, withTagDefault } from '../../oci/index.ts'
import type {
  Credentials,
  DistributionInspect,
  ImageTransfer,
  ImageTransferOptions,
  Library,
  LoginResult,
  PulledImage,
  PullOptions,
  PushedImage,
  TransferOptions,
} from '../contract.ts'
import { BlobDownloads } from './blob-download.ts'
import { Connections, type ConnectOptions } from './connections.ts'
import { pullFailure, transferFailure } from './failure.ts'
import { inspectRemote, listTags } from './inspect.ts'
import { pullFromLibrary } from './library-pull.ts'
import { checkLogin } from './login.ts'
import { pullFrom } from './pull.ts'
import { announcePush, mountSources, pushTo } from './push.ts'
import type { RegistrySession } from './registry-session.ts'
import { Semaphore } from './semaphore.ts'
import type { TransportError } from './transport-error.ts'

/** Docker's max-concurrent-downloads and max-concurrent-uploads. */
const downloadPlaces = 3
const uploadPlaces = 5

/** Opens the client side: pulls and pushes through one content store. */
export function openImageTransfer(options: ImageTransferOptions): ImageTransfer {
  return new RegistryTransfer(options)
}

class RegistryTransfer implements ImageTransfer {
  readonly #content: Content
  readonly #library: Library | undefined
  readonly #connections: Connections
  readonly #downloads: BlobDownloads
  readonly #uploads = new Semaphore(uploadPlaces)
  readonly #log: ImageTransferOptions['log']

  constructor({ content, log, configuration = {}, library, sleep }: ImageTransferOptions) {
    this.#content = content
    this.#log = log
    this.#library = library
    this.#connections = new Connections(configuration, sleep)
    this.#downloads = new BlobDownloads(content.blobs, new Semaphore(downloadPlaces), this.#connections.sleep)
  }

  [Symbol.dispose](): void {
    this.#connections[Symbol.dispose]()
  }

  async pull(given: NamedReference, options: PullOptions = {}): Promise<PulledImage> {
    const reference = withTagDefault(given)
    try {
      return await this.#connections.with(reference, { ...options, actions: 'pull' }, (session) =>
        pullFrom({ content: this.#content, downloads: this.#downloads, session }, reference, options),
      )
    } catch (error) {
      if (!this.#connections.isHubFailure(error) || !this.#library) throw pullFailure(error, reference)
      this.#log.info({ reference, reason: error.message }, 'registry: Docker Hub cannot be reached, asking the library')
      return this.#pullFromLibrary(this.#library, reference, error, options)
    }
  }

  async #pullFromLibrary(
    library: Library,
    reference: NamedReference,
    cause: TransportError,
    options: PullOptions,
  ): Promise<PulledImage> {
    try {
      return await pullFromLibrary(this.#content, library, reference, cause, options)
    } catch (error) {
      throw transferFailure(error)
    }
  }

  async push(given: NamedReference, pushed: Image, options: TransferOptions = {}): Promise<PushedImage> {
    const reference = withTagDefault(given)
    announcePush(reference, options.onProgress)
    using lease = this.#content.lease()
    const image = await this.#content.compressImage(pushed.id, lease)
    const connect = { ...options, actions: 'pull,push', mountFrom: mountSources(reference, image) } as const
    return this.#told(reference, connect, (session) =>
      pushTo(
        { content: this.#content, places: this.#uploads, session, sleep: this.#connections.sleep },
        reference,
        image,
        options,
      ),
    )
  }

  tags(reference: NamedReference, options: TransferOptions = {}): Promise<string[]> {
    return this.#told(reference, { ...options, actions: 'pull' }, (session) => listTags(session, reference.path))
  }

  async checkLogin(credentials: Credentials): Promise<LoginResult> {
    return checkLogin(this.#connections, credentials)
  }

  distributionInspect(reference: NamedReference, options: TransferOptions = {}): Promise<DistributionInspect> {
    return this.#told(reference, { ...options, actions: 'pull' }, (session) => inspectRemote(session, reference))
  }

  async #told<T>(
    reference: NamedReference,
    options: ConnectOptions,
    work: (session: RegistrySession) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#connections.with(reference, options, work)
    } catch (error) {
      throw transferFailure(error)
    }
  }
}
