import { createHash } from 'node:crypto'
import { chmod, chown, mkdir, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { decompress, extractTree, readTar, resolveInRoot, tarEnd, tarHeader, tarPadding } from '../../oci/index.ts'
import { BuildError } from './build-error.ts'
import { type CopySource, type Keep, keepUnless, type SourceItem } from './copy-source.ts'
import type { Download } from './download.ts'
import { type ModeChange, parseMode } from './file-mode.ts'
import { type Owner, resolveOwner } from './file-owner.ts'
import { isGitAddress } from './git-context.ts'
import type { CopyOperation, InlineContent } from './operation.ts'
import { expandPattern, hasWildcards } from './path-match.ts'

/** One thing that a COPY or ADD puts somewhere. */
export type Selected =
  | {
      readonly kind: 'item'
      readonly source: CopySource
      readonly item: SourceItem
      /** `--parents`: where below the destination. */
      readonly below: string
      /** Downloads are not unpacked unless that is asked for. */
      readonly remote: boolean
    }
  | { readonly kind: 'inline'; readonly file: InlineContent }

export interface Selection {
  readonly parts: readonly Selected[]
  /** `file:…`, `dir:…` or `multi:…`: names the content in the history and in the key. */
  readonly hash: string
  readonly files: Readonly<Record<string, string>>
}

/** Finds what the instruction names, and makes its content key. Throws a BuildError in Docker's sentences. */
export async function selectSources(
  operation: CopyOperation,
  source: CopySource,
  download: (address: string) => Promise<Download>,
): Promise<Selection> {
  const { command } = operation
  const parts: Selected[] = []
  for (const path of operation.paths) {
    if (isAddress(path)) parts.push(await remotePart(operation, path, download))
    else parts.push(...(await localParts(operation, source, path)))
  }
  for (const file of operation.files) parts.push({ kind: 'inline', file })
  if (parts.length === 0) throw new BuildError(`${command} failed: no source files were specified`, { status: 400 })
  if (parts.length > 1 && !operation.destination.endsWith('/'))
    throw new BuildError(
      `When using ${command} with more than one source file, the destination must be a directory and end with a /`,
      { status: 400 },
    )
  const keep = keepUnless(operation.exclude)
  const hashes: string[] = []
  const files: Record<string, string> = {}
  for (const part of parts) {
    if (part.kind === 'inline') {
      hashes.push(
        `file:${createHash('sha256')
          .update(JSON.stringify([part.file.name, part.file.content]))
          .digest('hex')}`,
      )
      continue
    }
    const found = await part.source.digest(part.item, keep)
    const name = part.item.directory ? '' : posix.basename(part.item.path)
    hashes.push(
      `${part.item.directory ? 'dir' : 'file'}:${createHash('sha256')
        .update(JSON.stringify([found.digest, name, part.below]))
        .digest('hex')}`,
    )
    Object.assign(files, found.files)
  }
  const [only] = hashes
  const hash =
    hashes.length === 1 && only !== undefined
      ? only
      : `multi:${createHash('sha256').update(hashes.join(',')).digest('hex')}`
  return { parts, hash, files }
}

function isAddress(path: string): boolean {
  return /^https?:\/\//.test(path) || isGitAddress(path)
}

async function remotePart(
  operation: CopyOperation,
  address: string,
  download: (address: string) => Promise<Download>,
): Promise<Selected> {
  const kind = isGitAddress(address) ? 'git ref' : 'URL'
  if (operation.command === 'COPY')
    throw new BuildError(`COPY failed: source can't be a ${kind} for COPY`, { status: 400 })
  const { source, item } = await download(address).catch((error: unknown) => {
    if (!(error instanceof BuildError)) throw error
    throw new BuildError(`ADD failed: ${error.message}`, { status: error.status })
  })
  if (item.path === '__unnamed__' && operation.destination.endsWith('/'))
    throw new BuildError(`ADD failed: cannot determine filename for source ${address}`, { status: 400 })
  return { kind: 'item', source, item, below: '', remote: true }
}

async function localParts(operation: CopyOperation, source: CopySource, written: string): Promise<Selected[]> {
  const pivot = operation.parents ? written.indexOf('/./') : -1
  const clean = posix.resolve('/', written).slice(1)
  const before = pivot < 0 ? '' : posix.resolve('/', written.slice(0, pivot)).slice(1)
  const paths = hasWildcards(clean) ? await expandPattern(clean, (folder) => source.list(folder)) : [clean]
  const parts: Selected[] = []
  for (const path of paths) {
    const item = await source.item(path)
    if (!item) {
      if (hasWildcards(clean)) continue
      const reason = `stat ${clean || '/'}: file does not exist`
      const where =
        operation.source.kind === 'context' ? 'file not found in build context or excluded by .dockerignore: ' : ''
      throw new BuildError(`${operation.command} failed: ${where}${reason}`, { status: 404 })
    }
    const below = operation.parents
      ? posix.relative(`/${before}`, `/${item.directory ? path : posix.dirname(path)}`)
      : ''
    parts.push({ kind: 'item', source, item, below, remote: false })
  }
  return parts
}

/** Puts the selection into a mounted root. */
export async function copySelection(operation: CopyOperation, selection: Selection, root: string): Promise<void> {
  const owner = operation.chown === '' ? undefined : await resolveOwner(operation.chown, root)
  const mode = operation.chmod === '' ? undefined : parseMode(operation.chmod)
  const keep = keepUnless(operation.exclude)
  for (const part of selection.parts) await new Placement(operation, root, owner, mode, keep).place(part)
}

class Placement {
  readonly #operation: CopyOperation
  readonly #root: string
  readonly #owner: Owner | undefined
  readonly #mode: ModeChange | undefined
  readonly #keep: Keep

  constructor(
    operation: CopyOperation,
    root: string,
    owner: Owner | undefined,
    mode: ModeChange | undefined,
    keep: Keep,
  ) {
    this.#operation = operation
    this.#root = root
    this.#owner = owner
    this.#mode = mode
    this.#keep = keep
  }

  async place(part: Selected): Promise<void> {
    if (part.kind === 'inline') {
      const { folder, name } = await this.#fileTarget('', part.file.name)
      return await this.#extract(oneFile(name, part.file.content), folder)
    }
    const { source, item, below } = part
    if (item.directory) {
      const folder = posix.join(this.#operation.destination, below)
      const fresh = await makeFolder(this.#root, folder, this.#owner)
      if (fresh) await chmod(fresh, this.#mode ? this.#mode(item.mode, true) : item.mode)
      return await this.#extract(source.tar(item, '', this.#keep), folder)
    }
    const unpack = this.#operation.unpack ?? (this.#operation.command === 'ADD' && !part.remote)
    if (unpack && (await isArchive(source, item))) {
      const folder = this.#operation.destination
      await makeFolder(this.#root, folder, this.#owner)
      return await this.#extract(decompress(source.content(item)), folder)
    }
    const base = posix.basename(item.path)
    if (!this.#keep(base) || !this.#keep(item.path)) return
    const { folder, name } = await this.#fileTarget(below, base)
    await this.#extract(
      source.tar(item, name, () => true),
      folder,
    )
  }

  /** A file goes into the destination where that is a folder, and takes its place where not. */
  async #fileTarget(below: string, base: string): Promise<{ folder: string; name: string }> {
    const { destination } = this.#operation
    const target = posix.join(destination, below)
    if (destination.endsWith('/') || below !== '' || (await isFolder(this.#root, target))) {
      await makeFolder(this.#root, target, this.#owner)
      return { folder: target, name: base }
    }
    await makeFolder(this.#root, posix.dirname(target), this.#owner)
    return { folder: posix.dirname(target), name: posix.basename(target) }
  }

  async #extract(tar: AsyncIterable<Uint8Array>, folder: string): Promise<void> {
    const mode = this.#mode
    await extractTree(this.#root, tar, {
      path: folder,
      ...(this.#owner ? { owner: this.#owner } : {}),
      ...(mode
        ? {
            map: (header) =>
              header.type === 'symlink' ? header : { ...header, mode: mode(header.mode, header.type === 'directory') },
          }
        : {}),
    })
  }
}

async function isFolder(root: string, path: string): Promise<boolean> {
  try {
    return (await stat(await resolveInRoot(root, path, { followLast: true }))).isDirectory()
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return false
    throw error
  }
}

/** Makes a folder and those above it; gives its place on this machine where it was not there. */
export async function makeFolder(root: string, path: string, owner: Owner | undefined): Promise<string | undefined> {
  let fresh: string | undefined
  let at = ''
  for (const part of path.split('/').filter(Boolean)) {
    at = `${at}/${part}`
    fresh = undefined
    if (await isFolder(root, at)) continue
    const place = await resolveInRoot(root, at, { followLast: true })
    try {
      await mkdir(place, { mode: 0o755 })
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
        throw new BuildError(`cannot copy to non-directory: ${at}`, { status: 400 })
      throw error
    }
    await chmod(place, 0o755)
    if (owner) await chown(place, owner.uid, owner.gid)
    fresh = place
  }
  return fresh
}

async function* oneFile(name: string, content: string): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = Buffer.from(content)
  yield tarHeader({ name, type: 'file', mode: 0o644, uid: 0, gid: 0, size: bytes.length, mtimeSeconds: 0 })
  yield bytes
  yield tarPadding(bytes.length)
  yield tarEnd()
}

const magics: readonly (readonly [number, string])[] = [
  [0, '1f8b'],
  [0, '425a68'],
  [0, 'fd377a585a00'],
  [0, '28b52ffd'],
  [257, '7573746172'],
]

/** Whether the file is a tar, plain or compressed: by its content, whatever its name says. */
async function isArchive(source: CopySource, item: SourceItem): Promise<boolean> {
  let head = Buffer.alloc(0)
  for await (const chunk of source.content(item)) {
    head = Buffer.concat([head, chunk])
    if (head.length >= 512) break
  }
  if (!magics.some(([at, magic]) => head.subarray(at, at + magic.length / 2).toString('hex') === magic)) return false
  try {
    for await (const _entry of readTar(decompress(source.content(item)))) return true
    return false
  } catch {
    // a compressed file that is no tar is copied as it is
    return false
  }
}
