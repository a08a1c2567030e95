import { mkdirSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import type { Container } from '../containers/container.ts'
import type { Core } from '../core/core.ts'
import { system } from '../engine-error.ts'
import { resolveInRoot } from '../rootfs/scoped-path.ts'
import { createVolume } from '../volumes/create-volume.ts'
import { mountVolume } from '../volumes/mount-volume.ts'
import { copyUp } from './copy-up.ts'

/** The image's VOLUMEs without a mount get one without a name; empty volumes get what the image has at their place. */
export async function makeContainerVolumes(core: Core, container: Container): Promise<void> {
  const { record } = container
  const { config, hostConfig } = record
  const taken = new Set([...record.mounts.map((mount) => mount.Destination), ...Object.keys(hostConfig.Tmpfs ?? {})])
  const workingDir = config.WorkingDir || '/'
  const wanted = Object.keys(config.Volumes ?? {}).map((path) => posix.normalize(path).replace(/(.)\/$/, '$1'))
  const copies = record.mounts.some((mount) => mount.Type === 'volume' && mount.copyUp)
  if (wanted.length === 0 && !copies && workingDir === '/') return
  using root = core.roots.hold(container)
  makeWorkingDirectory(root.path, workingDir)
  for (const destination of wanted) {
    if (taken.has(destination)) continue
    taken.add(destination)
    const path = resolveInRoot(root.path, destination)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat && !stat.isDirectory()) throw system(`cannot mount volume over existing file, file exists ${path}`)
    const volume = await createVolume(core, { ...(hostConfig.VolumeDriver && { Driver: hostConfig.VolumeDriver }) })
    record.mounts.push({
      Type: 'volume',
      Name: volume.name,
      Source: core.volumes.mountpoint(volume.name),
      Destination: destination,
      Driver: 'local',
      Mode: '',
      RW: true,
      Propagation: '',
      copyUp: true,
      createSource: false,
      anonymous: true,
      spec: { Type: 'volume', Source: volume.name, Target: destination },
    })
  }
  for (const mount of record.mounts) {
    if (mount.Type !== 'volume' || !mount.copyUp || !mount.Name || mount.spec.VolumeOptions?.Subpath) continue
    await copyUp(resolveInRoot(root.path, mount.Destination), await mountVolume(core, mount.Name))
  }
}

/** Made where it is missing. @throws where a file is in its place */
export function makeWorkingDirectory(root: string, workingDir: string): void {
  if (workingDir === '/' || workingDir === '') return
  const path = resolveInRoot(root, workingDir)
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error
    throw system(`Cannot mkdir: ${workingDir} is not a directory`, { cause: error })
  }
}
