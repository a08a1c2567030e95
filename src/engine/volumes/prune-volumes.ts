import type { Core } from '../core/core.ts'
import { checkFilterNames, filterBoolean, matchesLabelFilters } from '../core/filters.ts'
import { EngineError } from '../engine-error.ts'
import { folderSize } from '../rootfs/folder-size.ts'
import type { Filters } from '../shapes/index.ts'
import { removeVolume } from './remove-volume.ts'
import { anonymousLabel } from './volume-store.ts'
import { volumeUsers } from './volume-users.ts'

/** Unused volumes without a name; with `all`, unused ones with a name too. */
export async function pruneVolumes(core: Core, filters: Filters = {}) {
  checkFilterNames(filters, ['label', 'label!', 'all'])
  const all = filterBoolean(filters, 'all', false)
  const VolumesDeleted: string[] = []
  let SpaceReclaimed = 0
  for (const record of core.volumes.all()) {
    if (!all && !Object.hasOwn(record.labels ?? {}, anonymousLabel)) continue
    if (!matchesLabelFilters(filters, record.labels) || volumeUsers(core, record.name).length > 0) continue
    const size = record.options ? 0 : await folderSize(core.volumes.mountpoint(record.name))
    try {
      await removeVolume(core, record.name)
    } catch (error) {
      // Somebody has taken it into use meanwhile, or removed it.
      if (error instanceof EngineError && (error.kind === 'conflict' || error.kind === 'notFound')) continue
      throw error
    }
    VolumesDeleted.push(record.name)
    SpaceReclaimed += size
  }
  core.events.emit('volume', 'prune', '', { reclaimed: String(SpaceReclaimed) })
  return { VolumesDeleted, SpaceReclaimed }
}
