import {
  type Content,
  type Descriptor,
  decodeManifest,
  type Image,
  isForeignLayer,
  type NamedReference,
  nameOf,
  parseNormalizedName,
  trimReference,
  withDigest,
} from '../../oci/index.ts'
import type { OnProgress, PushedImage, TransferOptions } from '../contract.ts'
import { LayerProgress } from './layer-progress.ts'
import type { RegistrySession } from './registry-session.ts'
import { isPassing, type Sleep, waitMs } from './retry.ts'
import type { Semaphore } from './semaphore.ts'
import { discard } from './transport.ts'

export interface PushContext {
  readonly content: Content
  readonly places: Semaphore
  readonly session: RegistrySession
  readonly sleep: Sleep
}

const attempts = 5

/** Paths in the same registry under which this image is known: its layers can be mounted from there. */
export function mountSources(reference: NamedReference, image: Image): string[] {
  const known = image.repoDigests.map((text) => parseNormalizedName(text))
  const paths = known
    .filter(({ domain, path }) => domain === reference.domain && path !== reference.path)
    .map(({ path }) => path)
  return [...new Set(paths)]
}

export function announcePush(reference: NamedReference, onProgress: OnProgress | undefined): void {
  onProgress?.({ status: `The push refers to repository [${nameOf(reference)}]` })
}

/** Sends one image, blobs first, and tags it there. */
export async function pushTo(
  context: PushContext,
  reference: NamedReference,
  image: Image,
  options: TransferOptions,
): Promise<PushedImage> {
  const { content, session } = context
  const onProgress = options.onProgress ?? (() => undefined)
  const tag = reference.tag ?? 'latest'
  const mounts = mountSources(reference, image)
  using lease = content.lease()
  lease.blob(image.manifest.digest, image.configDescriptor.digest, ...image.layers.map((layer) => layer.digest))
  const bytes = await content.blobs.readBytes(image.manifest.digest)
  const { config, layers } = decodeManifest(bytes)

  const failed = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal
  const send = new BlobUpload(context, reference.path, mounts, signal)
  const uploads = distinctLayers(layers, image).map(({ layer, name }) => ({
    layer,
    progress: new LayerProgress(name, onProgress),
  }))
  for (const { progress } of uploads.toReversed()) progress.say('Preparing')
  try {
    await Promise.all(uploads.map(({ layer, progress }) => send.layer(layer, progress)))
    await send.blob(config)
    const digest = image.manifest.digest
    const put = {
      method: 'PUT',
      headers: { 'Content-Type': image.manifest.mediaType },
      body: bytes,
      expect: [200, 201, 202],
      signal,
    }
    discard(await session.request({ ...put, path: `/v2/${reference.path}/manifests/${tag}` }))
    await content.images.add({ manifest: digest, repoDigests: [withDigest(trimReference(reference), digest)] })
    onProgress({ status: `${tag}: digest: ${digest} size: ${bytes.length}` })
    onProgress({ progress: {}, aux: { Tag: tag, Digest: digest, Size: bytes.length } })
    return { tag, digest, size: bytes.length }
  } catch (error) {
    failed.abort(error)
    throw error
  }
}

/** A layer that an image has twice is sent once. In a push Docker names a layer by its diff id. */
function distinctLayers(layers: readonly Descriptor[], image: Image) {
  const named = layers.map((layer, index) => ({ layer, name: image.diffIds[index] ?? layer.digest }))
  return named.filter(({ layer }, index) => layers.findIndex((other) => other.digest === layer.digest) === index)
}

/** Blobs on their way out to one repository. */
class BlobUpload {
  readonly #context: PushContext
  readonly #path: string
  readonly #mounts: readonly string[]
  readonly #signal: AbortSignal

  constructor(context: PushContext, path: string, mounts: readonly string[], signal: AbortSignal) {
    this.#context = context
    this.#path = path
    this.#mounts = mounts
    this.#signal = signal
  }

  async layer(layer: Descriptor, progress: LayerProgress): Promise<void> {
    if (isForeignLayer(layer.mediaType)) {
      progress.say('Skipped foreign layer')
      return
    }
    const { places } = this.#context
    if (places.isFull) progress.say('Waiting')
    using _place = await places.acquire()
    progress.say(await this.blob(layer, progress))
  }

  /** What became of it, in Docker's words. */
  async blob(blob: Descriptor, progress?: LayerProgress): Promise<string> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(blob, progress)
      } catch (error) {
        if (this.#signal.aborted || attempt + 1 >= attempts || !isPassing(error)) throw error
        await this.#pause(attempt, error, progress)
      }
    }
  }

  async #pause(attempt: number, error: unknown, progress: LayerProgress | undefined): Promise<void> {
    const milliseconds = waitMs(attempt, error, 1000)
    const seconds = Math.max(1, Math.round(milliseconds / 1000))
    progress?.say(`Retrying in ${seconds} second${seconds === 1 ? '' : 's'}`)
    await this.#context.sleep(milliseconds, this.#signal)
  }

  async #once(blob: Descriptor, progress: LayerProgress | undefined): Promise<string> {
    const { session } = this.#context
    const base = `/v2/${this.#path}/blobs`
    const request = { attempts: 1, signal: this.#signal }
    const head = await session.request({
      ...request,
      method: 'HEAD',
      path: `${base}/${blob.digest}`,
      expect: [200, 404],
    })
    discard(head)
    if (head.statusCode === 200) return 'Layer already exists'
    const source = this.#mounts[0]
    const query = source === undefined ? '' : `?${new URLSearchParams({ mount: blob.digest, from: source })}`
    const begun = await session.request({
      ...request,
      method: 'POST',
      path: `${base}/uploads/${query}`,
      expect: [201, 202],
    })
    discard(begun)
    if (begun.statusCode === 201) return `Mounted from ${source}`
    const { location } = begun.headers
    if (!location) throw new Error(`Cannot push ${blob.digest}: the registry began an upload and did not say where`)
    const url = new URL(location, session.url(`${base}/uploads/`))
    url.searchParams.set('digest', blob.digest)
    const put = await session.request({
      ...request,
      method: 'PUT',
      path: url,
      headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': String(blob.size) },
      body: this.#read(blob, progress),
      expect: [201, 202, 204],
    })
    discard(put)
    return 'Pushed'
  }

  async *#read(blob: Descriptor, progress: LayerProgress | undefined): AsyncGenerator<Uint8Array> {
    let sent = 0
    progress?.bar('Pushing', 0, blob.size)
    for await (const chunk of (await this.#context.content.blobs.read(blob.digest)) as AsyncIterable<Buffer>) {
      yield chunk
      sent += chunk.length
      progress?.bar('Pushing', sent, blob.size)
    }
  }
}
