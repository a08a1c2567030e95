import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { BlobStat, Expected, Ingest, WriteOptions } from './content.ts'
import { type DeferredSync, syncFolder } from './deferred-sync.ts'
import { type Digest, Digester, digestAlgorithm } from './digest.ts'
import { OciError } from './oci-error.ts'

/** Smaller blobs are flushed one by one, larger ones with the whole file system: see DeferredSync. */
const flushedAlone = 1 << 20

export interface IngestPlace {
  readonly ref: string
  /** the half-made file */
  readonly file: string
  readonly pathOf: (digest: Digest) => string
  readonly sync: DeferredSync
  /** the ingest has ended, well or not */
  readonly released: () => void
}

/** A file that grows beside the blobs and, once its digest is right, is renamed among them. */
export class BlobIngest implements Ingest {
  readonly #place: IngestPlace
  readonly #options: WriteOptions
  readonly startedAt = new Date()
  #updatedAt = this.startedAt
  #digester: Digester
  #handle: FileHandle | undefined
  #state: 'open' | 'paused' | 'over' = 'paused'

  constructor(place: IngestPlace, options: WriteOptions) {
    this.#place = place
    this.#options = options
    this.#digester = this.#newDigester()
  }

  get ref(): string {
    return this.#place.ref
  }

  get offset(): number {
    return this.#digester.size
  }

  get updatedAt(): Date {
    return this.#updatedAt
  }

  get paused(): boolean {
    return this.#state === 'paused'
  }

  /** Takes hold of the file, new or half-made. */
  async resume(): Promise<this> {
    this.#state = 'open'
    this.#handle = await open(this.#place.file, this.offset === 0 ? 'w' : 'r+', 0o644)
    return this
  }

  async write(chunk: Uint8Array): Promise<void> {
    const handle = this.#opened()
    const most = this.#options.expected?.size
    if (most !== undefined && this.offset + chunk.byteLength > most) {
      throw new OciError('size-mismatch', `unexpected size ${this.offset + chunk.byteLength}, expected ${most}`)
    }
    let at = 0
    try {
      while (at < chunk.byteLength) {
        at += (await handle.write(chunk, at, chunk.byteLength - at, this.offset + at)).bytesWritten
      }
    } catch (error) {
      throw diskError(error, this.#place.file)
    }
    this.#digester.update(chunk)
    this.#updatedAt = new Date()
  }

  async restart(): Promise<void> {
    await this.#opened().truncate(0)
    this.#digester = this.#newDigester()
  }

  async pause(): Promise<void> {
    if (this.#state !== 'open') return
    await this.#close()
    this.#state = 'paused'
  }

  async commit(expected: Expected = {}): Promise<BlobStat> {
    const handle = this.#opened()
    const size = this.offset
    const digest = this.#digester.peek()
    try {
      for (const wanted of [this.#options.expected, expected]) check(wanted, digest, size)
      this.#options.lease?.blob(digest)
      await this.#publish(handle, digest, size)
    } catch (error) {
      await this.abort()
      throw diskError(error, this.#place.file)
    }
    this.#state = 'over'
    this.#place.released()
    return { digest, size, modified: this.#updatedAt }
  }

  async #publish(handle: FileHandle, digest: Digest, size: number): Promise<void> {
    const target = this.#place.pathOf(digest)
    if (size > flushedAlone) await this.#place.sync.mark()
    else await handle.datasync()
    await this.#close()
    await rename(this.#place.file, target)
    if (size <= flushedAlone) await syncFolder(dirname(target))
  }

  async abort(): Promise<void> {
    if (this.#state === 'over') return
    await this.#close()
    this.#state = 'over'
    await unlink(this.#place.file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    this.#place.released()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'open') await this.abort()
  }

  async #close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  #opened(): FileHandle {
    if (this.#handle) return this.#handle
    throw new OciError('conflict', `Cannot write ${this.ref}: the ingest is ${this.#state}`)
  }

  #newDigester(): Digester {
    const { expected, algorithm } = this.#options
    return new Digester(expected?.digest ? digestAlgorithm(expected.digest) : algorithm)
  }
}

function check(expected: Expected | undefined, digest: Digest, size: number): void {
  if (expected?.size !== undefined && expected.size !== size) {
    throw new OciError('size-mismatch', `unexpected commit size ${size}, expected ${expected.size}`)
  }
  if (expected?.digest !== undefined && expected.digest !== digest) {
    throw new OciError('digest-mismatch', `unexpected commit digest ${digest}, expected ${expected.digest}`)
  }
}

/** A full disk in Docker's words; everything else as it is. */
export function diskError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  const why = code === 'ENOSPC' ? 'no space left on device' : 'disk quota exceeded'
  return new OciError('no-space', `write ${path}: ${why}`, { cause: error })
}
