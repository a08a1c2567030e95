/** rtnetlink requests on links, addresses and routes (linux/rtnetlink.h, if_link.h, if_addr.h). */

import { addressBytes, addressText, macBytes, parseCidr } from './ip-address.ts'
import { AF } from './libc.ts'
import { attribute, attributes, type Netlink, NLM_F, nested, text, u32 } from './netlink.ts'
import { SystemError } from './system-error.ts'

const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  GETROUTE: 26,
} as const
const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  LINKINFO: 18,
  IFALIAS: 20,
  STATS64: 23,
  NET_NS_FD: 28,
} as const
const IFLA_INFO = { KIND: 1, DATA: 2 } as const
const VETH_INFO_PEER = 1
const IFF_UP = 1
const IFA = { ADDRESS: 1, LOCAL: 2, FLAGS: 8 } as const
const IFA_F_NODAD = 2
const RTA = { DST: 1, OIF: 4, GATEWAY: 5, PRIORITY: 6 } as const

export interface Link {
  index: number
  name: string
  kind: string | null
  alias: string | null
  mac: string | null
  mtu: number
  master: number | null
  /** Of a veth: the index of its other end, in that end's namespace. */
  peer: number | null
  /** rtnl_link_stats64, where it was asked for. */
  stats: Buffer | null
}

function linkHeader(options: { index?: number; up?: boolean } = {}): Buffer {
  const header = Buffer.alloc(16)
  header.writeInt32LE(options.index ?? 0, 4)
  if (options.up) {
    header.writeUInt32LE(IFF_UP, 8)
    header.writeUInt32LE(IFF_UP, 12)
  }
  return header
}

const string = (bytes: Buffer | undefined) => bytes?.toString('utf8').replace(/\0.*$/s, '')

function parseLink(bytes: Buffer): Link {
  const found = attributes(bytes.subarray(16))
  const info = found.get(IFLA.LINKINFO)
  return {
    index: bytes.readInt32LE(4),
    name: string(found.get(IFLA.IFNAME)) ?? '',
    kind: (info && string(attributes(info).get(IFLA_INFO.KIND))) ?? null,
    alias: string(found.get(IFLA.IFALIAS)) ?? null,
    mac: found.get(IFLA.ADDRESS)?.toString('hex').replace(/..\B/g, '$&:') ?? null,
    mtu: found.get(IFLA.MTU)?.readUInt32LE(0) ?? 0,
    master: found.get(IFLA.MASTER)?.readUInt32LE(0) ?? null,
    peer: found.get(IFLA.LINK)?.readUInt32LE(0) ?? null,
    stats: found.get(IFLA.STATS64) ?? null,
  }
}

export function links(netlink: Netlink): Link[] {
  return netlink.dump(RTM.GETLINK, [linkHeader()], 'the links').map(parseLink)
}

export function linkNamed(netlink: Netlink, name: string): Link | null {
  return links(netlink).find((link) => link.name === name) ?? null
}

export interface NewBridge {
  name: string
  mac: string
  mtu: number
  alias: string
}

export function createBridge(netlink: Netlink, bridge: NewBridge): void {
  const info = nested(IFLA.LINKINFO, text(IFLA_INFO.KIND, 'bridge'))
  const parts = [linkHeader(), text(IFLA.IFNAME, bridge.name), attribute(IFLA.ADDRESS, macBytes(bridge.mac)), info]
  netlink.request(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, parts, `bridge ${bridge.name}`)
  const alias = attribute(IFLA.IFALIAS, Buffer.from(bridge.alias))
  netlink.request(RTM.NEWLINK, 0, [linkHeader(), text(IFLA.IFNAME, bridge.name), alias], `alias of ${bridge.name}`)
}

export function setLinkUp(netlink: Netlink, name: string, mtu?: number): void {
  const parts = [linkHeader({ up: true }), text(IFLA.IFNAME, name)]
  if (mtu !== undefined) parts.push(u32(IFLA.MTU, mtu))
  netlink.request(RTM.NEWLINK, 0, parts, `link ${name}`)
}

export interface NewVeth {
  name: string
  master: number
  peer: { name: string; namespaceFd: number; mac: string }
  mtu: number
}

