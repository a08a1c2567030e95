import { isIPv4, isIPv6 } from 'node:net'

function parse4(text: string): number[] {
  return text.split('.').map(Number)
}

function parse6(text: string): number[] {
  const tail = text.includes('.') ? parse4(text.slice(text.lastIndexOf(':') + 1)) : null
  const pure = tail ? `${text.slice(0, text.lastIndexOf(':') + 1)}0:0` : text
  const [left = '', right] = pure.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const head = groups(left)
  const end = right === undefined ? [] : groups(right)
  const all = right === undefined ? head : [...head, ...new Array<number>(8 - head.length - end.length).fill(0), ...end]
  const bytes = all.flatMap((group) => [group >> 8, group & 0xff])
  return tail ? [...bytes.slice(0, 12), ...tail] : bytes
}

/** 4 or 16 bytes, as the kernel takes them. */
export function addressBytes(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(parse4(text))
  if (isIPv6(text)) return Buffer.from(parse6(text.split('%')[0] ?? text))
  throw new Error(`Cannot read an IP address: it is neither IPv4 nor IPv6 (${text})`)
}

export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return [...bytes].join('.')
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16),
  )
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

/** 172.18.0.1/16 → bytes and 16. */
export function parseCidr(cidr: string): { address: Buffer; prefix: number } {
  const [text = '', length] = cidr.split('/')
  const address = addressBytes(text)
  const prefix = Number(length)
  if (length === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > address.length * 8) {
    throw new Error(`Cannot read a subnet: it needs a prefix length (${cidr})`)
  }
  return { address, prefix }
}

export function macBytes(text: string): Buffer {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)) throw new Error(`Cannot read a MAC address (${text})`)
  return Buffer.from(text.replaceAll(':', ''), 'hex')
}
