import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  ftruncateSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { accessTime, attempt, isGone, keptXattrs, memberError, modifyTime } from './member-rules.ts'
import { encodeName, fsPath } from './name-bytes.ts'
import { OciError } from './oci-error.ts'
import { isWhiteout, opaqueMark, opaqueXattr, whiteoutPrefix } from './overlay-marks.ts'
import { makeNode, nodeTypes, setFileXattr, setXattr } from './posix.ts'
import { removeTree } from './remove-tree.ts'
import { type FolderCreation, pathParts, RootedFolders } from './rooted-folders.ts'
import type { TarHeader } from './tar-entry.ts'
import type { TarSink } from './tar-parser.ts'
import type { ExtractOptions } from './tree.ts'

export interface TreeWriterOptions extends Omit<ExtractOptions, 'path'> {
  /** `.wh.` members become overlay's own marks, the root takes the attributes of its member */
  readonly overlay?: boolean
}

/** A hard link whose target is not in this tar: it may be in a layer beneath. */
export interface MissingTarget {
  readonly path: readonly string[]
  readonly target: readonly string[]
}

interface FolderTimes {
  readonly parts: readonly string[]
  readonly atime: number
  readonly mtime: number
}

const fileFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const openPath = 0o10000000
/** what open(2) does not set, or a umask may take away */
const unopenedBits = 0o7000 | process.umask()
const zeros = Buffer.alloc(32 * 1024)

