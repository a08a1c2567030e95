import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs'
import { type Found, lookupInLayers } from './layer-lookup.ts'
import { fsPath } from './name-bytes.ts'
import { OciError } from './oci-error.ts'
import { allXattrs, setXattr } from './posix.ts'
import type { Unpacked } from './unpack-layer.ts'

/**
 * What a layer's tar leaves to the layers beneath: the attributes of folders that it only passes through, and files that
 * it only links to. As overlay itself would do, both are copied up.
 * @param lower the folders beneath, top first
 */
export function completeLayer(folder: string, lower: readonly string[], unpacked: Unpacked): void {
  // Deepest first: giving a folder its times must come after what is made in it.
  for (const { path, target } of unpacked.missingTargets) copyUpLink(folder, lower, path, target)
  for (const parts of [...unpacked.implicit].sort((a, b) => b.length - a.length)) {
    const beneath = lookupInLayers(lower, parts)
    if (beneath?.stats.isDirectory()) copyAttributes(beneath, [folder, ...parts].join('/'))
  }
}

function copyAttributes(from: Found, to: string): void {
  const path = fsPath(to)
  lchownSync(path, from.stats.uid, from.stats.gid)
  if (!from.stats.isSymbolicLink()) chmodSync(path, from.stats.mode & 0o7777)
  for (const [name, value] of allXattrs(from.path)) {
    if (!name.startsWith('trusted.overlay.')) setXattr(to, name, value)
  }
  lutimesSync(path, from.stats.atimeMs / 1000, from.stats.mtimeMs / 1000)
}

function copyUpLink(
  folder: string,
  lower: readonly string[],
  parts: readonly string[],
  target: readonly string[],
): void {
  const found = lookupInLayers(lower, target)
  if (!found || found.stats.isDirectory()) {
    throw new OciError(
      'corrupt',
      `Cannot extract "${parts.join('/')}": hard link to "${target.join('/')}", which is not there`,
    )
  }
  for (let depth = 1; depth < target.length; depth++) {
    const place = [folder, ...target.slice(0, depth)].join('/')
    if (existsSync(fsPath(place))) continue
    mkdirSync(fsPath(place))
    const beneath = lookupInLayers(lower, target.slice(0, depth))
    if (beneath) copyAttributes(beneath, place)
  }
  const copy = [folder, ...target].join('/')
  if (!existsSync(fsPath(copy))) {
    if (found.stats.isSymbolicLink()) symlinkSync(readlinkSync(fsPath(found.path), 'buffer'), fsPath(copy))
    else copyFileSync(fsPath(found.path), fsPath(copy), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    copyAttributes(found, copy)
  }
  linkSync(fsPath(copy), fsPath([folder, ...parts].join('/')))
}
