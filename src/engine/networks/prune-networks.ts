import type { Core } from '../core/core.ts'
import { checkFilterNames } from '../core/filters.ts'
import { EngineError } from '../engine-error.ts'
import type { Filters } from '../shapes/index.ts'
import { networkFilter } from './list-networks.ts'
import { removeNetwork } from './remove-network.ts'

/** Networks of the user's that no running container is on and no stopped one would come back to. */
export async function pruneNetworks(core: Core, filters: Filters = {}): Promise<{ NetworksDeleted: string[] }> {
  checkFilterNames(filters, ['label', 'label!', 'until'])
  const matches = networkFilter(core, filters)
  const NetworksDeleted: string[] = []
  for (const network of core.networks.all()) {
    if (!network.isUserDefined || network.endpoints.size > 0 || !matches(network)) continue
    try {
      await removeNetwork(core, network.id)
    } catch (error) {
      if (error instanceof EngineError && (error.kind === 'forbidden' || error.kind === 'notFound')) continue
      throw error
    }
    NetworksDeleted.push(network.name)
  }
  core.events.emit('network', 'prune', '', { reclaimed: '0' })
  return { NetworksDeleted }
}
