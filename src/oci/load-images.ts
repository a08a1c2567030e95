import { open } from 'node:fs/promises'
import { posix } from 'node:path'
import type { BlobStore } from './blob-store.ts'
import type { BlobStat, Image, ImageStore, LayerStore, Lease, LoadEvent, LoadedImage } from './content.ts'
import { decodeConfig, decodeIndex, decodeManifest } from './decode.ts'
import { decompressed, detectCompression } from './decompress.ts'
import { type DiffId, type Digest, isDigest, parseDigest } from './digest.ts'
import { annotations } from './image-index.ts'
import type { Descriptor, ImageManifest } from './manifest.ts'
import { isIndexMediaType, isManifestMediaType, mediaTypes } from './media-types.ts'
import { OciError } from './oci-error.ts'
import { hostPlatform, selectManifest } from './platform.ts'
import { readTar } from './read-tar.ts'
import { familiarString, type NamedReference, parseNormalizedName, withTagDefault } from './reference.ts'
import type { ManifestItem } from './save-images.ts'

interface Stores {
  readonly blobs: BlobStore
  readonly images: ImageStore
  readonly layers: LayerStore
}

type OnEvent = (event: LoadEvent) => void

/** What lay in the archive: files by path, already in the store; links by path. */
interface Archive {
  readonly files: Map<string, BlobStat>
  readonly links: Map<string, string>
}

/**
 * `docker load`: Docker's archives of any age (manifest.json; layers as `<id>/layer.tar`, `<hex>.tar` or blobs) and OCI
 * layouts. Members go straight into the store as they arrive; what no image needs then is garbage.
 */
export async function loadImages(
  stores: Stores,
  tar: AsyncIterable<Uint8Array>,
  lease: Lease,
  onEvent: OnEvent = () => undefined,
): Promise<readonly LoadedImage[]> {
  const archive = await readArchive(stores.blobs, tar, lease)
  const manifest = find(archive, 'manifest.json')
  if (manifest) return await loadDockerArchive(stores, archive, manifest, lease, onEvent)
  const index = find(archive, 'index.json')
  if (index) return await loadLayout(stores, index, lease, onEvent)
  throw new OciError('invalid', 'open manifest.json: no such file or directory')
}

async function readArchive(blobs: BlobStore, tar: AsyncIterable<Uint8Array>, lease: Lease): Promise<Archive> {
  const archive: Archive = { files: new Map(), links: new Map() }
  for await (const { header, body } of readTar(decompressed(tar))) {
    const path = cleanPath(header.name)
    if (header.type === 'file') {
      const [, algorithm, hex] = /^blobs\/([a-z0-9]+)\/([a-f0-9]+)$/.exec(path) ?? []
      const digest = `${algorithm}:${hex}`
      const expected = isDigest(digest) ? { digest, size: header.size } : { size: header.size }
      archive.files.set(path, await blobs.write(body, { expected, lease }))
    } else if (header.type === 'symlink') {
      archive.links.set(path, cleanPath(posix.join(posix.dirname(path), header.linkname ?? '')))
    } else if (header.type === 'hardlink') archive.links.set(path, cleanPath(header.linkname ?? ''))
  }
  return archive
}

/** Only a key: nothing is written under it. */
function cleanPath(path: string): string {
  return posix.join('/', path).slice(1).replace(/\/$/, '')
}

function find({ files, links }: Archive, path: string): BlobStat | undefined {
  let at = cleanPath(path)
  for (let hops = 0; hops < 10; hops++) {
    const target = links.get(at)
    if (target === undefined) return files.get(at)
    at = target
  }
  return undefined
}

function needed(archive: Archive, path: string): BlobStat {
  const found = find(archive, path)
  if (!found) throw new OciError('invalid', `open ${path}: no such file or directory`)
  return found
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function decodeItems(value: unknown): readonly ManifestItem[] {
  if (value === null) throw new OciError('invalid', 'invalid manifest, manifest cannot be null (but can be [])')
  if (!Array.isArray(value)) throw new OciError('corrupt', 'Cannot read manifest.json: it is not a list')
  for (const item of value as readonly Partial<ManifestItem>[]) {
    const lists = [item?.Layers ?? [], item?.RepoTags ?? []]
    if (!isText(item?.Config) || !lists.every((list) => Array.isArray(list) && list.every(isText))) {
      throw new OciError('corrupt', 'Cannot read manifest.json: an item lacks Config or Layers')
    }
  }
  return value as readonly ManifestItem[]
}

async function loadDockerArchive(
  stores: Stores,
  archive: Archive,
  manifest: BlobStat,
  lease: Lease,
  onEvent: OnEvent,
): Promise<readonly LoadedImage[]> {
  const { blobs } = stores
  const items = decodeItems(await blobs.readJson(manifest.digest))
  const original = await manifestsByConfig(blobs, find(archive, 'index.json'))
  const loaded: LoadedImage[] = []
  for (const item of items) {
    const config = needed(archive, item.Config)
    const diffIds = decodeConfig(await blobs.readBytes(config.digest)).rootfs.diff_ids
    const paths = item.Layers ?? []
    if (paths.length !== diffIds.length) {
      const counts = `expected ${paths.length}, got ${diffIds.length}`
      throw new OciError('invalid', `invalid manifest, layers length mismatch: ${counts}`)
    }
    const layers = await Promise.all(paths.map((path, index) => layerOf(blobs, archive, item, path, diffIds[index])))
    const names = (item.RepoTags ?? []).map(taggedName)
    const known = original.get(config.digest)
    const same = known?.manifest.layers.every((layer, index) => layer.digest === layers[index]?.digest)
    const made: ImageManifest = {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: config.digest, size: config.size },
      layers,
    }
    const digest = known && same ? known.digest : (await blobs.put(JSON.stringify(made), { lease })).digest
    loaded.push(await register(stores, digest, names, lease, onEvent, item.Parent))
  }
  return loaded
}

