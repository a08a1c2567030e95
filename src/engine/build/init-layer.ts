import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The folder that lies between an image and what a RUN step writes, as Docker has one: mount points that the runtime
 * needs are there already, so that they do not become part of the layer.
 */
export async function makeInitLayer(folder: string): Promise<void> {
  for (const path of ['dev/pts', 'dev/shm', 'dev/mqueue', 'proc', 'sys', 'etc'])
    await mkdir(join(folder, path), { recursive: true, mode: 0o755 })
  for (const path of ['dev/console', '.dockerenv', 'etc/resolv.conf', 'etc/hosts', 'etc/hostname'])
    await writeFile(join(folder, path), '', { mode: 0o644 })
  try {
    await symlink('/proc/mounts', join(folder, 'etc/mtab'))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
