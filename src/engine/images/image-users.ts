import type { Container } from '../containers/container.ts'
import type { Core } from '../core/core.ts'

/** The containers, running or not, that come from an image or have it mounted. */
export function imageUsers(core: Core, id: string): Container[] {
  return core.containers.all().filter(({ record }) => {
    if (record.imageId === id) return true
    return record.mounts.some((mount) => mount.Type === 'image' && core.content.images.find(mount.Source)?.id === id)
  })
}
