import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { packTree, resolveInRoot, type TarHeader, tarEnd, tarHeader, tarPadding } from '../../oci/index.ts'
import type { ContextStore } from './context-store.ts'
import type { ContextEntry, ContextTree } from './context-tree.ts'
import { patternMatcher } from './ignore-file.ts'

/** A file or a folder that COPY or ADD names, symbolic links followed. */
export interface SourceItem {
  /** Without a slash in front; as named, after wildcards. */
  readonly path: string
  readonly directory: boolean
  readonly mode: number
  readonly size: number
}

/** Says of a member (path below the item; '' is the item itself) whether it is copied. */
export type Keep = (path: string) => boolean

/** Where COPY and ADD take from: a context, or the root of an image. */
export interface CopySource {
  /** Undefined where nothing is there. */
  item(path: string): Promise<SourceItem | undefined>
  /** Names in a folder, sorted; none where it is no folder. */
  list(folder: string): Promise<readonly string[]>
  /** Content, names and modes of the item; times do not count. */
  digest(item: SourceItem, keep: Keep): Promise<{ digest: string; files: Readonly<Record<string, string>> }>
  /** A tar with the item under a name ('' puts a folder's content at the top). */
  tar(item: SourceItem, name: string, keep: Keep): AsyncIterable<Uint8Array>
  content(item: SourceItem): AsyncIterable<Uint8Array>
}

/** Always the same one, so that "all of it" can be told from a choice. */
export const keepEverything: Keep = () => true

export function keepUnless(patterns: readonly string[]): Keep {
  if (patterns.length === 0) return keepEverything
  const matches = patternMatcher(patterns)
  return (path) => path === '' || !matches(path)
}

/** What the reasons of a step may list. */
const maxListed = 2000

export class ContextSource implements CopySource {
  readonly #tree: ContextTree
  readonly #store: ContextStore

  constructor(tree: ContextTree, store: ContextStore) {
    this.#tree = tree
    this.#store = store
  }

  async item(path: string): Promise<SourceItem | undefined> {
    const entry = this.#tree.resolve(path)
    return entry && { path, directory: entry.type === 'directory', mode: entry.mode, size: entry.size }
  }

  async list(folder: string): Promise<readonly string[]> {
    const entry = this.#tree.resolve(folder)
    if (entry?.type !== 'directory') return []
    const depth = entry.path === '' ? 0 : entry.path.length + 1
    const names = new Set<string>()
    for (const { path } of this.#tree.walk(entry.path)) {
      const rest = path.slice(depth)
      if (rest !== '') names.add(rest.split('/', 1)[0] ?? '')
    }
    return [...names].sort()
  }

  *#members(item: SourceItem, keep: Keep): Generator<{ name: string; entry: ContextEntry }, void, undefined> {
    const root = this.#tree.resolve(item.path)
    if (!root) return
    for (const entry of this.#tree.walk(root.path)) {
      const name = entry.path === root.path ? '' : entry.path.slice(root.path === '' ? 0 : root.path.length + 1)
      if (keep(name)) yield { name, entry }
    }
  }

  async digest(item: SourceItem, keep: Keep): Promise<{ digest: string; files: Record<string, string> }> {
    const hash = createHash('sha256')
    const files: Record<string, string> = {}
    let listed = 0
    for (const { name, entry } of this.#members(item, keep)) {
      hash.update(JSON.stringify([name, entry.type, entry.mode, entry.digest, entry.linkname]))
      if (entry.type !== 'directory' && listed++ < maxListed)
        files[entry.path] = `${entry.mode.toString(8)} ${entry.digest || entry.linkname}`
    }
    return { digest: hash.digest('hex'), files }
  }

  async *tar(item: SourceItem, name: string, keep: Keep): AsyncGenerator<Uint8Array, void, undefined> {
    for (const { name: below, entry } of this.#members(item, keep)) {
      const target = posix.join(name, below)
      if (target === '.' || target === '') continue
      const header: TarHeader = {
        name: target,
        type: entry.type,
        mode: entry.mode,
        uid: 0,
        gid: 0,
        size: entry.size,
        mtimeSeconds: entry.mtimeSeconds,
        ...(entry.type === 'symlink' ? { linkname: entry.linkname } : {}),
      }
      yield tarHeader(header)
      if (entry.type !== 'file' || entry.size === 0) continue
      yield* this.#store.read(entry.digest)
      yield tarPadding(entry.size)
    }
    yield tarEnd()
  }

  content(item: SourceItem): AsyncIterable<Uint8Array> {
    return this.#store.read(this.#tree.resolve(item.path)?.digest ?? '')
  }
}

/** A folder on this machine that is some image's root: nothing outside it can be reached, whatever its links say. */
export class RootSource implements CopySource {
  readonly #root: string
  readonly #owned: boolean

  /** `owned`: what is copied belongs to root, as from a context; otherwise owners stay. */
  constructor(root: string, owned = false) {
    this.#root = root
    this.#owned = owned
  }

  async item(path: string): Promise<SourceItem | undefined> {
    try {
      const found = await stat(await resolveInRoot(this.#root, `/${path}`, { followLast: true }))
      return { path, directory: found.isDirectory(), mode: found.mode & 0o7777, size: found.size }
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
  }

  async list(folder: string): Promise<readonly string[]> {
    const path = await resolveInRoot(this.#root, `/${folder}`, { followLast: true })
    try {
      return (await lstat(path)).isDirectory() ? (await readdir(path)).sort() : []
    } catch (error) {
      if (isAbsent(error)) return []
      throw error
    }
  }

  async *#pack(
    item: SourceItem,
    rename: string,
    keep: Keep,
    change: (header: TarHeader) => TarHeader,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const resolved = await resolveInRoot(this.#root, `/${item.path}`, { followLast: true })
    const path = `/${posix.relative(this.#root, resolved)}`
    const depth = rename === '' ? 0 : rename.length + 1
    const below = (name: string) => posix.normalize(name).replace(/\/$/, '').replace(/^\.$/, '').slice(depth)
    yield* packTree(this.#root, {
      path,
      rename,
      filter: (header) => (keep(below(header.name)) ? change(header) : undefined),
    })
  }

  async digest(item: SourceItem, keep: Keep): Promise<{ digest: string; files: Record<string, string> }> {
    const hash = createHash('sha256')
    const name = item.directory ? '' : 'item'
    const change = (header: TarHeader): TarHeader => {
      const { atimeSeconds: _atime, ctimeSeconds: _ctime, ...rest } = header
      return { ...rest, mtimeSeconds: 0, ...(this.#owned ? { uid: 0, gid: 0 } : {}) }
    }
    for await (const chunk of this.#pack(item, name, keep, change)) hash.update(chunk)
    return { digest: hash.digest('hex'), files: {} }
  }

  tar(item: SourceItem, name: string, keep: Keep): AsyncIterable<Uint8Array> {
    return this.#pack(item, name, keep, (header) => (this.#owned ? { ...header, uid: 0, gid: 0 } : header))
  }

  async *content(item: SourceItem): AsyncGenerator<Uint8Array, void, undefined> {
    yield* createReadStream(await resolveInRoot(this.#root, `/${item.path}`, { followLast: true }))
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
