import { posix } from 'node:path'
import { parseBind, parseVolumesFrom } from '../containers/bind-spec.ts'
import type { Container, MountRecord } from '../containers/container.ts'
import { validateMount } from '../containers/mount-request.ts'
import type { Core } from '../core/core.ts'
import { invalid } from '../engine-error.ts'
import { resolveImage } from '../images/resolve-image.ts'
import type { MountRequest } from '../shapes/index.ts'
import { createVolume } from '../volumes/create-volume.ts'

const clean = (path: string) => posix.normalize(path).replace(/(.)\/$/, '$1')
const duplicate = (target: string) => invalid(`Duplicate mount point: ${target}`)

async function volumeMount(core: Core, mount: MountRequest, mode: string): Promise<MountRecord> {
  const options = mount.VolumeOptions
  const record = await createVolume(core, {
    ...(mount.Source && { Name: mount.Source }),
    ...(options?.DriverConfig?.Name && { Driver: options.DriverConfig.Name }),
    DriverOpts: options?.DriverConfig?.Options ?? null,
    Labels: options?.Labels ?? null,
  })
  return {
    Type: 'volume',
    Name: record.name,
    Source: core.volumes.mountpoint(record.name),
    Destination: clean(mount.Target ?? ''),
    Driver: 'local',
    Mode: mode || 'z',
    RW: !mount.ReadOnly,
    Propagation: '',
    copyUp: !options?.NoCopy,
    createSource: false,
    anonymous: !mount.Source,
    spec: mount,
  }
}

function bindMount(mount: MountRequest, mode: string, createSource: boolean): MountRecord {
  return {
    Type: 'bind',
    Source: clean(mount.Source ?? ''),
    Destination: clean(mount.Target ?? ''),
    Mode: mode,
    RW: !mount.ReadOnly,
    Propagation: mount.BindOptions?.Propagation || 'rprivate',
    copyUp: false,
    createSource: createSource || mount.BindOptions?.CreateMountpoint === true,
    anonymous: false,
    spec: mount,
  }
}

function otherMount(core: Core, mount: MountRequest): MountRecord {
  const image = mount.Type === 'image'
  if (image) resolveImage(core, mount.Source ?? '')
  return {
    Type: image ? 'image' : 'tmpfs',
    ...(image && { Name: mount.Source ?? '' }),
    Source: image ? (mount.Source ?? '') : '',
    Destination: clean(mount.Target ?? ''),
    Mode: '',
    RW: !image && !mount.ReadOnly,
    Propagation: image ? 'rprivate' : '',
    copyUp: false,
    createSource: false,
    anonymous: false,
    spec: mount,
  }
}

/** `--volumes-from`, `-v`, `--mount`, in Docker's order: later ones replace earlier ones at the same place. */
export async function registerMounts(core: Core, container: Container): Promise<void> {
  const { hostConfig } = container.record
  const mounts = new Map<string, MountRecord>()
  for (const text of hostConfig.VolumesFrom ?? []) {
    const { container: ref, mode } = parseVolumesFrom(text)
    const other = core.containers.find(ref)
    if (!other) throw invalid(`No such container: ${ref}`)
    const readonly = mode.split(',').includes('ro')
    for (const mount of other.record.mounts) {
      mounts.set(mount.Destination, { ...mount, RW: mount.RW && !readonly, copyUp: false, anonymous: false })
    }
  }
  const asked = new Set<string>()
  for (const raw of hostConfig.Binds ?? []) {
    const { mount, mode } = parseBind(raw, hostConfig.VolumeDriver)
    const target = clean(mount.Target ?? '')
    if (asked.has(target) || Object.hasOwn(hostConfig.Tmpfs ?? {}, target)) throw duplicate(target)
    asked.add(target)
    const record = mount.Type === 'bind' ? bindMount(mount, mode, true) : await volumeMount(core, mount, mode)
    mounts.set(target, record)
    container.record.mounts = [...mounts.values()]
  }
  for (const mount of hostConfig.Mounts ?? []) {
    validateMount(mount)
    const target = clean(mount.Target ?? '')
    if (asked.has(target)) throw duplicate(mount.Target ?? '')
    asked.add(target)
    const record =
      mount.Type === 'volume'
        ? await volumeMount(core, mount, '')
        : mount.Type === 'bind'
          ? bindMount(mount, '', false)
          : otherMount(core, mount)
    mounts.set(target, record)
    container.record.mounts = [...mounts.values()]
  }
  container.record.mounts = [...mounts.values()]
}
