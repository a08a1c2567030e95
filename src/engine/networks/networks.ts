import type { Networks } from '../contract.ts'
import type { Core } from '../core/core.ts'
import { connectContainer } from './connect-container.ts'
import { createNetwork } from './create-network.ts'
import { disconnectContainer } from './disconnect-container.ts'
import { inspectNetwork } from './inspect-network.ts'
import { listNetworks } from './list-networks.ts'
import { pruneNetworks } from './prune-networks.ts'
import { removeNetwork } from './remove-network.ts'

/** The operations on networks, one file each. */
export function networksOperations(core: Core): Networks {
  return {
    create: (request) => createNetwork(core, request),
    list: (filters) => listNetworks(core, filters),
    inspect: (ref, options) => inspectNetwork(core, ref, options),
    remove: (ref) => removeNetwork(core, ref),
    connect: (ref, container, endpoint) => connectContainer(core, ref, container, endpoint),
    disconnect: (ref, container, options) => disconnectContainer(core, ref, container, options),
    prune: (filters) => pruneNetworks(core, filters),
  }
}
