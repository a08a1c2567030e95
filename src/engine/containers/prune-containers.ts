import type { Core } from '../core/core.ts'
import { checkFilterNames, filterUntil, matchesLabelFilters } from '../core/filters.ts'
import { millisecondsOf } from '../core/timestamp.ts'
import { EngineError } from '../engine-error.ts'
import type { Filters } from '../shapes/index.ts'
import { layerSize } from './layer-size.ts'
import { removeNow } from './remove-container.ts'

/** `docker container prune`: every container that does not run. */
export async function pruneContainers(core: Core, filters: Filters = {}) {
  checkFilterNames(filters, ['label', 'label!', 'until'])
  const until = filterUntil(filters, core.clock.now())
  const ContainersDeleted: string[] = []
  let SpaceReclaimed = 0
  for (const container of core.containers.all()) {
    if (container.running || container.removing) continue
    if (until && millisecondsOf(container.record.createdAt) > until.getTime()) continue
    if (!matchesLabelFilters(filters, container.record.config.Labels)) continue
    const { SizeRw } = await layerSize(core, container)
    try {
      await removeNow(core, container, {})
    } catch (error) {
      // Somebody removes it, too.
      if (error instanceof EngineError && error.kind === 'conflict') continue
      throw error
    }
    SpaceReclaimed += SizeRw
    ContainersDeleted.push(container.id)
  }
  core.events.emit('container', 'prune', '', { reclaimed: String(SpaceReclaimed) })
  return { ContainersDeleted, SpaceReclaimed }
}
