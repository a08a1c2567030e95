import type { Container } from '../containers/container.ts'
import type { Core } from '../core/core.ts'

/** The containers, running or not, that have a volume. */
export function volumeUsers(core: Core, name: string): Container[] {
  return core.containers
    .all()
    .filter((container) => container.record.mounts.some((mount) => mount.Type === 'volume' && mount.Name === name))
}
