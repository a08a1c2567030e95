import type { Core } from '../core/core.ts'
import { mountDevice } from '../mounts/kernel-mount.ts'
import { isMountPoint } from '../mounts/mount-point.ts'

/** The folder of a volume, with its device mounted where it names one. Stays mounted until the volume is removed or the machine reboots. */
export async function mountVolume(core: Core, name: string): Promise<string> {
  const record = core.volumes.get(name)
  const target = core.volumes.mountpoint(name)
  const { type = '', device = '', o = '' } = record.options ?? {}
  if (!device) return target
  await core.volumeMutex.run(async () => {
    if (!isMountPoint(target)) await mountDevice(type, device, o, target)
  })
  return target
}
