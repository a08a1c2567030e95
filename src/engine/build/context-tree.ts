import { posix } from 'node:path'
import { BuildError } from './build-error.ts'

/** One member of a build context. Owners do not count: what comes from a context belongs to root. */
export interface ContextEntry {
  /** Without a slash in front. */
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink'
  readonly mode: number
  readonly mtimeSeconds: number
  /** Bytes; 0 but for files. */
  readonly size: number
  /** Of a file's content; '' otherwise. */
  readonly digest: string
  /** Of a symbolic link; '' otherwise. */
  readonly linkname: string
}

const maxLinks = 40

/** A member's name without `.` and `..`; nothing can point above the context. */
export function cleanContextPath(name: string): string {
  return posix.resolve('/', name).slice(1)
}

/** The members of a context by name, with their contents' digests. */
export class ContextTree {
  readonly #entries = new Map<string, ContextEntry>()
  readonly #children = new Map<string, Set<string>>()

  constructor(entries: Iterable<ContextEntry>) {
    this.#put({ path: '', type: 'directory', mode: 0o755, mtimeSeconds: 0, size: 0, digest: '', linkname: '' })
    for (const entry of entries) this.#put(entry)
  }

  #put(entry: ContextEntry): void {
    if (entry.path !== '') {
      const parent = parentOf(entry.path)
      if (this.#entries.get(parent)?.type !== 'directory')
        this.#put({ path: parent, type: 'directory', mode: 0o755, mtimeSeconds: 0, size: 0, digest: '', linkname: '' })
      const siblings = this.#children.get(parent) ?? new Set()
      siblings.add(entry.path)
      this.#children.set(parent, siblings)
    }
    if (entry.type !== 'directory') this.#drop(entry.path)
    this.#entries.set(entry.path, entry)
  }

  /** A file in the place of a folder takes all beneath it away. */
  #drop(path: string): void {
    for (const child of this.#children.get(path) ?? []) {
      this.#drop(child)
      this.#entries.delete(child)
    }
    this.#children.delete(path)
  }

  get size(): number {
    return this.#entries.size - 1
  }

  get(path: string): ContextEntry | undefined {
    return this.#entries.get(path)
  }

  /** Every member below a path (itself first), in order of names. */
  *walk(path: string): Generator<ContextEntry, void, undefined> {
    const entry = this.#entries.get(path)
    if (!entry) return
    yield entry
    for (const child of [...(this.#children.get(path) ?? [])].sort()) yield* this.walk(child)
  }

  /** Follows symbolic links, inside the context. Undefined where nothing is there. */
  resolve(path: string): ContextEntry | undefined {
    let links = 0
    let rest = cleanContextPath(path).split('/').filter(Boolean)
    let at = ''
    while (rest.length > 0) {
      const [part = '', ...more] = rest
      const next = at === '' ? part : `${at}/${part}`
      const entry = this.#entries.get(next)
      if (!entry) return undefined
      if (entry.type === 'symlink') {
        if (++links > maxLinks) throw new BuildError(`${path}: too many levels of symbolic links`)
        const target = posix.resolve('/', entry.linkname.startsWith('/') ? '' : at, entry.linkname)
        rest = [...target.split('/').filter(Boolean), ...more]
        at = ''
        continue
      }
      if (more.length > 0 && entry.type !== 'directory') return undefined
      at = next
      rest = more
    }
    return this.#entries.get(at)
  }

  /** Without what `.dockerignore` excludes. */
  filter(keep: (path: string) => boolean): ContextTree {
    const kept = [...this.#entries.values()].filter(
      ({ path, type }) => path !== '' && type !== 'directory' && keep(path),
    )
    const folders = [...this.#entries.values()].filter(({ path, type }) => path !== '' && type === 'directory')
    const above = new Set(kept.flatMap(({ path }) => ancestors(path)))
    return new ContextTree([...folders.filter(({ path }) => keep(path) || above.has(path)), ...kept])
  }
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

function ancestors(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'))
}
