import type { Core } from '../core/core.ts'
import { EngineError } from '../engine-error.ts'
import { removeVolume } from '../volumes/remove-volume.ts'
import type { Container } from './container.ts'

/** The volumes without a name that this container has made. One that another container uses too stays. */
export async function removeAnonymousVolumes(core: Core, container: Container): Promise<void> {
  for (const mount of container.record.mounts) {
    if (mount.Type !== 'volume' || !mount.anonymous || !mount.Name) continue
    try {
      await removeVolume(core, mount.Name)
    } catch (error) {
      if (!(error instanceof EngineError) || (error.kind !== 'conflict' && error.kind !== 'notFound')) throw error
    }
  }
}
