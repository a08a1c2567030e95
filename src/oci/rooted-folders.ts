import { closeSync, constants, mkdirSync, openSync, readlinkSync } from 'node:fs'
import { fsPath } from './name-bytes.ts'
import { OciError } from './oci-error.ts'

const openPath = 0o10000000
const folderFlags = openPath | constants.O_DIRECTORY | constants.O_NOFOLLOW
const mostLinks = 40
const mostOpen = 128

/** A folder inside the root, held open: what happens to the names above it no longer matters. */
interface OpenFolder {
  readonly fd: number
  /** parts from the root, none of them a link when it was opened */
  readonly parts: readonly string[]
}

export interface FolderCreation {
  /** a missing folder was made on the way */
  readonly made: (parts: readonly string[]) => void
  /** something that is no folder stands in the way; true when it has been taken away */
  readonly blocked?: (at: string) => boolean
}

/**
 * Paths inside a root, taken part by part as openat(2) would: each folder is opened in its parent without following
 * links, a link is followed by hand and an absolute one begins at the root again, `..` stops at the root. Whoever swaps a
 * folder for a link meanwhile gains nothing. What Node lacks for it, /proc/self/fd/N/name gives.
 */
export class RootedFolders implements Disposable {
  readonly #root: OpenFolder
  readonly #open = new Map<string, OpenFolder>()
  readonly #aliases = new Map<string, OpenFolder>()

  constructor(root: string) {
    this.#root = { fd: openSync(fsPath(root), openPath | constants.O_DIRECTORY), parts: [] }
  }

  /**
   * The folder at these parts as a path prefix, good until `trim` or `forget`.
   * @throws ENOENT, ENOTDIR, ELOOP as the system would
   */
  folder(parts: readonly string[], create?: FolderCreation): string {
    return `/proc/self/fd/${this.#find(parts, create).fd}`
  }

  /** The parts with every link on the way resolved. */
  realParts(parts: readonly string[], create?: FolderCreation): readonly string[] {
    return this.#find(parts, create).parts
  }

  /** As `folder`, but no part may be a link. @throws ENOENT, ENOTDIR */
  realFolder(parts: readonly string[]): string {
    return `/proc/self/fd/${this.#walkReal(parts).fd}`
  }

  /** A member of a folder, ready for any call that does not follow the last part. */
  at(parts: readonly string[], create?: FolderCreation): string {
    const name = parts.at(-1)
    if (name === undefined) return `/proc/self/fd/${this.#root.fd}/.`
    return `${this.folder(parts.slice(0, -1), create)}/${name}`
  }

  /** Parts of where the path leads, the last link followed too when asked; the last part need not exist. */
  resolve(parts: readonly string[], followLast: boolean): readonly string[] {
    let asked = parts
    for (let links = 0; ; links++) {
      const name = asked.at(-1)
      if (name === undefined) return []
      if (name === '..') return this.#find(asked, undefined).parts
      const folder = this.#find(asked.slice(0, -1), undefined)
      const place = [...folder.parts, name]
      const target = followLast ? linkTargetIfAny(`/proc/self/fd/${folder.fd}/${name}`) : undefined
      if (target === undefined) return place
      if (links >= mostLinks) throw systemError('ELOOP', 'too many levels of symbolic links', parts)
      const rest = target.split('/').filter((part) => part !== '' && part !== '.')
      asked = target.startsWith('/') ? rest : [...folder.parts, ...rest]
    }
  }

  #find(parts: readonly string[], create: FolderCreation | undefined): OpenFolder {
    if (parts.length === 0) return this.#root
    const key = parts.join('/')
    const known = this.#aliases.get(key)
    if (known) return known
    const found = this.#walk(parts, create)
    this.#aliases.set(key, found)
    return found
  }

  #walk(parts: readonly string[], create: FolderCreation | undefined): OpenFolder {
    const todo = [...parts].reverse()
    let here = this.#root
    let links = 0
    for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
      if (part === '' || part === '.') continue
      if (part === '..') {
        here = this.#walkReal(here.parts.slice(0, -1))
        continue
      }
      const next = this.#child(here, part, create)
      if (typeof next !== 'string') {
        here = next
        continue
      }
      if (++links > mostLinks) throw systemError('ELOOP', 'too many levels of symbolic links', parts)
      if (next.startsWith('/')) here = this.#root
      todo.push(...next.split('/').reverse())
    }
    return here
  }

  #walkReal(parts: readonly string[]): OpenFolder {
    let here = this.#root
    for (const part of parts) {
      const next = this.#child(here, part, undefined)
      if (typeof next === 'string') throw systemError('ENOTDIR', 'not a directory', parts)
      here = next
    }
    return here
  }

  /** The folder, or where the link of that name points to. */
  #child(parent: OpenFolder, name: string, create: FolderCreation | undefined): OpenFolder | string {
    const parts = [...parent.parts, name]
    const key = parts.join('/')
    const known = this.#open.get(key)
    if (known) return known
    const at = `/proc/self/fd/${parent.fd}/${name}`
    for (let tries = 0; ; tries++) {
      try {
        const opened = { fd: openSync(fsPath(at), folderFlags), parts }
        this.#open.set(key, opened)
        return opened
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code
        if (tries > 1) throw error
        if (code === 'ENOENT' && create) {
          mkdirSync(fsPath(at), 0o755)
          create.made(parts)
        } else if (code === 'ENOTDIR' || code === 'ELOOP') {
          const target = linkTarget(at)
          if (target !== undefined) return target
          if (!create?.blocked?.(at)) throw systemError('ENOTDIR', 'not a directory', parts)
        } else {
          throw code === 'ENOENT' ? systemError('ENOENT', 'no such file or directory', parts) : error
        }
      }
    }
  }

  /** Call between members: paths given out before are no longer good when many folders were open. */
  trim(): void {
    if (this.#open.size > mostOpen) this.forget()
  }

  /** Call when a folder or a link that may have been passed through has been taken away. */
  forget(): void {
    for (const { fd } of this.#open.values()) closeSync(fd)
    this.#open.clear()
    this.#aliases.clear()
  }

  [Symbol.dispose](): void {
    this.forget()
    closeSync(this.#root.fd)
  }
}

function linkTarget(at: string): string | undefined {
  try {
    return readlinkSync(fsPath(at))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return undefined
    throw error
  }
}

function linkTargetIfAny(at: string): string | undefined {
  try {
    return linkTarget(at)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function systemError(code: string, message: string, parts: readonly string[]): NodeJS.ErrnoException {
  return Object.assign(new Error(`/${parts.join('/')}: ${message}`), { code })
}

/**
 * A tar's or user's path → its parts. Absolute paths begin at the root, as `..` there stays there.
 * @throws OciError unsafe-path when a relative one leaves the root
 */
export function pathParts(path: string): string[] {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0) parts.pop()
    else if (!path.startsWith('/')) throw new OciError('unsafe-path', `${JSON.stringify(path)} is outside of "/"`)
  }
  return parts
}