/** Both ends in one request: ours on the bridge and up, the peer already in its namespace under its name. */
export function createVeth(netlink: Netlink, veth: NewVeth): void {
  const peer = nested(
    VETH_INFO_PEER,
    linkHeader(),
    text(IFLA.IFNAME, veth.peer.name),
    attribute(IFLA.ADDRESS, macBytes(veth.peer.mac)),
    u32(IFLA.MTU, veth.mtu),
    u32(IFLA.NET_NS_FD, veth.peer.namespaceFd),
  )
  const info = nested(IFLA.LINKINFO, text(IFLA_INFO.KIND, 'veth'), nested(IFLA_INFO.DATA, peer))
  const ours = [text(IFLA.IFNAME, veth.name), u32(IFLA.MTU, veth.mtu), u32(IFLA.MASTER, veth.master)]
  const subject = `veth ${veth.name} with ${veth.peer.name}`
  netlink.request(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, [linkHeader({ up: true }), ...ours, info], subject)
}

function ignoreUnknown(change: () => void): void {
  try {
    change()
  } catch (error) {
    if (!(error instanceof SystemError && error.code === 'ENODEV')) throw error
  }
}

/** Some 20 ms of the kernel's. Unknown is not an error. */
export function deleteLink(netlink: Netlink, link: string | number): void {
  const name = typeof link === 'string' ? [text(IFLA.IFNAME, link)] : []
  const header = linkHeader(typeof link === 'number' ? { index: link } : {})
  ignoreUnknown(() => netlink.request(RTM.DELLINK, 0, [header, ...name], `link ${link}`))
}

/** Nothing passes any more, and the bridge forgets what was behind it. Unknown is not an error. */
export function setLinkDown(netlink: Netlink, index: number): void {
  const header = linkHeader({ index })
  header.writeUInt32LE(IFF_UP, 12)
  ignoreUnknown(() => netlink.request(RTM.NEWLINK, 0, [header], `link ${index}`))
}

export interface Address {
  index: number
  cidr: string
}

function addressMessage(index: number, cidr: string): Buffer[] {
  const { address, prefix } = parseCidr(cidr)
  const header = Buffer.alloc(8)
  header.writeUInt8(address.length === 4 ? AF.INET : AF.INET6, 0)
  header.writeUInt8(prefix, 1)
  header.writeUInt32LE(index, 4)
  // No duplicate address detection: it would hold an IPv6 address back for a second.
  return [header, attribute(IFA.LOCAL, address), attribute(IFA.ADDRESS, address), u32(IFA.FLAGS, IFA_F_NODAD)]
}

/** There already is not an error. */
export function addAddress(netlink: Netlink, index: number, cidr: string): void {
  netlink.request(RTM.NEWADDR, NLM_F.CREATE | NLM_F.REPLACE, addressMessage(index, cidr), `address ${cidr}`)
}

export function deleteAddress(netlink: Netlink, index: number, cidr: string): void {
  netlink.request(RTM.DELADDR, 0, addressMessage(index, cidr), `address ${cidr}`)
}

export function addressesOf(netlink: Netlink): Address[] {
  return netlink.dump(RTM.GETADDR, [Buffer.alloc(8)], 'the addresses').flatMap((bytes) => {
    const found = attributes(bytes.subarray(8))
    const address = found.get(IFA.LOCAL) ?? found.get(IFA.ADDRESS)
    if (address === undefined) return []
    return [{ index: bytes.readUInt32LE(4), cidr: `${addressText(address)}/${bytes.readUInt8(1)}` }]
  })
}

export function addDefaultRoute(netlink: Netlink, index: number, gateway: string, metric: number): void {
  const RT_TABLE_MAIN = 254
  const RTPROT_BOOT = 3
  const RTN_UNICAST = 1
  const address = addressBytes(gateway)
  const header = Buffer.from([
    address.length === 4 ? AF.INET : AF.INET6,
    0,
    0,
    0,
    RT_TABLE_MAIN,
    RTPROT_BOOT,
    0,
    RTN_UNICAST,
    0,
    0,
    0,
    0,
  ])
  const parts = [header, attribute(RTA.GATEWAY, address), u32(RTA.OIF, index)]
  if (metric > 0) parts.push(u32(RTA.PRIORITY, metric))
  netlink.request(RTM.NEWROUTE, NLM_F.CREATE | NLM_F.REPLACE, parts, `default route by ${gateway}`)
}

/** Destinations (CIDR) of the main tables; the default routes are left out. */
export function routedSubnets(netlink: Netlink): string[] {
  const RT_TABLE_MAIN = 254
  return netlink.dump(RTM.GETROUTE, [Buffer.alloc(12)], 'the routes').flatMap((bytes) => {
    const destination = attributes(bytes.subarray(12)).get(RTA.DST)
    if (destination === undefined || bytes.readUInt8(4) !== RT_TABLE_MAIN) return []
    return [`${addressText(destination)}/${bytes.readUInt8(1)}`]
  })
}
