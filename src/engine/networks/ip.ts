import { isIP, isIPv4 } from 'node:net'

/** An address as a number, with its family's width in bits. */
export interface Address {
  bits: 32 | 128
  value: bigint
}

export interface Subnet extends Address {
  /** Prefix length. */
  length: number
}

export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) {
    return { bits: 32, value: text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n) }
  }
  if (isIP(text) !== 6 || text.includes('%')) return undefined
  let source = text
  const tail = source.slice(source.lastIndexOf(':') + 1)
  if (isIPv4(tail)) {
    const { value } = parseAddress(tail) ?? { value: 0n }
    source = `${source.slice(0, -tail.length)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
  }
  const [head = '', rest] = source.split('::')
  const left = head.split(':').filter(Boolean)
  const right = (rest ?? '').split(':').filter(Boolean)
  const middle = rest === undefined ? [] : new Array<string>(8 - left.length - right.length).fill('0')
  const value = [...left, ...middle, ...right].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
  return { bits: 128, value }
}

export function formatAddress({ bits, value }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 255n).toString()).join('.')
  const groups = Array.from({ length: 8 }, (_, at) => Number((value >> BigInt(112 - at * 16)) & 0xffffn))
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at += 1) {
    let length = 0
    while (at + length < 8 && groups[at + length] === 0) length += 1
    if (length > best.length) best = { at, length }
  }
  const hex = groups.map((group) => group.toString(16))
  if (best.at < 0) return hex.join(':')
  return `${hex.slice(0, best.at).join(':')}::${hex.slice(best.at + best.length).join(':')}`
}

/** `10.0.0.0/8`; host bits are kept in `value` when `masked` is false. */
export function parseSubnet(text: string, options: { masked?: boolean } = {}): Subnet | undefined {
  const [host = '', length = ''] = text.split('/')
  const address = parseAddress(host)
  if (!address || !/^\d{1,3}$/.test(length) || Number(length) > address.bits) return undefined
  const subnet = { ...address, length: Number(length) }
  return options.masked === false ? subnet : { ...subnet, value: firstOf(subnet) }
}

const hostBits = (subnet: Subnet) => BigInt(subnet.bits - subnet.length)

export function firstOf(subnet: Subnet): bigint {
  return (subnet.value >> hostBits(subnet)) << hostBits(subnet)
}

export function lastOf(subnet: Subnet): bigint {
  return firstOf(subnet) + (1n << hostBits(subnet)) - 1n
}

export function contains(subnet: Subnet, address: Address): boolean {
  return subnet.bits === address.bits && address.value >= firstOf(subnet) && address.value <= lastOf(subnet)
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.bits === b.bits && firstOf(a) <= lastOf(b) && firstOf(b) <= lastOf(a)
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress({ bits: subnet.bits, value: firstOf(subnet) })}/${subnet.length}`
}
