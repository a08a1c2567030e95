import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Descriptor, type Digest, decodeManifest, digestAlgorithm, digestHex } from '../../oci/index.ts'
import { FileLock } from './file-lock.ts'

const nameAnnotation = 'org.opencontainers.image.ref.name'
const recipeAnnotation = 'manufacture.recipe'

interface Index {
  readonly schemaVersion: 2
  readonly mediaType: string
  readonly manifests: readonly Descriptor[]
}

export interface StoredImage {
  readonly manifest: Descriptor
  /** of the recipe that it was made by */
  readonly fingerprint: string
}

/**
 * The library's folder: an OCI image layout that several processes share. A blob appears by renaming; the index is
 * replaced as a whole under a lock. Whoever only reads needs no lock, so it may be read-only.
 */
export class LibraryLayout {
  readonly dir: string

  constructor(dir: string) {
    this.dir = dir
  }

  blobPath(digest: Digest): string {
    return join(this.dir, 'blobs', digestAlgorithm(digest), digestHex(digest))
  }

  lockPath(name: string): string {
    return join(this.dir, 'locks', `${name.replaceAll(/[^a-z0-9.-]/g, '-')}.lock`)
  }

  async prepare(): Promise<void> {
    await mkdir(join(this.dir, 'blobs', 'sha256'), { recursive: true })
    await mkdir(join(this.dir, 'locks'), { recursive: true })
    const marker = join(this.dir, 'oci-layout')
    if (!existsSync(marker)) await writeFile(marker, '{"imageLayoutVersion":"1.0.0"}')
  }

  /** undefined where it is not there, or not whole. */
  find(name: string): StoredImage | undefined {
    for (const { annotations, ...manifest } of this.#read().manifests) {
      if (annotations?.[nameAnnotation] !== name) continue
      if (!existsSync(this.blobPath(manifest.digest))) return undefined
      return { manifest, fingerprint: annotations[recipeAnnotation] ?? '' }
    }
    return undefined
  }

  #read(): Index {
    const file = join(this.dir, 'index.json')
    if (!existsSync(file))
      return { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] }
    return JSON.parse(readFileSync(file, 'utf8')) as Index
  }

  /** Takes an image in from wherever its blobs are. What had the name before is forgotten. */
  async add(name: string, { manifest, fingerprint }: StoredImage, sourceOf: (digest: Digest) => string): Promise<void> {
    await this.prepare()
    const { config, layers } = decodeManifest(await readFile(sourceOf(manifest.digest)))
    for (const { digest } of [...layers, config, manifest]) await this.#copy(sourceOf(digest), this.blobPath(digest))
    using _lock = await FileLock.acquire(this.lockPath('index'))
    const others = this.#read().manifests.filter(({ annotations }) => annotations?.[nameAnnotation] !== name)
    const own = { ...manifest, annotations: { [nameAnnotation]: name, [recipeAnnotation]: fingerprint } }
    const index = { ...this.#read(), manifests: [...others, own] }
    await this.#replace(join(this.dir, 'index.json'), (file) => writeFile(file, JSON.stringify(index, undefined, 2)))
  }

  async #copy(source: string, target: string): Promise<void> {
    if (existsSync(target)) return
    await mkdir(dirname(target), { recursive: true })
    await this.#replace(target, (file) => copyFile(source, file))
  }

  /** Whole and on disk, or not there. */
  async #replace(target: string, write: (file: string) => Promise<void>): Promise<void> {
    const file = join(dirname(target), `.${randomUUID()}`)
    try {
      await write(file)
      await using handle = await open(file, 'r+')
      await handle.sync()
      await rename(file, target)
    } catch (error) {
      await unlink(file).catch(() => undefined) // the first failure is the one to tell
      throw error
    }
  }
}
