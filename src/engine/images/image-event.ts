import type { Image } from '../../oci/index.ts'
import type { Core } from '../core/core.ts'

/** `name`: what the user called it; its id where not given. */
export function imageEvent(core: Core, image: Image, action: string, name = ''): void {
  core.events.emit('image', action, image.id, {
    ...image.config.config?.Labels,
    name: name || image.id,
  })
}
