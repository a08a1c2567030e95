import type { Core } from '../core/core.ts'
import { checkFilterNames, filterBoolean, matchesExactly, matchesLabels, matchesPattern } from '../core/filters.ts'
import type { Filters, Volume } from '../shapes/index.ts'
import { volumeShape } from './create-volume.ts'
import { volumeUsers } from './volume-users.ts'

export function listVolumes(core: Core, filters: Filters = {}): { Volumes: Volume[]; Warnings: null } {
  checkFilterNames(filters, ['dangling', 'name', 'driver', 'label'])
  const dangling = filters.dangling?.length ? filterBoolean(filters, 'dangling', false) : undefined
  const Volumes = core.volumes
    .all()
    .filter(
      (record) =>
        matchesPattern(filters, 'name', record.name) &&
        matchesExactly(filters, 'driver', 'local') &&
        matchesLabels(filters.label, record.labels) &&
        (dangling === undefined || dangling === (volumeUsers(core, record.name).length === 0)),
    )
    .map((record) => volumeShape(core, record))
  return { Volumes, Warnings: null }
}
