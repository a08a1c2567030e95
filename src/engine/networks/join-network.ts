import { createHash } from 'node:crypto'
import type { Container, EndpointRecord } from '../containers/container.ts'
import type { Core } from '../core/core.ts'
import { newId, shortId } from '../core/identifier.ts'
import { forbidden, invalid, system } from '../engine-error.ts'
import { formatAddress, parseAddress } from './ip.ts'
import type { Endpoint, Network } from './network.ts'
import type { Sandbox } from './sandbox.ts'

/** 02:42 and the address, so that a neighbour's cache is right when an address comes back. */
function macFor(address: string, seed: string): string {
  const ip = parseAddress(address)
  const bytes =
    ip?.bits === 32
      ? [24n, 16n, 8n, 0n].map((shift) => Number((ip.value >> shift) & 255n))
      : [...createHash('sha256').update(seed).digest().subarray(0, 4)]
  return [0x02, 0x42, ...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

function takeAddress(network: Network, bits: 32 | 128, wanted: string | undefined, holder: string) {
  const pool = network.pool(bits)
  if (!pool) return null
  if (wanted) {
    const address = parseAddress(wanted)
    if (!address || !pool.subnet.has(address)) {
      throw invalid(
        `invalid config for network ${network.name}: invalid endpoint settings:\nno configured subnet contains IP address ${wanted}`,
      )
    }
    if (!pool.subnet.takeThis(address, holder)) throw forbidden('Address already in use')
    return address
  }
  const address = pool.subnet.take(holder)
  if (!address)
    throw system(
      `no available IPv${bits === 32 ? 4 : 6} addresses on this network's address pools: ${network.name} (${network.id})`,
    )
  return address
}

export function dnsNamesOf(container: Container, aliases: readonly string[] | null | undefined): string[] {
  const { record } = container
  return [...new Set([record.name, ...(aliases ?? []), shortId(record.id), record.config.Hostname ?? ''])].filter(
    Boolean,
  )
}

/**
 * Gives the container its addresses on a network. Nothing in the kernel yet.
 *
 * @throws Docker's sentences for an address out of range or in use
 */
export function takeEndpoint(container: Container, network: Network, endpoint: EndpointRecord): Endpoint {
  const { settings } = endpoint
  const ipam = settings.IPAMConfig
  const ipv4 = network.record.enableIPv4 ? takeAddress(network, 32, ipam?.IPv4Address, container.id) : null
  let ipv6: Endpoint['ipv6'] = null
  try {
    ipv6 = network.record.enableIPv6 ? takeAddress(network, 128, ipam?.IPv6Address, container.id) : null
  } catch (error) {
    if (ipv4) network.pool(32)?.subnet.release(ipv4)
    throw error
  }
  const address = ipv4 ? formatAddress(ipv4) : ipv6 ? formatAddress(ipv6) : ''
  const place: Endpoint = {
    id: newId(),
    containerId: container.id,
    name: container.record.name,
    mac: endpoint.macAddress ?? macFor(address, container.id + network.id),
    ipv4,
    ipv6,
    dnsNames: network.isUserDefined ? dnsNamesOf(container, settings.Aliases) : [],
  }
  network.endpoints.set(container.id, place)
  Object.assign(settings, {
    NetworkID: network.id,
    EndpointID: place.id,
    MacAddress: place.mac,
    Gateway: network.gateway(32),
    IPAddress: ipv4 ? formatAddress(ipv4) : '',
    IPPrefixLen: ipv4 ? (network.pool(32)?.subnet.subnet.length ?? 0) : 0,
    IPv6Gateway: ipv6 ? network.gateway(128) : '',
    GlobalIPv6Address: ipv6 ? formatAddress(ipv6) : '',
    GlobalIPv6PrefixLen: ipv6 ? (network.pool(128)?.subnet.subnet.length ?? 0) : 0,
    DNSNames: network.isUserDefined ? place.dnsNames : null,
  })
  return place
}

/** Gives the addresses back and forgets what they were. */
export function releaseEndpoint(container: Container, network: Network): void {
  const place = network.endpoints.get(container.id)
  network.endpoints.delete(container.id)
  if (place?.ipv4) network.pool(32)?.subnet.release(place.ipv4)
  if (place?.ipv6) network.pool(128)?.subnet.release(place.ipv6)
  const endpoint = container.record.endpoints[network.name]
  if (endpoint) clearOperational(endpoint)
}

export function clearOperational(endpoint: EndpointRecord): void {
  delete endpoint.ifName
  Object.assign(endpoint.settings, {
    EndpointID: '',
    MacAddress: endpoint.macAddress ?? '',
    Gateway: '',
    IPAddress: '',
    IPPrefixLen: 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
  })
}

/** Lays the cable: a link from the sandbox to the network's bridge. */
export async function attachEndpoint(
  core: Core,
  sandbox: Sandbox,
  network: Network,
  place: Endpoint,
  endpoint: EndpointRecord,
  metric: number,
): Promise<void> {
  await network.ready
  const ifName = endpoint.settings.DriverOpts?.['com.docker.network.endpoint.ifname'] || `eth${sandbox.nextInterface}`
  sandbox.nextInterface += 1
  endpoint.ifName = ifName
  sandbox.interfaces.set(network.id, ifName)
  const length = (bits: 32 | 128) => network.pool(bits)?.subnet.subnet.length
  const addresses = [
    ...(place.ipv4 ? [`${formatAddress(place.ipv4)}/${length(32)}`] : []),
    ...(place.ipv6 ? [`${formatAddress(place.ipv6)}/${length(128)}`] : []),
  ]
  const open = !network.record.internal
  const gateway4 = open && place.ipv4 ? network.gateway(32) : ''
  const gateway6 = open && place.ipv6 ? network.gateway(128) : ''
  await core.linux.network.attach({
    namespace: sandbox.namespace.name,
    bridge: network.record.bridge,
    ifName,
    mac: place.mac,
    addresses,
    ...(gateway4 && { gateway4 }),
    ...(gateway6 && { gateway6 }),
    ...(metric > 0 && { metric }),
    ...(network.mtu !== undefined && { mtu: network.mtu }),
  })
}

export function networkEvent(
  core: Core,
  network: Network,
  action: string,
  attributes: Record<string, string> = {},
): void {
  core.events.emit('network', action, network.id, { ...attributes, name: network.name, type: network.record.driver })
}
