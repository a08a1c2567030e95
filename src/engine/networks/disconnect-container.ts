import type { Container } from '../containers/container.ts'
import type { Core } from '../core/core.ts'
import { invalid, system } from '../engine-error.ts'
import { forgetHosts, refuseRemoved } from './connect-container.ts'
import { formatAddress } from './ip.ts'
import { networkEvent, releaseEndpoint } from './join-network.ts'
import { networkMode } from './mode.ts'
import type { Network } from './network.ts'
import { publishPorts, unpublishPorts } from './publish-ports.ts'
import { networkFiles, networksOf } from './start-networking.ts'

/** `docker network disconnect`. */
export async function disconnectContainer(
  core: Core,
  ref: string,
  containerRef: string,
  options: { force?: boolean } = {},
): Promise<void> {
  const network = core.networks.get(ref)
  const container = options.force ? core.containers.find(containerRef) : core.containers.get(containerRef)
  if (!container) {
    for (const [id, place] of network.endpoints) if (place.name === containerRef) network.endpoints.delete(id)
    return
  }
  using _held = await container.mutex.lock()
  refuseRemoved(container)
  const { record } = container
  if (networkMode(record.hostConfig).kind === 'host' && network.record.driver === 'host' && container.running) {
    throw invalid('cannot disconnect container from host network - container was created in host network mode')
  }
  if (!record.endpoints[network.name]) {
    throw system(
      container.running
        ? `container ${record.id} is not connected to network ${network.name}`
        : `container ${record.id} is not connected to the network ${network.name}`,
    )
  }
  if (container.alive) await disconnectLive(core, container, network)
  delete record.endpoints[network.name]
  await core.containers.save(container)
  networkEvent(core, network, 'disconnect', { container: record.id })
}

async function disconnectLive(core: Core, container: Container, network: Network): Promise<void> {
  const sandbox = core.sandboxes.get(container.id)
  const place = network.endpoints.get(container.id)
  if (!sandbox || !place) return
  const addresses = [place.ipv4, place.ipv6].flatMap((one) => (one ? [formatAddress(one)] : []))
  const publishing = addresses[0] !== undefined && sandbox.publishedAddress === addresses[0]
  const ports = { ...container.record.ports }
  if (publishing) await unpublishPorts(core, container, sandbox)
  const ifName = sandbox.interfaces.get(network.id)
  sandbox.interfaces.delete(network.id)
  if (ifName) await core.linux.network.detach(sandbox.namespace.name, ifName)
  releaseEndpoint(container, network)
  forgetHosts(networkFiles(core, container.id).hosts, addresses)
  // The next network that leads outside publishes the ports from now on.
  const next = publishing ? networksOf(core, container).find(({ record }) => !record.internal) : undefined
  const nextPlace = next?.endpoints.get(container.id)
  if (next && nextPlace && Object.keys(ports).length > 0) await publishPorts(core, container, sandbox, next, nextPlace)
}
