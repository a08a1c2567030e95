import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmdirSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLONE, fileSystemType, MS, mount, unshare } from './libc.ts'

const CGROUP2_MAGIC = 0x63677270
const root = '/sys/fs/cgroup'
const unified = 'unified'

/**
 * Hybrid: /sys/fs/cgroup is a folder of v1 controllers with the v2 tree beside them. crun 1.8 takes part in whatever
 * it finds there, and stops at the v2 tree; so a folder without it is put over the host's. Only in a mount namespace
 * of our own.
 */
export function hideUnified(): void {
  if (fileSystemType(root) === CGROUP2_MAGIC || fileSystemType(join(root, unified)) !== CGROUP2_MAGIC) return
  const stage = mkdtempSync(join(tmpdir(), 'cgroup-'))
  mount('none', stage, 'tmpfs', MS.NOSUID | MS.NODEV | MS.NOEXEC, 'size=64k,mode=755')
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    const [from, to] = [join(root, entry.name), join(stage, entry.name)]
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(from), to)
    else if (entry.isDirectory() && entry.name !== unified) {
      mkdirSync(to)
      mount(from, to, null, MS.BIND, null)
    }
  }
  mount(stage, root, null, MS.MOVE, null)
  rmdirSync(stage)
}

export function enterMounts(): void {
  unshare(CLONE.NEWNS | CLONE.FS)
  mount('none', '/', null, MS.REC | MS.SLAVE, null)
  hideUnified()
}
