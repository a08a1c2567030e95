/**
 * The instance's own mount namespace. Overlays and namespace files live in it, out of the host's sight, and where the
 * host mounts cgroup v1 and v2 side by side the v2 tree is hidden in it, because crun 1.8 refuses that mixture.
 *
 *   <runtimeDir>/mounts/          bound onto itself and private, or else the kernel refuses the next line (a loop)
 *   <runtimeDir>/mounts/pin       the namespace, bound here by unshare(1): outlives every process in it
 *   <runtimeDir>/mounts/identity  its inode number, for those inside, who see neither of the two mounts
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = (runtimeDir: string) => join(runtimeDir, 'mounts')
const pin = (runtimeDir: string) => join(folder(runtimeDir), 'pin')
const identity = (runtimeDir: string) => join(folder(runtimeDir), 'identity')

function run(program: string, args: string[]): void {
  const result = spawnSync(program, args, { encoding: 'utf8' })
  if (result.error) throw new Error(`Cannot run ${program}: ${result.error.message}`)
  if (result.status !== 0) throw new Error(`Cannot run ${program} ${args.join(' ')}: ${result.stderr.trim()}`)
}

/** A file on which something is mounted lies on another device than its folder. */
function isMountedOver(path: string, parent: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false })
  return file !== undefined && file.dev !== statSync(parent).dev
}

/** A folder bound onto itself lies on the same device as its parent, so the mount table must be asked. */
function isMountPoint(path: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === path)
}

/** Whether this process is in the namespace that `launchArgv` pins. */
export function isInside(runtimeDir: string): boolean {
  try {
    return readlinkSync('/proc/self/ns/mnt') === readFileSync(identity(runtimeDir), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/**
 * What to spawn so that `argv` runs in this instance's own mount namespace. The namespace is made on first use, is
 * pinned by a file in runtimeDir and so outlives every process in it; mounts that the host makes later are seen in it,
 * mounts made in it are not seen by the host. The working directory is kept.
 */
export function launchArgv(runtimeDir: string, argv: string[]): string[] {
  if (isInside(runtimeDir)) return argv
  mkdirSync(folder(runtimeDir), { recursive: true, mode: 0o700 })
  if (!isMountedOver(pin(runtimeDir), folder(runtimeDir))) {
    if (!isMountPoint(folder(runtimeDir))) run('mount', ['--bind', folder(runtimeDir), folder(runtimeDir)])
    run('mount', ['--make-private', folder(runtimeDir)])
    writeFileSync(pin(runtimeDir), '')
    run('unshare', [`--mount=${pin(runtimeDir)}`, '--propagation', 'slave', 'true'])
    writeFileSync(identity(runtimeDir), `mnt:[${statSync(pin(runtimeDir)).ino}]`)
  }
  return ['nsenter', `--mount=${pin(runtimeDir)}`, `--wd=${process.cwd()}`, '--', ...argv]
}

/**
 * Lets go of the pinned namespace: with the last process in it, all its mounts are gone, and the host's mount table is
 * as it was. Call it outside, after the daemon has ended. Nothing pinned is not an error.
 */
export function releaseMounts(runtimeDir: string): void {
  const parent = statSync(folder(runtimeDir), { throwIfNoEntry: false })
  if (parent === undefined) return
  if (isMountedOver(pin(runtimeDir), folder(runtimeDir))) run('umount', ['--lazy', pin(runtimeDir)])
  if (isMountPoint(folder(runtimeDir))) run('umount', ['--lazy', folder(runtimeDir)])
  rmSync(folder(runtimeDir), { recursive: true, force: true })
}
