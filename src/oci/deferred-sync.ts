import { readFileSync, statSync } from 'node:fs'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { OciLog } from './content.ts'
import { syncFileSystem } from './posix.ts'

/**
 * Big blobs and layer folders are not flushed file by file: a kill -9 loses nothing that the kernel holds, only a power
 * cut could. So before the first unflushed thing shows, a durable mark is set; some moments later the whole file system is
 * flushed at once, in the background, and the mark goes. Whoever opens the store after a power cut finds the mark, written
 * under another boot id, and looks again at everything newer than it.
 */
export class DeferredSync implements AsyncDisposable {
  readonly #folder: string
  readonly #mark: string
  readonly #log: OciLog
  /** things newer than this are suspect: the machine went down before they were flushed */
  readonly suspectSince: Date | undefined
  #marking: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #settling: Promise<void> | undefined
  #generation = 0

  constructor(folder: string, log: OciLog) {
    this.#folder = folder
    this.#mark = join(folder, 'unsynced')
    this.#log = log
    const left = readMark(this.#mark)
    if (left && left.boot !== bootId()) this.suspectSince = new Date(left.since.getTime() - 2000)
    else if (left) {
      this.#marking = Promise.resolve()
      this.#schedule()
    }
  }

  /** Call before anything unflushed becomes visible. */
  async mark(): Promise<void> {
    this.#generation++
    this.#schedule()
    this.#marking ??= writeDurably(this.#mark, bootId(), this.#folder)
    await this.#marking
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.settle().catch((error: unknown) => this.#log.error({ err: error }, 'flushing the content store failed'))
    }, 1000).unref()
  }

  /** Flushes now. What was marked before is on disk when it resolves. */
  async settle(): Promise<void> {
    while (this.#settling) await this.#settling
    if (!this.#marking) return
    this.#settling = this.#settleOnce().finally(() => {
      this.#settling = undefined
    })
    await this.#settling
  }

  async #settleOnce(): Promise<void> {
    await this.#marking
    const generation = this.#generation
    await using folder = await open(this.#folder)
    await syncFileSystem(folder.fd)
    if (generation !== this.#generation) return
    this.#marking = undefined
    await unlink(this.#mark)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.settle()
  }
}

function readMark(path: string): { boot: string; since: Date } | undefined {
  try {
    return { boot: readFileSync(path, 'latin1').trim(), since: statSync(path).mtime }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

/** The file's bytes and its name are on disk when it resolves. */
export async function writeDurably(path: string, bytes: string | Uint8Array, folder: string): Promise<void> {
  await using file = await open(path, 'w', 0o644)
  await file.writeFile(bytes)
  await file.datasync()
  await syncFolder(folder)
}

export async function syncFolder(folder: string): Promise<void> {
  const handle: FileHandle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
