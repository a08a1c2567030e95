import type { EndpointRecord } from '../containers/container.ts'
import type { Core } from '../core/core.ts'
import { invalid } from '../engine-error.ts'
import type { ContainerConfig, EndpointSettings, HostConfig } from '../shapes/index.ts'
import { parseAddress } from './ip.ts'
import { isUserDefined, networkMode } from './mode.ts'
import type { Network } from './network.ts'

/** Everything that is wrong with a place on a network, one fault a line. @throws `invalid endpoint settings:…` */
export function checkEndpoint(network: Network | undefined, name: string, settings: EndpointSettings): void {
  const faults: string[] = []
  const { IPv4Address = '', IPv6Address = '', LinkLocalIPs } = settings.IPAMConfig ?? {}
  if (!isUserDefined(name)) {
    if (IPv4Address || IPv6Address) faults.push('user-specified IP address is supported on user-defined networks only')
    if (settings.Aliases?.length) faults.push('network-scoped aliases are only supported for user-defined networks')
  }
  if (IPv4Address && parseAddress(IPv4Address)?.bits !== 32) faults.push(`invalid IPv4 address: ${IPv4Address}`)
  if (IPv6Address && parseAddress(IPv6Address)?.bits !== 128) faults.push(`invalid IPv6 address: ${IPv6Address}`)
  for (const address of LinkLocalIPs ?? []) {
    if (!parseAddress(address)) faults.push(`invalid link-local IP address: ${address}`)
  }
  for (const text of [IPv4Address, IPv6Address]) {
    const address = parseAddress(text)
    if (network && address && !network.pools.some(({ subnet }) => subnet.has(address))) {
      faults.push(`no configured subnet contains IP address ${text}`)
    }
  }
  if (settings.MacAddress && !/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(settings.MacAddress)) {
    faults.push(`invalid MAC address: ${settings.MacAddress}`)
  }
  if (faults.length > 0) throw invalid(`invalid endpoint settings:\n${faults.join('\n')}`)
}

export function validateEndpoints(core: Core, endpoints: Record<string, EndpointSettings | null>): void {
  const faults: string[] = []
  for (const [name, settings] of Object.entries(endpoints)) {
    if (settings === null) {
      faults.push(`invalid config for network ${name}: EndpointsConfig is nil`)
      continue
    }
    try {
      checkEndpoint(core.networks.find(name), name, settings)
    } catch (error) {
      faults.push(`invalid config for network ${name}: ${(error as Error).message}`)
    }
  }
  if (faults.length > 0) throw invalid(faults.join('\n'))
}

export function endpointRecord(settings: EndpointSettings): EndpointRecord {
  return { settings: structuredClone(settings), macAddress: settings.MacAddress || null }
}

/** Which networks a new container is on, by their names. A network need not be there before the start. */
export function initialEndpoints(
  core: Core,
  config: ContainerConfig,
  hostConfig: HostConfig,
  endpoints: Record<string, EndpointSettings | null>,
): Record<string, EndpointRecord> {
  const mode = networkMode(hostConfig)
  if (mode.kind === 'container') return {}
  const first = mode.kind === 'network' ? (core.networks.find(mode.name)?.name ?? mode.name) : mode.kind
  const records: Record<string, EndpointRecord> = {}
  for (const [name, settings] of Object.entries(endpoints)) {
    if (settings === null) continue
    const known = name === 'default' ? 'bridge' : (core.networks.find(name)?.name ?? name)
    records[known] = endpointRecord(settings)
  }
  const mine = records[first] ?? { settings: {}, macAddress: null }
  if (Object.keys(records).length === 0 || records[first] || mode.kind === 'network') records[first] = mine
  if (config.MacAddress && !mine.macAddress) {
    mine.macAddress = config.MacAddress
    mine.settings.MacAddress = config.MacAddress
  }
  for (const [name, record] of Object.entries(records)) {
    const network = core.networks.byName(name)
    if (network) record.settings.NetworkID = network.id
  }
  return records
}