function taggedName(text: string): NamedReference {
  const name = parseNormalizedName(text)
  if (name.tag === undefined) throw new OciError('invalid', `invalid tag ${JSON.stringify(text)}`)
  return name
}

/** The manifests that came along: with the same layers, the image keeps its digest. */
async function manifestsByConfig(
  blobs: BlobStore,
  index: BlobStat | undefined,
): Promise<Map<Digest, { digest: Digest; manifest: ImageManifest }>> {
  const found = new Map<Digest, { digest: Digest; manifest: ImageManifest }>()
  if (!index) return found
  for (const { digest, mediaType } of (await blobs.readIndex(index.digest)).manifests) {
    if (!isManifestMediaType(mediaType) || !(await blobs.has(digest))) continue
    const manifest = await blobs.readManifest(digest)
    found.set(manifest.config.digest, { digest, manifest })
  }
  return found
}

async function layerOf(
  blobs: BlobStore,
  archive: Archive,
  item: ManifestItem,
  path: string,
  diffId: DiffId | undefined,
): Promise<Descriptor> {
  const source = diffId && item.LayerSources?.[diffId]
  const found = source && !find(archive, path) ? undefined : needed(archive, path)
  if (!found && source) return { ...source, digest: parseDigest(source.digest) }
  const { digest, size } = found ?? needed(archive, path)
  return { mediaType: await layerMediaType(blobs, digest), digest, size }
}

/** What the first bytes say: the archive does not tell. */
async function layerMediaType(blobs: BlobStore, digest: Digest): Promise<string> {
  await using file = await open(blobs.path(digest))
  const { buffer, bytesRead } = await file.read(Buffer.alloc(6), 0, 6, 0)
  const compression = detectCompression(buffer.subarray(0, bytesRead))
  if (compression === 'gzip') return mediaTypes.ociLayerGzip
  return compression === 'zstd' ? mediaTypes.ociLayerZstd : mediaTypes.ociLayer
}

async function loadLayout(
  stores: Stores,
  index: BlobStat,
  lease: Lease,
  onEvent: OnEvent,
): Promise<readonly LoadedImage[]> {
  const { blobs } = stores
  const byDigest = new Map<Digest, NamedReference[]>()
  for (const descriptor of decodeIndex(await blobs.readBytes(index.digest)).manifests) {
    const image = await imageManifest(blobs, descriptor)
    if (!image) continue
    const name = nameOfEntry(descriptor)
    const names = byDigest.get(image.digest) ?? []
    if (name) names.push(name)
    byDigest.set(image.digest, names)
  }
  const loaded: LoadedImage[] = []
  for (const [digest, names] of byDigest) loaded.push(await register(stores, digest, names, lease, onEvent, undefined))
  return loaded
}

/** An index leads to the manifest for this machine; attestations and other artifacts are no images. */
async function imageManifest(blobs: BlobStore, descriptor: Descriptor): Promise<Descriptor | undefined> {
  if (isManifestMediaType(descriptor.mediaType)) {
    const { config } = decodeManifest(await blobs.readBytes(descriptor.digest))
    const image = config.mediaType === mediaTypes.ociConfig || config.mediaType === mediaTypes.dockerConfig
    return image ? descriptor : undefined
  }
  if (!isIndexMediaType(descriptor.mediaType)) return undefined
  const { manifests } = await blobs.readIndex(descriptor.digest)
  const selected = selectManifest(manifests, hostPlatform())
  return selected && (await blobs.has(selected.digest)) ? selected : undefined
}

/** containerd writes the whole name; skopeo what it was told, which may be a tag alone. */
function nameOfEntry({ annotations: told }: Descriptor): NamedReference | undefined {
  const text = told?.[annotations.containerdName] ?? told?.[annotations.refName]
  if (text === undefined || !/[/:]/.test(text)) return undefined
  return withTagDefault(parseNormalizedName(text))
}

async function register(
  { blobs, images, layers }: Stores,
  manifest: Digest,
  names: readonly NamedReference[],
  lease: Lease,
  onEvent: OnEvent,
  parent: Digest | undefined,
): Promise<LoadedImage> {
  const decoded = await blobs.readManifest(manifest)
  const { rootfs } = await blobs.readConfig(decoded.config.digest)
  for (const [index, layer] of decoded.layers.entries()) {
    onEvent({ kind: 'layer', id: rootfs.diff_ids[index] ?? layer.digest, current: 0, total: layer.size })
  }
  await layers.unpackImage(decoded.layers, rootfs.diff_ids, lease)
  const known = parent !== undefined && images.get(parent) !== undefined
  const image: Image = await images.add({ manifest, names, ...(known && { parent }) })
  onEvent({ kind: 'image', id: image.id })
  return { image, names: names.map(familiarString) }
}
