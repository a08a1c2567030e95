import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type { OciDevice } from './oci-spec.ts'

/** Made by the runtime itself in every container, or a file system of its own, or a terminal of somebody else. */
const leftOut = new Set([
  'pts',
  'shm',
  'fd',
  'mqueue',
  '.lxc',
  '.lxd-mounts',
  '.udev',
  'console',
  'core',
  'ptmx',
  'stdin',
  'stdout',
  'stderr',
])

function device(stats: Stats, path: string): OciDevice | null {
  if (!stats.isCharacterDevice() && !stats.isBlockDevice()) return null
  // The kernel's encoding of a device number in 64 bits (makedev(3)).
  const number = BigInt(stats.rdev)
  const major = Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn))
  const minor = Number((number & 0xffn) | ((number >> 12n) & 0xffffff00n))
  return {
    type: stats.isBlockDevice() ? 'b' : 'c',
    path,
    major,
    minor,
    fileMode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
  }
}

function devicesBelow(hostFolder: string, containerFolder: string): OciDevice[] {
  return readdirSync(hostFolder).flatMap((name) => {
    if (leftOut.has(name)) return []
    const [from, to] = [join(hostFolder, name), join(containerFolder, name)]
    const stats = lstatSync(from, { throwIfNoEntry: false })
    if (stats === undefined || stats.isSymbolicLink()) return []
    if (stats.isDirectory()) return devicesBelow(from, to)
    return device(stats, to) ?? []
  })
}

/** Every device node below /dev but terminals of others, for a privileged container. */
export function hostDevices(): OciDevice[] {
  return devicesBelow('/dev', '/dev')
}

/** The device node at a path (symbolic links followed), or of every node below it where it is a folder. */
export function deviceAt(hostPath: string, containerPath: string): OciDevice[] {
  const real = realpathSync(hostPath)
  const stats = statSync(real)
  if (stats.isDirectory()) return devicesBelow(real, containerPath)
  const found = device(stats, containerPath)
  if (found === null) throw new Error(`Cannot use as a device: it is no device node (${hostPath})`)
  return [found]
}
