import {
  type Content,
  chainIds,
  type Descriptor,
  type Digest,
  decodeConfig,
  decodeIndex,
  decodeManifest,
  familiarString,
  formatPlatform,
  hostPlatform,
  type Image,
  type ImageConfig,
  type ImageManifest,
  isIndexMediaType,
  type Lease,
  type NamedReference,
  type Platform,
  platformMatches,
  selectManifest,
  trimReference,
  withDigest,
} from '../../oci/index.ts'
import type { OnProgress, PulledImage, PullOptions } from '../contract.ts'
import type { BlobDownloads } from './blob-download.ts'
import { LayerProgress } from './layer-progress.ts'
import type { RegistrySession } from './registry-session.ts'
import { fetchManifest, type RemoteManifest } from './remote-manifest.ts'
import { TransferError } from './transfer-error.ts'

export interface PullContext {
  readonly content: Content
  readonly downloads: BlobDownloads
  readonly session: RegistrySession
}

/** Whence blobs come: a registry, or the library's folder. */
export type FetchBlob = (blob: Descriptor, progress: LayerProgress | undefined, signal: AbortSignal) => Promise<void>

/** Pulls one image (a tag or a digest) from one endpoint. */
export async function pullFrom(
  { content, downloads, session }: PullContext,
  reference: NamedReference,
  options: PullOptions,
): Promise<PulledImage> {
  const onProgress = options.onProgress ?? (() => undefined)
  const { path } = reference
  const wanted = reference.digest ?? reference.tag ?? 'latest'
  const target = await fetchManifest(session, path, wanted)
  onProgress({ status: `Pulling from ${path}`, id: wanted })
  const chosen = await choose(session, path, target, options.platform ?? hostPlatform())
  const fetchBlob: FetchBlob = (blob, progress, signal) =>
    downloads.fetch(
      session,
      path,
      blob,
      {
        onWaiting: () => progress?.say('Waiting'),
        onBytes: (current, total) => progress?.bar('Downloading', current, total),
        onRetry: (seconds) => progress?.say(`Retrying in ${seconds} second${seconds === 1 ? '' : 's'}`),
        onVerifying: () => progress?.say('Verifying Checksum'),
      },
      signal,
    )
  return takeImage({ content, fetchBlob }, reference, target.descriptor.digest, chosen, options)
}

async function choose(
  session: RegistrySession,
  path: string,
  target: RemoteManifest,
  platform: Platform,
): Promise<RemoteManifest> {
  let current = target
  for (let depth = 0; isIndexMediaType(current.descriptor.mediaType); depth++) {
    const chosen = selectManifest(decodeIndex(current.bytes).manifests, platform)
    if (!chosen || depth > 3) {
      throw new TransferError(
        'not-found',
        `no matching manifest for ${formatPlatform(platform)} in the manifest list entries`,
      )
    }
    current = await fetchManifest(session, path, chosen.digest)
  }
  return current
}

/** Brings configuration and layers in, unpacks them, records the image: all or nothing. */
export async function takeImage(
  { content, fetchBlob }: { content: Content; fetchBlob: FetchBlob },
  reference: NamedReference,
  digest: Digest,
  source: RemoteManifest,
  options: PullOptions,
): Promise<PulledImage> {
  const onProgress = options.onProgress ?? (() => undefined)
  const before = knownImage(content, reference)
  const manifest = decodeManifest(source.bytes)
  using lease = content.lease()
  lease.blob(source.descriptor.digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest))
  const failed = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal
  try {
    const config = await takeConfig(content, manifest, fetchBlob, options.platform, signal)
    await takeLayers(content, manifest, config, fetchBlob, lease, onProgress, signal)
    await content.blobs.put(source.bytes, { expected: { digest: source.descriptor.digest }, lease })
    return await record(content, before, reference, digest, source.descriptor.digest, options, onProgress)
  } catch (error) {
    failed.abort(error)
    throw error
  }
}

async function takeConfig(
  content: Content,
  manifest: ImageManifest,
  fetchBlob: FetchBlob,
  platform: Platform | undefined,
  signal: AbortSignal,
): Promise<ImageConfig> {
  const { config: descriptor, layers } = manifest
  if (!/^application\/vnd\.(oci\.image\.config|docker\.container\.image)\.v1\+json$/.test(descriptor.mediaType)) {
    throw new TransferError('invalid', `Encountered remote "${descriptor.mediaType}"(unknown) when fetching`, {
      statusCode: 500,
    })
  }
  if (!(await content.blobs.has(descriptor.digest))) await fetchBlob(descriptor, undefined, signal)
  const config = decodeConfig(await content.blobs.readBytes(descriptor.digest))
  if (config.rootfs.diff_ids.length !== layers.length) {
    throw new TransferError('invalid', "layers from manifest don't match image configuration", { statusCode: 500 })
  }
  const wantedOs = platform?.os ?? 'linux'
  if (config.os !== wantedOs) {
    throw new TransferError(
      'invalid',
      `cannot download image with operating system "${config.os}" when requesting "${wantedOs}"`,
    )
  }
  return config
}

