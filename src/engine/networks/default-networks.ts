import type { Core } from '../core/core.ts'
import { newId } from '../core/identifier.ts'
import { timestamp } from '../core/timestamp.ts'
import { chooseSubnets } from './choose-subnets.ts'
import { Network, type NetworkRecord } from './network.ts'

function blank(core: Core, name: string, driver: NetworkRecord['driver']): NetworkRecord {
  return {
    version: 1,
    id: newId(),
    name,
    createdAt: timestamp(core.clock.now()),
    driver,
    internal: false,
    attachable: false,
    ingress: false,
    configOnly: false,
    configFrom: '',
    enableIPv4: true,
    enableIPv6: false,
    ipam: { Driver: 'default', Options: null, Config: [] },
    ownSubnet: false,
    options: {},
    labels: {},
    bridge: '',
  }
}

/** `bridge`, `host` and `none`, made once per instance. */
export async function makeDefaultNetworks(core: Core): Promise<void> {
  const adds: Promise<void>[] = []
  if (!core.networks.byName('host')) adds.push(core.networks.add(new Network(blank(core, 'host', 'host'))))
  if (!core.networks.byName('none')) adds.push(core.networks.add(new Network(blank(core, 'none', 'null'))))
  if (!core.networks.byName('bridge')) {
    const record = blank(core, 'bridge', 'bridge')
    record.bridge = `br0-${core.options.instanceId}`
    record.ipam.Config = await chooseSubnets(core, [], { v4: true, v6: false }, core.options.instanceId)
    record.options = {
      'com.docker.network.bridge.default_bridge': 'true',
      'com.docker.network.bridge.enable_icc': 'true',
      'com.docker.network.bridge.enable_ip_masquerade': 'true',
      'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
      'com.docker.network.bridge.name': record.bridge,
      'com.docker.network.driver.mtu': '1500',
    }
    adds.push(core.networks.add(new Network(record)))
  }
  await Promise.all(adds)
}
