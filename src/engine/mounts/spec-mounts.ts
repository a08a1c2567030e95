import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Container, MountRecord } from '../containers/container.ts'
import { tmpfsText } from '../containers/mount-request.ts'
import type { Core } from '../core/core.ts'
import { invalid, system } from '../engine-error.ts'
import { resolveImage } from '../images/resolve-image.ts'
import type { NetworkFiles } from '../networks/start-networking.ts'
import { resolveInRoot } from '../rootfs/scoped-path.ts'
import type { SpecMount } from '../spec/index.ts'
import { mountVolume } from '../volumes/mount-volume.ts'

/** Docker names SELinux's absence in nothing: modes z and Z are accepted and have no effect. */
async function sourceOf(core: Core, container: Container, mount: MountRecord, at: number): Promise<string> {
  if (mount.Type === 'volume') {
    const folder = await mountVolume(core, mount.Name ?? '')
    return subpath(folder, mount.spec.VolumeOptions?.Subpath)
  }
  if (mount.Type === 'image') {
    const folder = mountImage(core, container, mount, at)
    return subpath(folder, mount.spec.ImageOptions?.Subpath)
  }
  try {
    if (statSync(mount.Source, { throwIfNoEntry: false }) === undefined) {
      if (!mount.createSource) {
        throw invalid(`invalid mount config for type "bind": bind source path does not exist: ${mount.Source}`)
      }
      mkdirSync(mount.Source, { recursive: true, mode: 0o755 })
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === undefined) throw error
    throw system(
      `error while creating mount source path '${mount.Source}': mkdir ${mount.Source}: ${code === 'ENOTDIR' || code === 'EEXIST' ? 'not a directory' : (error as Error).message}`,
      { cause: error },
    )
  }
  return mount.Source
}

function subpath(folder: string, inside: string | undefined): string {
  if (!inside) return folder
  const path = resolveInRoot(folder, inside)
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    throw system(`cannot access path ${path}: lstat ${path}: no such file or directory`)
  }
  return path
}

function imageMountPath(core: Core, containerId: string, at: number): string {
  return join(core.folders.mounts, `${containerId}-${at}`)
}

function mountImage(core: Core, container: Container, mount: MountRecord, at: number): string {
  const image = resolveImage(core, mount.Source)
  const target = imageMountPath(core, container.id, at)
  const lowerDirs = [...core.content.layers.lowerdirs(image.chainId)]
  mkdirSync(target, { recursive: true })
  if (lowerDirs.length > 0 && !core.linux.overlays.isMounted(target)) core.linux.overlays.mount({ lowerDirs, target })
  return target
}

export function unmountImages(core: Core, container: Container): void {
  container.record.mounts.forEach((mount, at) => {
    if (mount.Type === 'image') core.linux.overlays.unmount(imageMountPath(core, container.id, at))
  })
}

/** Everything that is laid over the root file system of a container that is about to start. */
export async function specMounts(core: Core, container: Container, files: NetworkFiles): Promise<SpecMount[]> {
  const { record } = container
  const mounts: SpecMount[] = []
  const taken = new Set<string>()
  for (const [at, mount] of record.mounts.entries()) {
    taken.add(mount.Destination)
    if (mount.Type === 'tmpfs') {
      mounts.push({ type: 'tmpfs', destination: mount.Destination, options: tmpfsText(mount.spec) })
      continue
    }
    const options = mount.spec.BindOptions
    mounts.push({
      type: 'bind',
      source: await sourceOf(core, container, mount, at),
      destination: mount.Destination,
      writable: mount.RW,
      propagation: mount.Type === 'bind' ? mount.Propagation : '',
      ...(options?.NonRecursive && { nonRecursive: true }),
      ...(options?.ReadOnlyNonRecursive && { readOnlyNonRecursive: true }),
      ...(options?.ReadOnlyForceRecursive && { readOnlyForceRecursive: true }),
    })
  }
  for (const [destination, options] of Object.entries(record.hostConfig.Tmpfs ?? {})) {
    taken.add(destination)
    mounts.push({ type: 'tmpfs', destination, options })
  }
  const overlaid: [source: string, destination: string][] = [
    [files.resolvConf, '/etc/resolv.conf'],
    [files.hostname, '/etc/hostname'],
    [files.hosts, '/etc/hosts'],
  ]
  for (const [source, destination] of overlaid) {
    if (taken.has(destination)) continue
    mounts.push({
      type: 'bind',
      source,
      destination,
      writable: !record.hostConfig.ReadonlyRootfs,
      propagation: 'rprivate',
      readOnlyNonRecursive: true,
    })
  }
  return mounts
}
