import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { MS, mount, unmount } from './libc.ts'

/**
 * The same program at a path where nobody can write to it. crun copies itself into memory and starts again at each
 * call, so that a container cannot reach and overwrite it through /proc/<pid>/exe (CVE-2019-5736); on a read-only
 * mount it sees that it need not, which halves its start. Only in a mount namespace of our own.
 */
export function readOnlyProgram(program: string, runtimeDir: string): string {
  const folder = join(runtimeDir, 'programs')
  const path = join(folder, basename(program))
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  // What an earlier process has bound may be a version that has been replaced on disk since.
  if (!unmount(path)) writeFileSync(path, '')
  mount(program, path, null, MS.BIND, null)
  mount('none', path, null, MS.REMOUNT | MS.BIND | MS.RDONLY | MS.NOSUID | MS.NODEV, null)
  return path
}

export function releasePrograms(runtimeDir: string, programs: string[]): void {
  for (const program of programs) unmount(join(runtimeDir, 'programs', basename(program)))
}
