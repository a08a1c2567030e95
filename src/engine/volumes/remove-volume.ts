import type { Core } from '../core/core.ts'
import { conflict, notFound } from '../engine-error.ts'
import { volumeUsers } from './volume-users.ts'

export async function removeVolume(core: Core, name: string, options: { force?: boolean } = {}): Promise<void> {
  await core.volumeMutex.run(async () => {
    const record = core.volumes.find(name)
    if (!record) {
      if (options.force) return
      throw notFound(`get ${name}: no such volume`)
    }
    const users = volumeUsers(core, name)
    if (users.length > 0) {
      throw conflict(`remove ${name}: volume is in use - [${users.map((user) => user.id).join(', ')}]`)
    }
    await core.volumes.delete(name)
    if (core.linux.overlays.isMounted(core.volumes.mountpoint(name)) || record.options) {
      core.linux.overlays.unmount(core.volumes.mountpoint(name))
    }
    await core.trash.throw(core.volumes.folder(name))
    core.events.emit('volume', 'destroy', name, { driver: 'local' })
  })
}
