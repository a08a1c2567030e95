import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { type Found, lookupInLayers } from './layer-lookup.ts'
import { isGone } from './member-rules.ts'
import { fsPath } from './name-bytes.ts'
import { OciError } from './oci-error.ts'
import { allXattrs, setXattr } from './posix.ts'
import { RootedFolders } from './rooted-folders.ts'
import type { Unpacked } from './unpack-layer.ts'

/**
 * What a layer's tar leaves to the layers beneath: the attributes of folders that it only passes through, and files that
 * it only links to. As overlay itself would do, both are copied up.
 * @param lower the folders beneath, top first
 */
export function completeLayer(folder: string, lower: readonly string[], unpacked: Unpacked): void {
  using folders = new RootedFolders(folder)
  const implicit = [...unpacked.implicit]
  for (const { path, target } of unpacked.missingTargets) copyUpLink(folders, lower, path, target, implicit)
  // Deepest first: a folder gets its times after what is made in it.
  for (const parts of implicit.sort((a, b) => b.length - a.length)) {
    folders.trim()
    const beneath = lookupInLayers(lower, parts)
    if (beneath?.stats.isDirectory()) dressFolder(folders, parts, beneath)
  }
}

function dressFolder(folders: RootedFolders, parts: readonly string[], from: Found): void {
  try {
    const to = `${folders.realFolder(parts)}/.`
    chownSync(to, from.stats.uid, from.stats.gid)
    chmodSync(to, from.stats.mode & 0o7777)
    copyXattrs(from.path, to)
    utimesSync(to, from.stats.atimeMs / 1000, from.stats.mtimeMs / 1000)
  } catch (error) {
    // A later member of the tar has put something else there.
    if (!isGone(error)) throw error
  }
}

function copyXattrs(from: string, to: string): void {
  for (const [name, value] of allXattrs(from)) if (!name.startsWith('trusted.overlay.')) setXattr(to, name, value)
}

function copyUpLink(
  folders: RootedFolders,
  lower: readonly string[],
  path: readonly string[],
  target: readonly string[],
  implicit: (readonly string[])[],
): void {
  folders.trim()
  const found = lookupInLayers(lower, target)
  if (!found || found.stats.isDirectory()) {
    const names = `"${path.join('/')}": hard link to "${target.join('/')}"`
    throw new OciError('corrupt', `Cannot extract ${names}, which is not there`)
  }
  const copy = folders.at(target, { made: (parts) => implicit.push(parts) })
  if (!lstatSync(fsPath(copy), { throwIfNoEntry: false })) copyUp(found, copy)
  linkSync(fsPath(copy), fsPath(folders.at(path)))
}

/** The copy is ours alone until the layer is published: what was just made is no link that leads elsewhere. */
function copyUp({ path, stats }: Found, copy: string): void {
  const to = fsPath(copy)
  const link = stats.isSymbolicLink()
  if (link) symlinkSync(readlinkSync(fsPath(path), 'buffer'), to)
  else if (stats.isFile()) copyFileSync(fsPath(path), to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  else throw new OciError('unsupported', `Cannot extract a hard link to a node of a lower layer: ${path}`)
  lchownSync(to, stats.uid, stats.gid)
  if (!link) chmodSync(to, stats.mode & 0o7777)
  copyXattrs(path, copy)
  lutimesSync(to, stats.atimeMs / 1000, stats.mtimeMs / 1000)
}
