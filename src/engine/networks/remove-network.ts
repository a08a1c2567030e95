import type { Core } from '../core/core.ts'
import { shortId } from '../core/identifier.ts'
import { forbidden, notFound } from '../engine-error.ts'
import { networkEvent } from './join-network.ts'
import type { Network } from './network.ts'

/** `docker network rm`. */
export async function removeNetwork(core: Core, ref: string): Promise<void> {
  const network = core.networks.get(ref)
  if (!network.isUserDefined) throw forbidden(`${network.name} is a pre-defined network and cannot be removed`)
  await core.networkMutex.run(() => removeNow(core, network))
}

async function removeNow(core: Core, network: Network): Promise<void> {
  if (core.networks.find(network.id) !== network) throw notFound(`network ${network.name} not found`)
  if (network.record.configOnly) {
    if (core.networks.all().some(({ record }) => record.configFrom === network.name)) {
      throw forbidden(`error while removing network: configuration network "${network.name}" is in use`)
    }
  }
  if (network.endpoints.size > 0) {
    const list = [...network.endpoints.values()].map(
      (place) => `name:${JSON.stringify(place.name)} id:${JSON.stringify(shortId(place.id))}`,
    )
    throw forbidden(`error while removing network: network ${network.name} has active endpoints (${list.join(', ')})`)
  }
  network.removing = true
  await network.ready
  await core.networks.delete(network)
  if (network.record.bridge) {
    await core.linux.firewall.removeNetwork(network.record.bridge)
    await core.linux.network.removeBridge(network.record.bridge)
  }
  if (!network.record.configOnly) networkEvent(core, network, 'destroy')
}
