import type { FirewallNetwork } from '../../linux/index.ts'
import type { IpamConfig } from '../shapes/index.ts'
import { AddressPool } from './address-pool.ts'
import { type Address, formatAddress, formatSubnet, parseAddress, parseSubnet } from './ip.ts'

/** What is on disk. */
export interface NetworkRecord {
  version: 1
  id: string
  name: string
  createdAt: string
  driver: 'bridge' | 'host' | 'null'
  internal: boolean
  attachable: boolean
  ingress: boolean
  configOnly: boolean
  configFrom: string
  enableIPv4: boolean
  enableIPv6: boolean
  ipam: { Driver: string; Options: Record<string, string> | null; Config: IpamConfig[] }
  /** The user has chosen the subnet: containers may ask for an address. */
  ownSubnet: boolean
  options: Record<string, string>
  labels: Record<string, string>
  /** '' for host, null and configuration-only networks. */
  bridge: string
}

/** A container on a network, while it runs. */
export interface Endpoint {
  id: string
  containerId: string
  name: string
  mac: string
  ipv4: Address | null
  ipv6: Address | null
  /** What the embedded DNS answers to, first the one for PTR. */
  dnsNames: string[]
}

const truth = (text: string | undefined, absent: boolean) => (text === undefined ? absent : /^(1|t|true)$/i.test(text))

/** A network in memory: its record, its pools of addresses, who is on it. */
export class Network {
  readonly record: NetworkRecord
  readonly pools: { subnet: AddressPool; gateway: Address | null }[] = []
  /** By container. */
  readonly endpoints = new Map<string, Endpoint>()
  /** Resolves once the bridge is there. */
  ready: Promise<void> = Promise.resolve()
  removing = false

  constructor(record: NetworkRecord) {
    this.record = record
    for (const config of record.ipam.Config) {
      const subnet = parseSubnet(config.Subnet ?? '')
      if (!subnet) continue
      const gateway = parseAddress((config.Gateway ?? '').split('/')[0] ?? '') ?? null
      const auxiliary = Object.values(config.AuxiliaryAddresses ?? {}).flatMap((text) => parseAddress(text) ?? [])
      const reserved = [...(gateway ? [gateway] : []), ...auxiliary]
      this.pools.push({ subnet: new AddressPool(subnet, parseSubnet(config.IPRange ?? ''), reserved), gateway })
    }
  }

  get id(): string {
    return this.record.id
  }

  get name(): string {
    return this.record.name
  }

  get isUserDefined(): boolean {
    return !['bridge', 'host', 'none'].includes(this.record.name)
  }

  pool(bits: 32 | 128) {
    return this.pools.find(({ subnet }) => subnet.subnet.bits === bits)
  }

  gateway(bits: 32 | 128): string {
    const pool = this.pool(bits)
    return pool?.gateway ? formatAddress(pool.gateway) : ''
  }

  get mtu(): number | undefined {
    const mtu = Number(this.record.options['com.docker.network.driver.mtu'])
    return mtu > 0 ? mtu : undefined
  }

  option(name: string, absent: boolean): boolean {
    return truth(this.record.options[`com.docker.network.bridge.${name}`], absent)
  }

  firewall(): FirewallNetwork {
    return {
      bridge: this.record.bridge,
      subnets: this.pools.map(({ subnet }) => formatSubnet(subnet.subnet)),
      internal: this.record.internal,
      interContainer: this.option('enable_icc', true),
      masquerade: this.option('enable_ip_masquerade', true),
    }
  }

  bridgeAddresses(): string[] {
    return this.pools.flatMap(({ subnet, gateway }) =>
      gateway ? [`${formatAddress(gateway)}/${subnet.subnet.length}`] : [],
    )
  }
}
