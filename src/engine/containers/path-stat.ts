import { lstatSync, type Stats } from 'node:fs'
import { basename, posix } from 'node:path'
import { timestamp } from '../core/timestamp.ts'
import { resolveInRoot } from '../rootfs/scoped-path.ts'
import type { PathStat } from '../shapes/index.ts'

// Go's os.FileMode.
const bits = {
  directory: 2 ** 31,
  symlink: 2 ** 27,
  device: 2 ** 26,
  pipe: 2 ** 25,
  socket: 2 ** 24,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  characterDevice: 2 ** 21,
  sticky: 2 ** 20,
}

function goMode(stat: Stats): number {
  let mode = stat.mode & 0o777
  if (stat.isDirectory()) mode += bits.directory
  if (stat.isSymbolicLink()) mode += bits.symlink
  if (stat.isFIFO()) mode += bits.pipe
  if (stat.isSocket()) mode += bits.socket
  if (stat.isBlockDevice()) mode += bits.device
  if (stat.isCharacterDevice()) mode += bits.device + bits.characterDevice
  if (stat.mode & 0o4000) mode += bits.setuid
  if (stat.mode & 0o2000) mode += bits.setgid
  if (stat.mode & 0o1000) mode += bits.sticky
  return mode
}

/** Whether a link in the last place is to be followed: `path/` and `path/.` name what it leads to. */
export const followsLast = (path: string) => /\/\.?$/.test(path)

/** @throws ENOENT, ENOTDIR where there is nothing */
export function pathStat(root: string, path: string): PathStat {
  const absolute = posix.join('/', path)
  const host = resolveInRoot(root, absolute, { last: followsLast(path) })
  const stat = lstatSync(host)
  if (followsLast(path) && !stat.isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' })
  const linkTarget = stat.isSymbolicLink() ? resolveInRoot(root, absolute).slice(root.length) || '/' : ''
  return {
    name: host === root ? '/' : basename(host),
    size: stat.size,
    mode: goMode(stat),
    mtime: timestamp(BigInt(Math.round(stat.mtimeMs * 1000)) * 1000n),
    linkTarget,
  }
}
