import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { openBoundSocket } from './bound-socket.ts'
import type { Attachment, Bridge, InterfaceCounters, Network, NetworkNamespace } from './contract.ts'
import { interfaceCounters } from './interface-counters.ts'
import {
  addAddress,
  addDefaultRoute,
  addressesOf,
  createBridge,
  createVeth,
  deleteAddress,
  deleteLink,
  linkNamed,
  links,
  routedSubnets,
  setLinkDown,
  setLinkUp,
} from './links.ts'
import { Namespaces, within } from './namespaces.ts'
import { Netlink } from './netlink.ts'
import type { Sysctls } from './sysctls.ts'

const defaultMtu = 1500

/** The same name gives the same address, so that a bridge keeps its own while ports come and go. */
function stableMac(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex')
  return `02:${digest.slice(0, 10).replace(/..\B/g, '$&:')}`
}

/** Never used twice: the one before may still be there for a while after its namespace has been dropped. */
const newVethName = () => `veth${randomBytes(5).toString('hex')}`

/**
 * With br_netfilter loaded (another engine does that) a frame is rewritten while it is still in the bridge. One that a
 * member sends to its own published port must then leave by the port that it came in, which bridges refuse by default.
 */
function bridgesFilter(): boolean {
  const setting = '/proc/sys/net/bridge/bridge-nf-call-iptables'
  return existsSync(setting) && readFileSync(setting, 'utf8').startsWith('1')
}

export class KernelNetwork implements Network {
  readonly #netlink = new Netlink()
  readonly #namespaces: Namespaces
  readonly #sysctls: Sysctls
  readonly #alias: string
  /** Bridge name → index: an attachment need not list every link of the host. */
  readonly #indexes = new Map<string, number>()

  readonly #keepsApart: (bridge: string) => boolean

  constructor(options: {
    runtimeDir: string
    instance: string
    warmNamespaces: number
    sysctls: Sysctls
    keepsApart: (bridge: string) => boolean
  }) {
    this.#keepsApart = options.keepsApart
    this.#namespaces = new Namespaces(options.runtimeDir, options.warmNamespaces)
    this.#sysctls = options.sysctls
    this.#alias = `manufacture ${options.instance}`
  }

  async takeNamespace(name: string): Promise<NetworkNamespace> {
    return this.#namespaces.take(name)
  }

  namespace(name: string): NetworkNamespace | null {
    return this.#namespaces.get(name)
  }

