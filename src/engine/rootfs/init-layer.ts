import { closeSync, existsSync, mkdirSync, openSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Mount points that every container needs. They lie under the writable layer, so that `docker diff` does not show them. */
export function makeInitLayer(folder: string): void {
  for (const part of ['dev', 'dev/pts', 'dev/shm', 'etc', 'proc', 'sys']) {
    mkdirSync(join(folder, part), { recursive: true, mode: 0o755 })
  }
  for (const part of ['.dockerenv', 'dev/console', 'etc/hostname', 'etc/hosts', 'etc/resolv.conf']) {
    closeSync(openSync(join(folder, part), 'a', 0o755))
  }
  if (!existsSync(join(folder, 'etc/mtab'))) {
    try {
      symlinkSync('/proc/mounts', join(folder, 'etc/mtab'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
