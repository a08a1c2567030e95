/** Where a container's cgroup is, on v1 (one tree per controller) and v2 (one tree), and what is done to it directly. */
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileSystemType } from './libc.ts'

const CGROUP2_MAGIC = 0x63677270
const root = '/sys/fs/cgroup'

export const isUnified = fileSystemType(root) === CGROUP2_MAGIC

/** The trees as folders: all of them on v1, the one on v2. Links such as cpu → cpu,cpuacct are left out. */
const trees: string[] = isUnified
  ? [root]
  : readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'unified')
      .map((entry) => join(root, entry.name))

/** The folder of a cgroup in the tree of a v1 controller; on v2 the one folder. */
export function cgroupFolder(path: string, controller: string): string {
  return isUnified ? join(root, path) : join(root, controller, path)
}

export function readCgroup(path: string, controller: string, file: string): string | null {
  try {
    return readFileSync(join(cgroupFolder(path, controller), file), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENODEV')) return null
    throw error
  }
}

function foldersBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  const below = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => foldersBelow(join(folder, entry.name)))
  return [...below, folder]
}

/** Of the cgroup and of those below it. */
export function cgroupPids(path: string): number[] {
  const pids = foldersBelow(cgroupFolder(path, 'pids')).flatMap((folder) =>
    readFileSync(join(folder, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(Number),
  )
  return [...new Set(pids)].sort((a, b) => a - b)
}

export async function setFrozen(path: string, frozen: boolean): Promise<void> {
  const folder = cgroupFolder(path, 'freezer')
  if (isUnified) writeFileSync(join(folder, 'cgroup.freeze'), frozen ? '1' : '0')
  else writeFileSync(join(folder, 'freezer.state'), frozen ? 'FROZEN' : 'THAWED')
  for (let waitedMs = 0; isFrozen(path) !== frozen; waitedMs += 2) {
    if (waitedMs > 5000)
      throw new Error(`Cannot ${frozen ? 'freeze' : 'thaw'} the processes: they do not settle (${path})`)
    // v1 may stop half way when a process forks meanwhile; asking again goes on from there.
    if (!isUnified && frozen) writeFileSync(join(folder, 'freezer.state'), 'FROZEN')
    await sleep(2)
  }
}

export function isFrozen(path: string): boolean {
  if (isUnified) return /^frozen 1$/m.test(readCgroup(path, '', 'cgroup.events') ?? '')
  return readCgroup(path, 'freezer', 'freezer.state')?.trim() === 'FROZEN'
}

/** With all below it, in every tree. A cgroup stays busy for a moment after its last process has ended. */
export async function removeCgroup(path: string): Promise<void> {
  for (const tree of trees) {
    for (const folder of foldersBelow(join(tree, path))) await removeFolder(folder)
  }
}

async function removeFolder(folder: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 2) {
    try {
      rmdirSync(folder)
      return
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'ENOENT') return
      if (code !== 'EBUSY' || waitedMs > 2000) throw error
      await sleep(2)
    }
  }
}
