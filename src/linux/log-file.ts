import { type FSWatcher, watch } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { LogRecord, ReadLogOptions } from './contract.ts'
import { isLineEnd, parseRecords } from './log-record.ts'

const chunkBytes = 256 * 1024
const LF = 10
/** A watch can be lost (a network file system, the kernel's limit): then this is how late a line comes. */
const pollMs = 1000

/** To nanoseconds, so that times compare as texts. */
function moment(time: Date | string | undefined): string | undefined {
  if (time === undefined) return undefined
  const [seconds = '', fraction = ''] = (typeof time === 'string' ? time : time.toISOString())
    .replace(/Z$/, '')
    .split('.')
  return `${seconds}.${fraction.padEnd(9, '0')}Z`
}

/** Where the last n lines begin; only their bytes are read, from the end. */
async function tailStart(file: FileHandle, size: number, lines: number): Promise<number> {
  let position = size
  let carried = Buffer.alloc(0)
  let found = 0
  while (position > 0) {
    const length = Math.min(64 * 1024, position)
    position -= length
    const { buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position)
    const bytes = Buffer.concat([buffer, carried])
    // Lines from the last to the first; the first is whole only at the file's beginning.
    let end = bytes.length
    for (;;) {
      const before = end < 2 ? -1 : bytes.lastIndexOf(LF, end - 2)
      if (before < 0 && position > 0) break
      const start = before + 1
      if (start < end && isLineEnd(bytes, start)) found += 1
      if (found > lines) return position + end
      if (before < 0) return 0
      end = start
    }
    carried = bytes.subarray(0, end)
  }
  return 0
}

/** Tells that a file has changed. Waits are shared and none is lost between two of them. */
class FileChanges implements Disposable {
  #watcher: FSWatcher | undefined
  #wake = Promise.withResolvers<void>()
  readonly #poll: NodeJS.Timeout

  constructor(path: string) {
    const wake = () => this.wake()
    try {
      this.#watcher = watch(path, wake)
      this.#watcher.on('error', wake)
    } catch (error) {
      // Out of watches: the poll below serves.
      if (!(error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EMFILE')))
        throw error
    }
    this.#poll = setInterval(wake, pollMs)
  }

  wake(): void {
    this.#wake.resolve()
  }

  async next(): Promise<void> {
    await this.#wake.promise
    this.#wake = Promise.withResolvers<void>()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#poll)
    this.#watcher?.close()
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Every record from a place in the file to its present end. Returns the place of the first record that is not whole. */
async function* readFrom(file: FileHandle, from: number): AsyncGenerator<LogRecord[], number, undefined> {
  let position = from
  let size = chunkBytes
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(size), 0, size, position)
    if (bytesRead === 0) return position
    const { records, used } = parseRecords(buffer.subarray(0, bytesRead))
    if (records.length > 0) yield records
    position += used
    if (bytesRead < size) return position
    size = used === 0 ? size * 2 : chunkBytes
  }
}

async function* rawRecords(path: string, options: ReadLogOptions): AsyncGenerator<LogRecord[], void, undefined> {
  let file = await openIfThere(path)
  if (file === null) return
  try {
    let position = options.tail === undefined ? 0 : await tailStart(file, (await file.stat()).size, options.tail)
    if (options.follow !== true) {
      yield* readFrom(file, position)
      return
    }
    using changes = new FileChanges(path)
    let ended = false
    const stop = () => {
      ended = true
      changes.wake()
    }
    options.ended?.then(stop, stop)
    options.signal?.addEventListener('abort', stop, { once: true })
    for (;;) {
      const last = ended || options.signal?.aborted === true
      if (options.signal?.aborted === true) return
      position = yield* readFrom(file, position)
      if (last) return
      const now = await stat(path).catch(() => null)
      const { ino, size } = await file.stat()
      if (now !== null && now.ino !== ino) {
        // Begun anew at its size limit; what was written to the old one is read above.
        await file.close()
        file = await open(path, 'r')
        position = 0
        continue
      }
      if (size < position) position = 0
      if (!ended) await changes.next()
    }
  } finally {
    await file?.close()
  }
}

/** A container's log in batches, oldest first. A missing file is an empty log. */
export async function* readLog(
  path: string,
  options: ReadLogOptions = {},
): AsyncGenerator<LogRecord[], void, undefined> {
  const since = moment(options.since)
  const until = moment(options.until)
  for await (const records of rawRecords(path, options)) {
    if (since === undefined && until === undefined) {
      yield records
      continue
    }
    const late = until === undefined ? -1 : records.findIndex((record) => record.time > until)
    const early = late < 0 ? records : records.slice(0, late)
    const wanted = since === undefined ? early : early.filter((record) => record.time >= since)
    if (wanted.length > 0) yield wanted
    if (late >= 0) return
  }
}
