/** The text of this instance's nftables rules: pure, so that it can be read and tested without a kernel. */
import { isIPv6 } from 'node:net'
import type { FirewallNetwork, PublishedPort } from './contract.ts'

/** One command for one element of a set or map. */
export interface Element {
  set: string
  /** With its value where the set is a map. */
  text: string
  /** What names it in `delete element`. */
  key: string
}

const quoted = (name: string) => `"${name}"`

function family(address: string): 4 | 6 {
  return isIPv6(address.split('/')[0] ?? address) ? 6 : 4
}

/**
 * The sets are what changes, the rules never do:
 *
 *   bridges           ours            internal   no way in or out       within   bridge . same bridge, may talk
 *   subnets4/6        all of ours     leaving4/6 their source is rewritten when they leave the machine
 *   any4/6            protocol . port → container, on every address of the host
 *   at4/6             address . protocol . port → container
 */
export function skeleton(table: string): string {
  return `
table inet ${table} {
  set bridges { type ifname; }
  set internal { type ifname; }
  set within { type ifname . ifname; }
  set subnets4 { type ipv4_addr; flags interval; }
  set subnets6 { type ipv6_addr; flags interval; }
  set leaving4 { type ipv4_addr; flags interval; }
  set leaving6 { type ipv6_addr; flags interval; }
  map any4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
  map any6 { type inet_proto . inet_service : ipv6_addr . inet_service; }
  map at4 { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
  map at6 { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }

  chain raw {
    type filter hook prerouting priority raw; policy accept;
    iifname @bridges ip daddr 127.0.0.0/8 drop comment "loopback is the host's own, though route_localnet is set"
  }
  chain publish {
    dnat ip to ip daddr . meta l4proto . th dport map @at4
    dnat ip6 to ip6 daddr . meta l4proto . th dport map @at6
    meta nfproto ipv4 dnat ip to meta l4proto . th dport map @any4
    meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @any6
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    meta l4proto { tcp, udp } fib daddr type local jump publish
  }
  chain output {
    type nat hook output priority -100; policy accept;
    meta l4proto { tcp, udp } fib daddr type local jump publish
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 127.0.0.0/8 oifname @bridges masquerade comment "the host by its loopback to a published port"
    ct status dnat ip saddr @subnets4 oifname @bridges masquerade comment "a container to a port that the host publishes"
    ct status dnat ip6 saddr @subnets6 oifname @bridges masquerade
    ip saddr @leaving4 oifname != @bridges masquerade
    ip6 saddr @leaving6 oifname != @bridges masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname . oifname @within accept
    oifname @bridges jump inward
    iifname @internal drop
  }
  chain inward {
    ct state established,related accept
    ct status dnat accept
    drop
  }
}
`
}

export function networkElements(network: FirewallNetwork): Element[] {
  const bridge = quoted(network.bridge)
  const element = (set: string, key: string): Element => ({ set, key, text: key })
  const elements = [element('bridges', bridge)]
  if (network.internal) elements.push(element('internal', bridge))
  if (network.interContainer) elements.push(element('within', `${bridge} . ${bridge}`))
  for (const subnet of network.subnets) {
    elements.push(element(`subnets${family(subnet)}`, subnet))
    if (network.masquerade && !network.internal) elements.push(element(`leaving${family(subnet)}`, subnet))
  }
  return elements
}

export function portElement(port: PublishedPort): Element {
  const version = family(port.containerAddress)
  const protocolPort = `${port.protocol} . ${port.hostPort}`
  const [set, key] =
    port.hostAddress === null
      ? [`any${version}`, protocolPort]
      : [`at${version}`, `${port.hostAddress} . ${protocolPort}`]
  return { set, key, text: `${key} : ${port.containerAddress} . ${port.containerPort}` }
}

export function addElements(table: string, elements: Element[]): string {
  return elements.map((element) => `add element inet ${table} ${element.set} { ${element.text} }\n`).join('')
}

export function deleteElements(table: string, elements: Element[]): string {
  return elements.map((element) => `delete element inet ${table} ${element.set} { ${element.key} }\n`).join('')
}
