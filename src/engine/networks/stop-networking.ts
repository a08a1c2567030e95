import type { Container } from '../containers/container.ts'
import type { Core } from '../core/core.ts'
import { networkEvent, releaseEndpoint } from './join-network.ts'
import { unpublishPorts } from './publish-ports.ts'

/** Gives back everything that `prepareNetworking` has taken; half of it is fine too. */
export async function stopNetworking(core: Core, container: Container): Promise<void> {
  const sandbox = core.sandboxes.get(container.id)
  if (sandbox) {
    core.sandboxes.delete(container.id)
    const dns = sandbox.dns
    sandbox.dns = null
    const unpublished = unpublishPorts(core, container, sandbox)
    if (dns) core.background.run('closing a name server', () => dns[Symbol.asyncDispose]())
    core.linux.network.dropNamespace(sandbox.namespace.name)
    await unpublished
  }
  for (const network of core.networks.all()) {
    if (!network.endpoints.has(container.id)) continue
    releaseEndpoint(container, network)
    networkEvent(core, network, 'disconnect', { container: container.id })
  }
  container.record.ports = {}
}
