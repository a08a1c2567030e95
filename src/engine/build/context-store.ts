import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { decompress, readTar, type TarEntry, type TarHeader } from '../../oci/index.ts'
import { BuildError } from './build-error.ts'
import { type ContextEntry, ContextTree, cleanContextPath } from './context-tree.ts'

/** A file up to this size is held in memory until its name (its digest) is known; a larger one goes to disk at once. */
const memoryBytes = 1024 * 1024
/** Beyond this, contents that the last build did not use go. */
const keptBytes = 2 * 1024 ** 3
/** How many files are written at a time. */
const writers = 16

export interface StoredContext {
  readonly tree: ContextTree
  /** Bytes of the tar as it came. */
  readonly bytes: number
}

/** Contents of contexts' files, each once, named by digest. What a second build sends again is not written again. */
export class ContextStore {
  readonly #folder: string
  readonly #known = new Map<string, number>()

  #loaded: Promise<void> | undefined
  #holders = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Reads what an earlier process has left; what it had half-written goes. */
  load(): Promise<void> {
    this.#loaded ??= this.#load()
    return this.#loaded
  }

  async #load(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name)
      if (/^[0-9a-f]{64}$/.test(name)) this.#known.set(name, (await stat(path)).size)
      else await rm(path, { force: true })
    }
  }

  /** While somebody holds it, nothing is removed. */
  hold(): Disposable {
    this.#holders += 1
    return {
      [Symbol.dispose]: () => {
        this.#holders -= 1
      },
    }
  }

  get inUse(): boolean {
    return this.#holders > 0
  }

  /** After a build: the disk does not fill with contexts of long ago. */
  async shrink(used: ContextTree): Promise<void> {
    if (this.inUse || this.bytes <= keptBytes) return
    const digests = new Set([...used.walk('')].map(({ digest }) => digest))
    for (const digest of [...this.#known.keys()]) if (!digests.has(digest)) await this.remove(digest)
  }

  get bytes(): number {
    return [...this.#known.values()].reduce((sum, size) => sum + size, 0)
  }

  list(): ReadonlyMap<string, number> {
    return this.#known
  }

  read(digest: string): Readable {
    return createReadStream(join(this.#folder, digest))
  }

  path(digest: string): string {
    return join(this.#folder, digest)
  }

  async readText(digest: string): Promise<string> {
    return await readFile(join(this.#folder, digest), 'utf8')
  }

  async remove(digest: string): Promise<number> {
    const size = this.#known.get(digest) ?? 0
    this.#known.delete(digest)
    await rm(join(this.#folder, digest), { force: true })
    return size
  }

  /** Reads a tar (plain or compressed) to its end. Whatever its names say, nothing is written but by digest. */
  async receive(source: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<StoredContext> {
    await this.load()
    let bytes = 0
    const counted = async function* () {
      for await (const chunk of source) {
        signal.throwIfAborted()
        bytes += chunk.byteLength
        yield chunk
      }
    }
    const entries = new Map<string, ContextEntry>()
    const writes = new Set<Promise<void>>()
    let fault: unknown
    try {
      for await (const entry of readTar(decompress(counted()))) {
        const path = cleanContextPath(entry.header.name)
        const member = await this.#member(path, entry, entries, (write) => {
          const tracked = write
            .catch((error: unknown) => {
              fault ??= error
            })
            .finally(() => writes.delete(tracked))
          writes.add(tracked)
        })
        if (member && path !== '') entries.set(path, member)
        if (writes.size >= writers) await Promise.race(writes)
        if (fault) throw fault
      }
    } catch (error) {
      signal.throwIfAborted()
      if (isFileError(error)) throw error
      throw new BuildError(`Error processing tar file: ${error instanceof Error ? error.message : String(error)}`, {
        status: 400,
      })
    } finally {
      await Promise.all(writes)
    }
    if (fault) throw fault
    return { tree: new ContextTree(entries.values()), bytes }
  }

  async #member(
    path: string,
    { header, body }: TarEntry,
    entries: ReadonlyMap<string, ContextEntry>,
    write: (work: Promise<void>) => void,
  ): Promise<ContextEntry | undefined> {
    const common = {
      path,
      mode: header.mode & 0o7777,
      mtimeSeconds: header.mtimeSeconds,
      size: 0,
      digest: '',
      linkname: '',
    }
    switch (header.type) {
      case 'directory':
        return { ...common, type: 'directory' }
      case 'symlink':
        return { ...common, type: 'symlink', linkname: header.linkname ?? '' }
      case 'hardlink': {
        const target = entries.get(cleanContextPath(header.linkname ?? ''))
        if (!target)
          throw new Error(`invalid hardlink ${JSON.stringify(header.name)} -> ${JSON.stringify(header.linkname)}`)
        return { ...target, path }
      }
      case 'file': {
        const digest = await this.#content(header, body, write)
        return { ...common, type: 'file', size: header.size, digest }
      }
      default:
        // devices and pipes of a context are never copied into an image
        return undefined
    }
  }

  async #content(
    header: TarHeader,
    body: AsyncIterable<Uint8Array>,
    write: (work: Promise<void>) => void,
  ): Promise<string> {
    if (header.size > memoryBytes || header.sparse) return await this.#large(header, body)
    const chunks: Uint8Array[] = []
    const hash = createHash('sha256')
    for await (const chunk of body) {
      hash.update(chunk)
      // the tar reader uses its buffers again
      chunks.push(Uint8Array.prototype.slice.call(chunk))
    }
    const digest = hash.digest('hex')
    if (this.#known.get(digest) === header.size) return digest
    this.#known.set(digest, header.size)
    write(this.#keep(digest, chunks))
    return digest
  }

  async #keep(digest: string, chunks: readonly Uint8Array[]): Promise<void> {
    const part = join(this.#folder, `${randomUUID()}.part`)
    try {
      await writeFile(part, Buffer.concat(chunks), { mode: 0o600 })
      await rename(part, join(this.#folder, digest))
    } catch (error) {
      this.#known.delete(digest)
      await rm(part, { force: true })
      throw error
    }
  }

  /** Sparse files keep their holes on disk; the digest is the whole content's. */
  async #large(header: TarHeader, body: AsyncIterable<Uint8Array>): Promise<string> {
    const part = join(this.#folder, `${randomUUID()}.part`)
    try {
      const digest = header.sparse ? await writeSparse(part, header, body) : await writeWhole(part, body)
      if (this.#known.get(digest) === header.size) await rm(part, { force: true })
      else await rename(part, join(this.#folder, digest))
      this.#known.set(digest, header.size)
      return digest
    } catch (error) {
      await rm(part, { force: true })
      throw error
    }
  }
}

async function writeWhole(path: string, body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  const file = createWriteStream(path, { mode: 0o600 })
  for await (const chunk of body) {
    hash.update(chunk)
    if (!file.write(Uint8Array.prototype.slice.call(chunk))) await once(file, 'drain')
  }
  file.end()
  await finished(file)
  return hash.digest('hex')
}

async function writeSparse(path: string, header: TarHeader, body: AsyncIterable<Uint8Array>): Promise<string> {
  // the parts and where they lie name the content: hashing ten gigabytes of holes would be a bomb's work
  const hash = createHash('sha256').update(JSON.stringify([header.size, header.sparse]))
  await using file = await open(path, 'w', 0o600)
  await file.truncate(header.size)
  const parts = [...(header.sparse ?? [])]
  let part = parts.shift()
  let at = 0
  for await (const chunk of body) {
    hash.update(chunk)
    let rest: Uint8Array = chunk
    while (part && rest.byteLength > 0) {
      const now = rest.subarray(0, part.size - at)
      await file.write(now, 0, now.byteLength, part.offset + at)
      at += now.byteLength
      rest = rest.subarray(now.byteLength)
      if (at === part.size) {
        part = parts.shift()
        at = 0
      }
    }
  }
  return hash.digest('hex')
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
