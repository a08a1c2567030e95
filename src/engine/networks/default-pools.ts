import { formatSubnet, overlaps, parseSubnet, type Subnet } from './ip.ts'

/** Docker's own: `GET /info` shows them. */
export const defaultAddressPools: readonly { Base: string; Size: number }[] = [
  ...Array.from({ length: 15 }, (_, at) => ({ Base: `172.${17 + at}.0.0/16`, Size: 16 })),
  { Base: '192.168.0.0/16', Size: 20 },
]

/** The first subnet of Docker's pools that nobody uses. */
export function freeSubnet(used: readonly Subnet[]): Subnet | undefined {
  for (const { Base, Size } of defaultAddressPools) {
    const base = parseSubnet(Base)
    if (!base) continue
    const step = 1n << BigInt(base.bits - Size)
    const count = 1n << BigInt(Size - base.length)
    for (let at = 0n; at < count; at += 1n) {
      const candidate: Subnet = { bits: base.bits, value: base.value + at * step, length: Size }
      if (!used.some((subnet) => overlaps(subnet, candidate))) return candidate
    }
  }
  return undefined
}

/** A unique local /64, made of the instance's and the network's names. */
export function uniqueLocalSubnet(seed: string, used: readonly Subnet[]): Subnet | undefined {
  const hex = seed.replace(/[^0-9a-f]/g, '').padEnd(14, '0')
  for (let at = 0; at < 256; at += 1) {
    const tail = ((Number.parseInt(hex.slice(10, 14), 16) + at) & 0xffff).toString(16)
    const subnet = parseSubnet(`fd${hex.slice(0, 2)}:${hex.slice(2, 6)}:${hex.slice(6, 10)}:${tail}::/64`)
    if (subnet && !used.some((other) => overlaps(other, subnet))) return subnet
  }
  return undefined
}

export { formatSubnet }
