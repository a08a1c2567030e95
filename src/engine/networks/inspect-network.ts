import type { Core } from '../core/core.ts'
import { notFound } from '../engine-error.ts'
import type { NetworkEndpoint, NetworkInspect } from '../shapes/index.ts'
import { formatAddress } from './ip.ts'
import type { Network } from './network.ts'

function attached(network: Network): Record<string, NetworkEndpoint> {
  const containers: Record<string, NetworkEndpoint> = {}
  for (const [id, place] of network.endpoints) {
    const v4 = network.pool(32)?.subnet.subnet.length
    const v6 = network.pool(128)?.subnet.subnet.length
    containers[id] = {
      Name: place.name,
      EndpointID: place.id,
      MacAddress: place.mac,
      IPv4Address: place.ipv4 ? `${formatAddress(place.ipv4)}/${v4}` : '',
      IPv6Address: place.ipv6 ? `${formatAddress(place.ipv6)}/${v6}` : '',
    }
  }
  return containers
}

export function networkShape(network: Network, options: { containers: boolean }): NetworkInspect {
  const { record } = network
  return {
    Name: record.name,
    Id: record.id,
    Created: record.createdAt,
    Scope: 'local',
    Driver: record.driver,
    EnableIPv4: record.enableIPv4,
    EnableIPv6: record.enableIPv6,
    IPAM: record.ipam,
    Internal: record.internal,
    Attachable: record.attachable,
    Ingress: record.ingress,
    ConfigFrom: { Network: record.configFrom },
    ConfigOnly: record.configOnly,
    Containers: options.containers ? attached(network) : {},
    Options: record.options,
    Labels: record.labels,
  }
}

export function inspectNetwork(core: Core, ref: string, options: { scope?: string } = {}): NetworkInspect {
  const network = core.networks.get(ref)
  if (options.scope && options.scope !== 'local') throw notFound(`network ${ref} not found`)
  return networkShape(network, { containers: true })
}