  /**
   * The kernel takes the links away with the namespace, but in its own time (and would take ours, 20 ms for each, if
   * it were asked to do it now). Until then they are down, so that their addresses can be given to others at once.
   */
  dropNamespace(name: string): void {
    const found = this.#namespaces.get(name)
    if (found === null) return
    for (const peer of this.#peers(found.path).values()) setLinkDown(this.#netlink, peer)
    this.#namespaces.drop(name)
  }

  namespaces(): string[] {
    return this.#namespaces.names()
  }

  async ensureBridge(bridge: Bridge): Promise<void> {
    let link = linkNamed(this.#netlink, bridge.name)
    if (link !== null && link.kind !== 'bridge') {
      throw new Error(`Cannot make a bridge: there is a link of another kind with its name (${bridge.name})`)
    }
    if (link === null) {
      const mac = bridge.mac ?? stableMac(`${this.#alias}/${bridge.name}`)
      createBridge(this.#netlink, { name: bridge.name, mac, mtu: bridge.mtu ?? defaultMtu, alias: this.#alias })
      link = linkNamed(this.#netlink, bridge.name)
      if (link === null) throw new Error(`Cannot make a bridge: it is gone again (${bridge.name})`)
    }
    const { index } = link
    this.#indexes.set(bridge.name, index)
    const wanted = new Set(bridge.addresses)
    for (const { cidr } of addressesOf(this.#netlink).filter((address) => address.index === index)) {
      if (!wanted.delete(cidr) && !cidr.startsWith('fe80:')) deleteAddress(this.#netlink, index, cidr)
    }
    const ipv6 = `/proc/sys/net/ipv6/conf/${bridge.name}/disable_ipv6`
    if (existsSync(ipv6)) writeFileSync(ipv6, bridge.addresses.some((address) => address.includes(':')) ? '0' : '1')
    for (const cidr of wanted) addAddress(this.#netlink, index, cidr)
    setLinkUp(this.#netlink, bridge.name, bridge.mtu ?? defaultMtu)
    // So that 127.0.0.1:port of the host may be rewritten to an address behind this bridge.
    writeFileSync(`/proc/sys/net/ipv4/conf/${bridge.name}/route_localnet`, '1')
    this.#sysctls.set('net/ipv4/ip_forward', '1')
    const forwarding6 = 'net/ipv6/conf/all/forwarding'
    if (bridge.addresses.some((address) => address.includes(':'))) this.#sysctls.set(forwarding6, '1')
  }

  async removeBridge(name: string): Promise<void> {
    this.#indexes.delete(name)
    deleteLink(this.#netlink, name)
  }

  async bridges(): Promise<string[]> {
    return links(this.#netlink)
      .filter((link) => link.kind === 'bridge' && link.alias === this.#alias)
      .map((link) => link.name)
  }

  async attach(attachment: Attachment): Promise<void> {
    const { namespace, ifName, bridge, mac, addresses } = attachment
    const path = this.#path(namespace)
    const mtu = attachment.mtu ?? defaultMtu
    const namespaceFd = openSync(path, 'r')
    try {
      const master = this.#indexes.get(bridge) ?? linkNamed(this.#netlink, bridge)?.index
      if (master === undefined) throw new Error(`Cannot attach to a bridge: there is none of that name (${bridge})`)
      const name = newVethName()
      createVeth(this.#netlink, { name, master, peer: { name: ifName, namespaceFd, mac }, mtu })
      const ipv6 = `/proc/sys/net/ipv6/conf/${name}/disable_ipv6`
      if (existsSync(ipv6)) writeFileSync(ipv6, '1')
      if (bridgesFilter()) writeFileSync(`/sys/class/net/${name}/brport/hairpin_mode`, '1')
      // Frames between two ports of a bridge never pass the firewall; the bridge itself must hold them back.
      if (this.#keepsApart(bridge)) writeFileSync(`/sys/class/net/${name}/brport/isolated`, '1')
    } finally {
      closeSync(namespaceFd)
    }
    const ipv6 = addresses.some((address) => address.includes(':'))
    within(path, () => {
      using inside = new Netlink()
      const index = linkNamed(inside, ifName)?.index
      if (index === undefined) throw new Error(`Cannot attach to a bridge: the link is gone again (${ifName})`)
      if (ipv6) writeFileSync(`/proc/sys/net/ipv6/conf/${ifName}/disable_ipv6`, '0')
      for (const address of addresses) addAddress(inside, index, address)
      setLinkUp(inside, ifName)
      const metric = attachment.metric ?? 0
      if (attachment.gateway4 !== undefined) addDefaultRoute(inside, index, attachment.gateway4, metric)
      if (attachment.gateway6 !== undefined) addDefaultRoute(inside, index, attachment.gateway6, metric)
    })
  }

  async detach(namespace: string, ifName: string): Promise<void> {
    const peer = this.#peers(this.#path(namespace)).get(ifName)
    if (peer !== undefined) deleteLink(this.#netlink, peer)
  }

  async usedSubnets(): Promise<string[]> {
    return routedSubnets(this.#netlink).filter((subnet) => !subnet.startsWith('fe80:'))
  }

  hostAddresses(): string[] {
    return Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).map((entry) => entry.address))
  }

  counters(namespace: string): Record<string, InterfaceCounters> {
    return within(this.#path(namespace), interfaceCounters)
  }

  openSocket(namespace: string, protocol: 'udp' | 'tcp', address: string, port: number): number {
    return within(this.#path(namespace), () => openBoundSocket(protocol, address, port))
  }

  close(): void {
    this.#namespaces.close()
    this.#netlink[Symbol.dispose]()
  }

  async release(): Promise<void> {
    this.#namespaces.release()
    for (const name of await this.bridges()) await this.removeBridge(name)
  }

  /** Name in the namespace → index of the other end, on the host. */
  #peers(path: string): Map<string, number> {
    return within(path, () => {
      using inside = new Netlink()
      const pairs = links(inside).filter((link) => link.kind === 'veth' && link.peer !== null)
      return new Map(pairs.map((link) => [link.name, link.peer ?? 0]))
    })
  }

  #path(namespace: string): string {
    const found = this.#namespaces.get(namespace)
    if (found === null) throw new Error(`Cannot find a network namespace of that name (${namespace})`)
    return found.path
  }
}
