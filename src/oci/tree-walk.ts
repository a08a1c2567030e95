import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { decodeName, encodeName, fsPath } from './name-bytes.ts'
import { OciError } from './oci-error.ts'
import { isWhiteout, opaqueMark, opaqueXattr, whiteoutPrefix } from './overlay-marks.ts'
import { allXattrs, deviceParts } from './posix.ts'
import { pathParts, RootedFolders } from './rooted-folders.ts'
import type { TarEntryType, TarHeader } from './tar-entry.ts'

export interface WalkOptions {
  readonly path?: string
  readonly rename?: string
  readonly filter?: (header: TarHeader) => TarHeader | undefined
  readonly whiteouts?: boolean
  /** whether an opaque folder hides anything; every one does when this is not given */
  readonly hides?: (parts: readonly string[]) => boolean
}

export interface Walked {
  readonly header: TarHeader
  /** where the content is, for a file of more than 0 bytes; good until the next step */
  readonly content?: string
  /** bytes that the member adds to a layer's size */
  readonly added: number
}

/** What overlay writes for its own use, and labels of the machine, stay here. */
function isPortable(name: string): boolean {
  return !name.startsWith('trusted.overlay.') && !name.startsWith('user.overlay.') && name !== 'security.selinux'
}

/**
 * A folder → the members of its tar, each folder before what is in it, names in byte order: the same tree gives the
 * same tar. Links are never followed out of the root; sockets, which a tar cannot hold, are left out.
 */
export function* walkTree(root: string, options: WalkOptions = {}): Generator<Walked, void, void> {
  using folders = new RootedFolders(root)
  const asked = pathParts(options.path ?? '/')
  const start = asked.length === 0 ? [] : [...folders.realParts(asked.slice(0, -1)), asked.at(-1) ?? '']
  yield* new Walk(folders, options).member(start, options.rename ?? asked.at(-1) ?? '')
}

class Walk {
  readonly #folders: RootedFolders
  readonly #options: WalkOptions
  readonly #links = new Map<string, string>()

  constructor(folders: RootedFolders, options: WalkOptions) {
    this.#folders = folders
    this.#options = options
  }

  *member(parts: readonly string[], name: string): Generator<Walked, void, void> {
    this.#folders.trim()
    const at = this.#folders.at(parts)
    const stats = lstatSync(fsPath(at), { throwIfNoEntry: false })
    // Gone since its folder was read; of a running container that is no fault.
    if (!stats) return
    if (this.#options.whiteouts && isWhiteout(stats)) {
      yield plain(`${name.slice(0, name.lastIndexOf('/') + 1)}${whiteoutPrefix}${parts.at(-1) ?? ''}`, 0o600, 0, 0)
      return
    }
    const xattrs = allXattrs(at)
    const header = this.#header(at, name, stats, xattrs)
    const kept = header && this.#options.filter ? this.#options.filter(header) : header
    if (!kept) return
    if (kept.type !== 'directory') {
      const linked = kept.type === 'hardlink'
      const content = kept.type === 'file' && kept.size > 0
      yield { header: kept, added: linked ? 0 : stats.size, ...(content && { content: at }) }
      return
    }
    // The content's own folder, put at the tar's top, has no name there.
    if (name !== '' || this.#options.whiteouts) yield { header: { ...kept, name: kept.name || './' }, added: 0 }
    yield* this.#children(parts, name, stats, xattrs)
  }

  *#children(
    parts: readonly string[],
    name: string,
    stats: Stats,
    xattrs: Map<string, Buffer>,
  ): Generator<Walked, void, void> {
    const prefix = name === '' || name.endsWith('/') ? name : `${name}/`
    if (this.#options.whiteouts && xattrs.get(opaqueXattr)?.toString('latin1') === 'y') {
      const hides = this.#options.hides?.(parts) ?? true
      if (hides) yield plain(prefix + opaqueMark, stats.mode & 0o777, stats.uid, stats.gid)
    }
    for (const child of sortedNames(`${this.#folders.folder(parts)}/.`)) {
      yield* this.member([...parts, child], prefix + child)
    }
  }

  #header(at: string, name: string, stats: Stats, xattrs: Map<string, Buffer>): TarHeader | undefined {
    if (xattrs.has('trusted.overlay.metacopy') || xattrs.has('trusted.overlay.redirect')) {
      throw new OciError('unsupported', `Cannot pack ${name}: overlay keeps only a reference to the layer beneath`)
    }
    const type = typeOf(stats)
    if (!type) return undefined
    const first = type === 'directory' ? undefined : this.#firstName(name, stats)
    const portable = new Map([...xattrs].filter(([key]) => isPortable(key)))
    const device = type === 'character-device' || type === 'block-device' ? deviceParts(stats.rdev) : undefined
    return {
      name,
      type: first === undefined ? type : 'hardlink',
      mode: stats.mode & 0o7777,
      uid: stats.uid,
      gid: stats.gid,
      size: type === 'file' && first === undefined ? stats.size : 0,
      mtimeSeconds: Math.floor(stats.mtimeMs / 1000),
      ...(first !== undefined && { linkname: first }),
      ...(first === undefined && type === 'symlink' && { linkname: decodeName(readlinkSync(fsPath(at), 'buffer')) }),
      ...(device && { devmajor: device.major, devminor: device.minor }),
      ...(portable.size > 0 && first === undefined && { xattrs: portable }),
    }
  }

  /** The name under which this file was met before. */
  #firstName(name: string, stats: Stats): string | undefined {
    if (stats.nlink < 2) return undefined
    const key = `${stats.dev}:${stats.ino}`
    const first = this.#links.get(key)
    if (first === undefined) this.#links.set(key, name)
    return first
  }
}

function plain(name: string, mode: number, uid: number, gid: number): Walked {
  return { header: { name, type: 'file', mode, uid, gid, size: 0, mtimeSeconds: 0 }, added: 0 }
}

function typeOf(stats: Stats): TarEntryType | undefined {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  if (stats.isSymbolicLink()) return 'symlink'
  if (stats.isCharacterDevice()) return 'character-device'
  if (stats.isBlockDevice()) return 'block-device'
  return stats.isFIFO() ? 'fifo' : undefined
}

const notAscii = /[^\0-\x7f]/

/** Byte order, whatever the locale; names that are no UTF-8 are read again as bytes. */
export function sortedNames(folder: string): string[] {
  const names = readdirSync(fsPath(folder))
  if (!names.some((name) => notAscii.test(name))) return names.sort()
  const bytes = readdirSync(fsPath(folder), 'buffer')
  return bytes.sort(Buffer.compare).map((name) => decodeName(name))
}

export function byteOrder(a: string, b: string): number {
  return Buffer.compare(encodeName(a), encodeName(b))
}
