import type { Core } from '../core/core.ts'
import type { Container } from './container.ts'

export function volumeEvents(core: Core, container: Container, action: 'mount' | 'unmount'): void {
  for (const mount of container.record.mounts) {
    if (mount.Type !== 'volume' || !mount.Name) continue
    core.events.emit('volume', action, mount.Name, {
      container: container.id,
      driver: 'local',
      ...(action === 'mount' && {
        destination: mount.Destination,
        propagation: mount.Propagation,
        'read/write': String(mount.RW),
      }),
    })
  }
}