async function takeLayers(
  content: Content,
  { layers }: ImageManifest,
  { rootfs }: ImageConfig,
  fetchBlob: FetchBlob,
  lease: Lease,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const chain = chainIds(rootfs.diff_ids)
  lease.layer(...chain)
  const plans = await Promise.all(
    layers.map(async (blob, index) => {
      const diffId = rootfs.diff_ids[index]
      const chainId = chain[index]
      if (!diffId || !chainId)
        throw new TransferError('invalid', 'invalid rootfs in image configuration', { statusCode: 500 })
      const hasBlob = await content.blobs.has(blob.digest)
      return { blob, diffId, parent: chain[index - 1], hasBlob, hasLayer: content.layers.get(chainId) !== undefined }
    }),
  )
  for (const { blob, hasBlob, hasLayer } of plans) {
    new LayerProgress(blob.digest, onProgress).say(hasBlob && hasLayer ? 'Already exists' : 'Pulling fs layer')
  }
  // Downloads run side by side; a layer is unpacked as soon as it is here and the one beneath has begun.
  let begun: Promise<unknown> = Promise.resolve()
  const unpacked: Promise<void>[] = []
  for (const plan of plans) {
    if (plan.hasBlob && plan.hasLayer) continue
    const beneath = begun
    const start = Promise.withResolvers<void>()
    begun = start.promise
    unpacked.push(takeLayer(content, plan, fetchBlob, lease, onProgress, signal, beneath, start.resolve))
  }
  const [failure] = (await firstFailure(unpacked)) ?? []
  if (failure !== undefined) throw failure
}

/** Fails as soon as one fails; the others' failures, which follow from it, are taken note of. */
async function firstFailure(work: readonly Promise<void>[]): Promise<[unknown] | undefined> {
  try {
    await Promise.all(work)
    return undefined
  } catch (error) {
    return [error]
  }
}

interface LayerPlan {
  readonly blob: Descriptor
  readonly diffId: Digest
  readonly parent: Digest | undefined
  readonly hasBlob: boolean
}

async function takeLayer(
  content: Content,
  { blob, diffId, parent, hasBlob }: LayerPlan,
  fetchBlob: FetchBlob,
  lease: Lease,
  onProgress: OnProgress,
  signal: AbortSignal,
  beneath: Promise<unknown>,
  begin: () => void,
): Promise<void> {
  const progress = new LayerProgress(blob.digest, onProgress)
  if (!hasBlob) await fetchBlob(blob, progress, signal)
  progress.say('Download complete')
  await beneath
  signal.throwIfAborted()
  const layer = content.layers.unpack(blob, {
    diffId,
    lease,
    signal,
    ...(parent ? { parent } : {}),
    onProgress: (read) => progress.bar('Extracting', Math.min(read, blob.size), blob.size),
  })
  begin()
  await layer
  progress.say('Pull complete')
}

/** The image that the reference means here, before the pull. */
function knownImage(content: Content, reference: NamedReference): Digest | undefined {
  const known = reference.digest
    ? content.images.find(familiarString(withDigest(trimReference(reference), reference.digest)))
    : content.images.byName(reference)
  return known?.id
}

async function record(
  content: Content,
  before: Digest | undefined,
  reference: NamedReference,
  digest: Digest,
  manifest: Digest,
  options: PullOptions,
  onProgress: OnProgress,
): Promise<PulledImage> {
  const name = trimReference(reference)
  const repoDigest = withDigest(name, digest)
  const image = await content.images.add({
    manifest,
    names: reference.digest ? [] : [reference],
    repoDigests: [repoDigest],
  })
  const newer = before !== image.id
  onProgress({ status: `Digest: ${digest}` })
  const outcome = newer ? 'Downloaded newer image for' : 'Image is up to date for'
  onProgress({ status: `Status: ${outcome} ${familiarString(reference)}` })
  warnOfPlatform(image, reference, options.platform, onProgress)
  return { image, digest, newer }
}

/** A single manifest has no choice of platforms: it is taken, and the difference is told, as Docker does. */
function warnOfPlatform(
  image: Image,
  reference: NamedReference,
  wanted: Platform | undefined,
  onProgress: OnProgress,
): void {
  if (!wanted || platformMatches(wanted, image.platform)) return
  const actual = formatPlatform(image.platform)
  const text = `image with reference ${familiarString(reference)} was found but its platform (${actual}) does not match the specified platform (${formatPlatform(wanted)})`
  onProgress({ status: `WARNING: ${text}` })
}
