import type { Core } from '../core/core.ts'
import { newId, shortId } from '../core/identifier.ts'
import { timestamp } from '../core/timestamp.ts'
import { conflict, forbidden, invalid, notFound } from '../engine-error.ts'
import type { CreateNetworkRequest } from '../shapes/index.ts'
import { chooseSubnets } from './choose-subnets.ts'
import { networkEvent } from './join-network.ts'
import { predefined } from './mode.ts'
import { Network, type NetworkRecord } from './network.ts'
import { raiseNetwork } from './raise-network.ts'
import { validateIpam } from './validate-ipam.ts'

function boolOption(options: Record<string, string>, name: string, absent: boolean): boolean {
  const text = options[name]
  if (text === undefined) return absent
  if (/^(1|t|true)$/i.test(text)) return true
  if (/^(0|f|false)$/i.test(text)) return false
  throw invalid(`driver-opt "${name}" is not a valid bool`)
}

function checkRequest(request: CreateNetworkRequest): void {
  const { Name } = request
  if (Name.trim() === '') throw invalid('invalid name: name is empty')
  if (predefined.has(Name)) throw forbidden(`operation is not permitted on predefined ${Name} network `)
  const driver = request.Driver || 'bridge'
  if (driver === 'overlay' || request.Scope === 'swarm' || request.Ingress) {
    throw forbidden(
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    )
  }
  if (driver === 'host' || driver === 'null') throw forbidden(`only one instance of "${driver}" network is allowed`)
  if (driver !== 'bridge') throw notFound(`could not find plugin ${driver} in v1 plugin registry: plugin not found`)
  const ipamDriver = request.IPAM?.Driver || 'default'
  if (ipamDriver !== 'default' && ipamDriver !== 'null') throw notFound(`ipam driver "${ipamDriver}" not found`)
  if (request.ConfigFrom?.Network && request.ConfigOnly) {
    throw forbidden('a configuration network cannot depend on another configuration network')
  }
}

/** A configuration-only network's settings, under the request's own. */
function fromConfiguration(core: Core, request: CreateNetworkRequest): CreateNetworkRequest {
  const name = request.ConfigFrom?.Network
  if (!name) return request
  const template = core.networks.byName(name)
  if (!template?.record.configOnly) throw notFound(`configuration network "${name}" does not exist`)
  const { ipam, options, labels, enableIPv4, enableIPv6, internal } = template.record
  if (request.IPAM?.Config?.length || Object.keys(request.Options ?? {}).length > 0) {
    throw forbidden('user specified configurations are not supported if the network depends on a configuration network')
  }
  return {
    ...request,
    IPAM: ipam,
    Options: options,
    Labels: { ...labels, ...request.Labels },
    EnableIPv4: enableIPv4,
    EnableIPv6: enableIPv6,
    Internal: request.Internal || internal,
  }
}

function bridgeName(options: Record<string, string>, id: string): string {
  return options['com.docker.network.bridge.name'] || `br-${shortId(id)}`
}

/** `docker network create`. */
export async function createNetwork(core: Core, asked: CreateNetworkRequest): Promise<{ Id: string; Warning: string }> {
  checkRequest(asked)
  const request = fromConfiguration(core, asked)
  const options = { ...request.Options }
  const enableIPv4 = request.EnableIPv4 ?? boolOption(options, 'com.docker.network.enable_ipv4', true)
  const enableIPv6 = request.EnableIPv6 ?? boolOption(options, 'com.docker.network.enable_ipv6', false)
  if (!enableIPv4 && !enableIPv6 && !request.ConfigOnly) throw invalid('IPv4 or IPv6 must be enabled')
  const configs = (request.IPAM?.Config ?? []).filter(({ Subnet, Gateway, IPRange }) => Subnet || Gateway || IPRange)
  validateIpam(configs, enableIPv6)
  return await core.networkMutex.run(async () => {
    if (core.networks.byName(request.Name)) throw conflict(`network with name ${request.Name} already exists`)
    const id = newId()
    const configOnly = request.ConfigOnly ?? false
    const bridge = configOnly ? '' : bridgeName(options, id)
    if (bridge.length > 15) {
      throw invalid(
        `invalid network configuration: interface name ${JSON.stringify(bridge)} is longer than 15 characters`,
      )
    }
    if (bridge && core.networks.all().some((network) => network.record.bridge === bridge)) {
      throw conflict(`cannot create network ${id} (${bridge}): conflicts with network: networks have same bridge name`)
    }
    const record: NetworkRecord = {
      version: 1,
      id,
      name: request.Name,
      createdAt: timestamp(),
      driver: 'bridge',
      internal: request.Internal ?? false,
      attachable: request.Attachable ?? false,
      ingress: false,
      configOnly,
      configFrom: request.ConfigFrom?.Network ?? '',
      enableIPv4,
      enableIPv6,
      ipam: {
        Driver: request.IPAM?.Driver || 'default',
        Options: request.IPAM?.Options ?? null,
        Config: configOnly
          ? configs
          : await chooseSubnets(core, configs, { v4: enableIPv4, v6: enableIPv6 }, core.options.instanceId + id),
      },
      ownSubnet: configs.length > 0,
      options,
      labels: { ...request.Labels },
      bridge,
    }
    const network = new Network(record)
    if (bridge) {
      try {
        await raiseNetwork(core, network)
        await core.linux.firewall.addNetwork(network.firewall())
      } catch (error) {
        await core.linux.network.removeBridge(bridge)
        throw error
      }
    }
    await core.networks.add(network)
    if (!configOnly) networkEvent(core, network, 'create')
    return { Id: id, Warning: '' }
  })
}
