import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { type FileHandle, open, opendir, readFile, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { BlobIngest } from './blob-ingest.ts'
import type { BlobStat, ByteRange, ContentStore, Ingest, Lease, OciLog, WriteOptions } from './content.ts'
import { decodeConfig, decodeIndex, decodeJson, decodeManifest } from './decode.ts'
import type { DeferredSync } from './deferred-sync.ts'
import { type Digest, type DigestAlgorithm, Digester, digestAlgorithm, digestHex, isDigest } from './digest.ts'
import type { ImageConfig, ImageIndex, ImageManifest } from './manifest.ts'
import { OciError } from './oci-error.ts'

const algorithms: readonly DigestAlgorithm[] = ['sha256', 'sha512']
const readSize = 256 * 1024
const longestDocument = 16 << 20

/**
 *     <layout>/oci-layout, index.json
 *     <layout>/blobs/sha256/<hex>, blobs/sha512/<hex>
 *     <ingests>/<uuid>                             half-made; swept when the store opens
 */
export class BlobStore implements ContentStore {
  readonly folder: string
  readonly #ingestFolder: string
  readonly #sync: DeferredSync
  readonly #ingests = new Map<string, BlobIngest>()
  /** blobs that came since the last collection began, and under which collection */
  readonly #young = new Map<Digest, number>()
  #generation = 0

  constructor(folder: string, ingestFolder: string, sync: DeferredSync, log: OciLog) {
    this.folder = folder
    this.#ingestFolder = ingestFolder
    this.#sync = sync
    for (const algorithm of algorithms) mkdirSync(join(folder, 'blobs', algorithm), { recursive: true })
    writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
    rmSync(ingestFolder, { recursive: true, force: true })
    mkdirSync(ingestFolder)
    if (sync.suspectSince) this.#dropDamaged(sync.suspectSince, log)
  }

  /** After a power cut: what was not yet flushed may be short or full of zeros. */
  #dropDamaged(since: Date, log: OciLog): void {
    for (const algorithm of algorithms) {
      for (const hex of readdirSync(join(this.folder, 'blobs', algorithm))) {
        const path = join(this.folder, 'blobs', algorithm, hex)
        if (statSync(path).mtime < since) continue
        if (new Digester(algorithm).update(readFileSync(path)).digest() === `${algorithm}:${hex}`) continue
        log.warn({ blob: `${algorithm}:${hex}` }, 'a blob was not flushed before the machine went down: dropped')
        unlinkSync(path)
      }
    }
  }

  path(digest: Digest): string {
    return join(this.folder, 'blobs', digestAlgorithm(digest), digestHex(digest))
  }

  async has(digest: Digest): Promise<boolean> {
    return (await this.stat(digest)) !== undefined
  }

  async stat(digest: Digest): Promise<BlobStat | undefined> {
    try {
      const { size, mtime } = await stat(this.path(digest))
      return { digest, size, modified: mtime }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async #open(digest: Digest): Promise<FileHandle> {
    try {
      return await open(this.path(digest))
    } catch (error) {
      throw isMissing(error) ? notFound(digest, error) : error
    }
  }

  async read(digest: Digest, range: ByteRange = {}): Promise<Readable> {
    const handle = await this.#open(digest)
    const { start = 0, end } = range
    try {
      const { size } = await handle.stat()
      if (start < 0 || (start > 0 && start >= size) || (end !== undefined && end < start)) {
        throw new OciError('invalid', `Cannot read ${digest}: range ${start}-${end ?? ''} of ${size} bytes`)
      }
    } catch (error) {
      await handle.close()
      throw error
    }
    return handle.createReadStream({ start, ...(end !== undefined && { end }), highWaterMark: readSize })
  }

  async readBytes(digest: Digest, limit = longestDocument): Promise<Buffer> {
    const found = await this.stat(digest)
    if (!found) throw notFound(digest)
    if (found.size > limit) throw new OciError('invalid', `Cannot read ${digest}: ${found.size} bytes, limit ${limit}`)
    return await readFile(this.path(digest))
  }

  async readJson(digest: Digest): Promise<unknown> {
    return decodeJson(await this.readBytes(digest), digest)
  }

  async readManifest(digest: Digest): Promise<ImageManifest> {
    return decodeManifest(await this.readBytes(digest))
  }

  async readIndex(digest: Digest): Promise<ImageIndex> {
    return decodeIndex(await this.readBytes(digest))
  }

  async readConfig(digest: Digest): Promise<ImageConfig> {
    return decodeConfig(await this.readBytes(digest))
  }

  async put(bytes: Uint8Array | string, options: WriteOptions = {}): Promise<BlobStat> {
    await using ingest = await this.ingest(randomUUID(), options)
    await ingest.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    return await ingest.commit()
  }

  async write(source: AsyncIterable<Uint8Array>, options: WriteOptions = {}): Promise<BlobStat> {
    await using ingest = await this.ingest(randomUUID(), options)
    for await (const chunk of source) await ingest.write(chunk)
    return await ingest.commit()
  }

  async ingest(ref: string, options: WriteOptions = {}): Promise<Ingest> {
    const known = this.#ingests.get(ref)
    if (known) {
      if (!known.paused) throw new OciError('busy', `Cannot write ${ref}: somebody is writing it`)
      return await known.resume()
    }
    const ingest = new BlobIngest(
      {
        ref,
        file: join(this.#ingestFolder, randomUUID()),
        pathOf: (digest) => {
          this.#young.set(digest, this.#generation)
          return this.path(digest)
        },
        sync: this.#sync,
        released: () => this.#ingests.delete(ref),
      },
      options,
    )
    this.#ingests.set(ref, ingest)
    try {
      return await ingest.resume()
    } catch (error) {
      this.#ingests.delete(ref)
      throw error
    }
  }

  ingests(): readonly Pick<Ingest, 'ref' | 'offset' | 'startedAt' | 'updatedAt'>[] {
    return [...this.#ingests.values()].map(({ ref, offset, startedAt, updatedAt }) => ({
      ref,
      offset,
      startedAt,
      updatedAt,
    }))
  }

  async abortIngest(ref: string): Promise<boolean> {
    const ingest = this.#ingests.get(ref)
    if (!ingest) return false
    if (!ingest.paused) throw new OciError('busy', `Cannot drop ${ref}: somebody is writing it`)
    await ingest.abort()
    return true
  }

  /** A name beside the ingests, for who writes a file by himself; swept like them. */
  newFile(): string {
    return join(this.#ingestFolder, randomUUID())
  }

  /** Takes over a file whose digest was made as it was written. */
  async adopt(
    file: string,
    { digest, size }: { readonly digest: Digest; readonly size: number },
    lease?: Lease,
  ): Promise<BlobStat> {
    lease?.blob(digest)
    await this.#sync.mark()
    this.#young.set(digest, this.#generation)
    await rename(file, this.path(digest))
    return { digest, size, modified: new Date() }
  }

  /** A collection begins: what is written from now on is none of its business. */
  beginGeneration(): number {
    for (const [digest, generation] of this.#young) if (generation < this.#generation) this.#young.delete(digest)
    return ++this.#generation
  }

  isNewerThan(digest: Digest, generation: number): boolean {
    return (this.#young.get(digest) ?? -1) >= generation
  }

  async delete(digest: Digest): Promise<boolean> {
    try {
      await unlink(this.path(digest))
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  async *list(): AsyncGenerator<BlobStat, void, void> {
    for (const algorithm of algorithms) {
      for await (const entry of await opendir(join(this.folder, 'blobs', algorithm))) {
        const digest = `${algorithm}:${entry.name}`
        if (!isDigest(digest)) continue
        const found = await this.stat(digest)
        if (found) yield found
      }
    }
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

function notFound(digest: Digest, cause?: unknown): OciError {
  return new OciError('not-found', `blob ${digest}: not found`, { cause })
}
