import { lstatSync, type Stats } from 'node:fs'
import { fsPath } from './name-bytes.ts'
import { isWhiteout, opaqueXattr } from './overlay-marks.ts'
import { getXattr } from './posix.ts'

export interface Found {
  readonly path: string
  readonly stats: Stats
}

function lstat(path: string): Stats | undefined {
  return lstatSync(fsPath(path), { throwIfNoEntry: false })
}

export function isOpaque(folder: string): boolean {
  return getXattr(folder, opaqueXattr)?.toString('latin1') === 'y'
}

/**
 * What a path is in a stack of layer folders (top first), seen as overlay would show it. No link is followed: a part on
 * the way that is none of a folder hides what is beneath.
 */
export function lookupInLayers(folders: readonly string[], parts: readonly string[]): Found | undefined {
  for (const folder of folders) {
    const found = lookupInLayer(folder, parts)
    if (found === 'hidden') return undefined
    if (found) return found
  }
  return undefined
}

function lookupInLayer(folder: string, parts: readonly string[]): Found | 'hidden' | undefined {
  // The layer's own name may be a short one, a link.
  let path = `${folder}/.`
  let opaque = false
  let stats = lstat(path)
  for (const part of parts) {
    if (!stats?.isDirectory()) return stats ? 'hidden' : opaque ? 'hidden' : undefined
    opaque ||= isOpaque(path)
    path = `${path}/${part}`
    stats = lstat(path)
  }
  if (!stats) return opaque ? 'hidden' : undefined
  return isWhiteout(stats) ? 'hidden' : { path, stats }
}