/** Members of a tar → files under a root, and nowhere else. All calls are synchronous: one after the other, in order. */
export class TreeWriter implements TarSink, Disposable {
  readonly #folders: RootedFolders
  readonly #base: readonly string[]
  readonly #options: TreeWriterOptions
  readonly #times: FolderTimes[] = []
  readonly implicit = new Map<string, readonly string[]>()
  readonly missingTargets: MissingTarget[] = []
  #header: TarHeader | undefined
  #fd = -1
  /** of the member's stored bytes */
  #taken = 0
  #part = 0
  /** past the last byte that was written */
  #end = 0
  #rootSeen = false
  /** a new file may not be root's: some folder hands down its group, or somebody else made the folders */
  #inheritsGroup: boolean
  entries = 0
  /** bytes: what `du --apparent-size` counts, without folders, hard links once */
  size = 0
  readonly #creation: FolderCreation = {
    made: (parts) => {
      this.implicit.set(parts.join('/'), parts)
      this.entries++
      const owner = this.#options.owner
      if (owner) lchownSync(fsPath(this.#folders.at(parts)), owner.uid, owner.gid)
    },
    blocked: (at) => this.#unblock(at),
  }

  /** @param base parts of the folder that the tar's paths are relative to */
  constructor(root: string, options: TreeWriterOptions = {}, base: readonly string[] = []) {
    this.#folders = new RootedFolders(root)
    this.#options = options
    this.#base = base
    this.#inheritsGroup = !options.overlay || process.geteuid?.() !== 0
  }

  /** Whether the tar had a member for the root itself. */
  get rootSeen(): boolean {
    return this.#rootSeen
  }

  entry(given: TarHeader): void {
    this.#header = undefined
    this.#folders.trim()
    const header = this.#options.map ? this.#options.map(given) : given
    if (!header) return
    try {
      this.#make(header)
    } catch (error) {
      throw memberError(error, header)
    }
  }

  data(bytes: Buffer): void {
    const header = this.#header
    if (!header || this.#fd < 0) return
    try {
      if (header.sparse) this.#writeSparse(bytes, header.sparse)
      else this.#writePlain(bytes, this.#taken)
      this.#taken += bytes.length
    } catch (error) {
      throw memberError(error, header)
    }
  }

  end(): void {
    const header = this.#header
    if (!header || this.#fd < 0) return
    const fd = this.#fd
    try {
      if (this.#end < header.size) ftruncateSync(fd, header.size)
      const { uid, gid } = this.#owner(header)
      const mode = this.#mode(header)
      if (uid !== 0 || gid !== 0 || this.#inheritsGroup) fchownSync(fd, uid, gid)
      if ((mode & unopenedBits) !== 0) fchmodSync(fd, mode)
      for (const [name, value] of keptXattrs(header)) {
        attempt(header, name, () => setFileXattr(fd, name, value))
      }
      if (this.#options.keepTimes !== false) futimesSync(fd, accessTime(header), modifyTime(header))
    } catch (error) {
      throw memberError(error, header)
    } finally {
      this.#closeFile()
    }
  }

  /** Folders get their times last: what is written in them changes them. */
  finish(): void {
    for (const { parts, atime, mtime } of this.#times.reverse()) {
      try {
        this.#folders.trim()
        utimesSync(`${this.#folders.realFolder(parts)}/.`, atime, mtime)
      } catch (error) {
        // Taken away, or replaced, by a later member.
        if (!isGone(error)) throw error
      }
    }
  }

  [Symbol.dispose](): void {
    this.#closeFile()
    this.#folders[Symbol.dispose]()
  }

  #closeFile(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #make(header: TarHeader): void {
    const relative = pathParts(header.name)
    const parts = [...this.#base, ...relative]
    if (relative.length === 0) {
      if (header.type === 'directory' && this.#options.overlay) this.#makeFolder(header, parts)
      return
    }
    const name = parts.at(-1) ?? ''
    if (this.#options.overlay && name.startsWith(whiteoutPrefix)) {
      this.#whiteout(parts.slice(0, -1), name)
      return
    }
    this.entries++
    if (header.type === 'directory') {
      this.#makeFolder(header, parts)
      return
    }
    if (header.type === 'hardlink') {
      this.#makeLink(header, parts)
      return
    }
    const at = this.#folders.at(parts, this.#creation)
    if (header.type === 'file') {
      this.#header = header
      this.#taken = 0
      this.#part = 0
      this.#end = 0
      this.#replacing(at, header, () => {
        this.#fd = openSync(fsPath(at), fileFlags, this.#mode(header) & 0o777)
      })
      this.size += header.size
      return
    }
    this.#replacing(at, header, () => this.#makeSpecial(at, header))
    this.#dress(at, header)
  }

  #makeSpecial(at: string, header: TarHeader): void {
    if (header.type === 'symlink') {
      symlinkSync(fsPath(header.linkname ?? ''), fsPath(at))
      this.size += encodeName(header.linkname ?? '').length
    } else if (header.type === 'fifo') makeNode(at, nodeTypes.fifo | 0o600)
    else {
      const type = header.type === 'block-device' ? nodeTypes.block : nodeTypes.character
      makeNode(at, type | 0o600, header.devmajor, header.devminor)
    }
  }

  /** Owner, mode, attributes and times of what is no regular file. */
  #dress(at: string, header: TarHeader): void {
    const { uid, gid } = this.#owner(header)
    lchownSync(fsPath(at), uid, gid)
    if (header.type !== 'symlink') {
      // chmod(2) follows links; an O_PATH descriptor has followed none.
      const fd = openSync(fsPath(at), openPath | constants.O_NOFOLLOW)
      try {
        chmodSync(`/proc/self/fd/${fd}`, this.#mode(header))
      } finally {
        closeSync(fd)
      }
    }
    for (const [name, value] of keptXattrs(header)) attempt(header, name, () => setXattr(at, name, value))
    if (this.#options.keepTimes !== false) lutimesSync(fsPath(at), accessTime(header), modifyTime(header))
  }

  #makeFolder(header: TarHeader, parts: readonly string[]): void {
    let opaque = false
    if (parts.length > 0) {
      const at = this.#folders.at(parts, this.#creation)
      try {
        mkdirSync(fsPath(at), 0o700)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        const found = lstatSync(fsPath(at))
        if (!found.isDirectory()) {
          opaque = this.#options.overlay === true && isWhiteout(found)
          this.#replacing(at, header, () => mkdirSync(fsPath(at), 0o700), true)
        }
      }
    }
    const real = parts.length === 0 ? parts : [...this.#folders.realParts(parts.slice(0, -1)), parts.at(-1) ?? '']
    this.implicit.delete(real.join('/'))
    if (parts.length === 0) this.#rootSeen = true
    const folder = `${this.#folders.folder(real)}/.`
    const { uid, gid } = this.#owner(header)
    chownSync(fsPath(folder), uid, gid)
    chmodSync(fsPath(folder), this.#mode(header))
    if ((this.#mode(header) & 0o2000) !== 0) this.#inheritsGroup = true
    for (const [name, value] of keptXattrs(header)) attempt(header, name, () => setXattr(folder, name, value))
    if (opaque) setXattr(folder, opaqueXattr, Buffer.from('y'))
    if (this.#options.keepTimes !== false) {
      this.#times.push({ parts: real, atime: accessTime(header), mtime: modifyTime(header) })
    }
  }

  #makeLink(header: TarHeader, parts: readonly string[]): void {
    const target = [...this.#base, ...pathParts(header.linkname ?? '')]
    if (target.join('/') === parts.join('/')) return
    const from = this.#folders.realParts(parts.slice(0, -1), this.#creation)
    try {
      const existing = this.#folders.at(target)
      lstatSync(fsPath(existing))
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (!this.#options.overlay || code !== 'ENOENT') throw error
      this.missingTargets.push({ path: [...from, parts.at(-1) ?? ''], target })
      return
    }
    const at = this.#folders.at(parts)
    this.#replacing(at, header, () => linkSync(fsPath(this.#folders.at(target)), fsPath(this.#folders.at(parts))))
  }

  /**
   * "Files that are present in the same layer as a whiteout file can only be hidden by whiteout files in subsequent
   * layers": what this layer brought stays, and only hides what is beneath.
   */
  #whiteout(folder: readonly string[], name: string): void {
    if (name === opaqueMark) {
      setXattr(`${this.#folders.folder(folder, this.#creation)}/.`, opaqueXattr, Buffer.from('y'))
      return
    }
    // The rest of `.wh..wh.` is AUFS's own bookkeeping.
    if (name.startsWith('.wh..wh.')) return
    const hidden = name.slice(whiteoutPrefix.length)
    if (hidden === '' || hidden === '.' || hidden === '..') {
      throw new OciError('unsafe-path', `invalid whiteout ${JSON.stringify(name)}`)
    }
    const at = `${this.#folders.folder(folder, this.#creation)}/${hidden}`
    try {
      makeNode(at, nodeTypes.character, 0, 0)
      this.entries++
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (lstatSync(fsPath(at)).isDirectory()) setXattr(at, opaqueXattr, Buffer.from('y'))
    }
  }

  /** A whiteout in the place of a folder that a member below it needs. */
  #unblock(at: string): boolean {
    if (!this.#options.overlay || !isWhiteout(lstatSync(fsPath(at)))) return false
    removeTree(at)
    mkdirSync(fsPath(at), 0o755)
    setXattr(at, opaqueXattr, Buffer.from('y'))
    return true
  }

  /** Does it; where something is in the way, takes that away first. */
  #replacing(at: string, header: TarHeader, make: () => void, known = false): void {
    if (!known) {
      try {
        make()
        return
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
    const found = lstatSync(fsPath(at))
    if (this.#options.noOverwriteDirNonDir && found.isDirectory() !== (header.type === 'directory')) {
      const [from, to] = found.isDirectory() ? ['directory', 'non-directory'] : ['non-directory', 'directory']
      const path = `/${pathParts(header.name).join('/')}`
      throw new OciError('conflict', `cannot overwrite ${from} ${JSON.stringify(path)} with ${to} "/"`)
    }
    if (found.isFile() || found.isSymbolicLink()) this.size -= found.nlink > 1 ? 0 : found.size
    removeTree(at)
    // A folder that was passed through, or a link to one, may be gone. `at` itself stays good: its parent is no older.
    const keep = found.isDirectory() || found.isSymbolicLink()
    make()
    if (keep) this.#folders.forget()
  }

  #owner(header: TarHeader): { uid: number; gid: number } {
    return this.#options.owner ?? header
  }

  #mode(header: TarHeader): number {
    return this.#options.mode ?? header.mode
  }

  /** Whole pieces of zeros become holes: a bomb of zeros takes no disk. */
  #writePlain(bytes: Buffer, position: number): void {
    let from = 0
    for (let at = 0; at < bytes.length; at += zeros.length) {
      const end = Math.min(at + zeros.length, bytes.length)
      const hole = end - at >= 4096 && zeros.compare(bytes, at, end, 0, end - at) === 0
      if (!hole) continue
      this.#writeAll(bytes, from, at, position)
      from = end
    }
    this.#writeAll(bytes, from, bytes.length, position)
  }

  #writeAll(bytes: Buffer, from: number, to: number, position: number): void {
    for (let at = from; at < to; ) at += writeSync(this.#fd, bytes, at, to - at, position + at)
    if (to > from) this.#end = position + to
  }

  /** Stored bytes lie one after the other; each part knows where it belongs. */
  #writeSparse(bytes: Buffer, parts: NonNullable<TarHeader['sparse']>): void {
    let before = 0
    for (let i = 0; i < this.#part; i++) before += parts[i]?.size ?? 0
    for (let at = 0; at < bytes.length; ) {
      const part = parts[this.#part]
      if (!part) return
      const inside = this.#taken + at - before
      const size = Math.min(part.size - inside, bytes.length - at)
      this.#writeAll(bytes.subarray(at, at + size), 0, size, part.offset + inside)
      at += size
      if (inside + size === part.size) {
        before += part.size
        this.#part++
      }
    }
  }
}
