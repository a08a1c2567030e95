import type { FieldError, FieldPath } from '../contract.ts'
import { goQuote, invalid } from './field-error.ts'

/** 4 or 16 bytes; undefined for what is no address. Leading zeros are read as decimal and reported by `zeros`. */
export interface ParsedAddress {
  readonly bytes: readonly number[]
  readonly leadingZeros: boolean
}

export function parseAddress(text: string): ParsedAddress | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text)
}

function parseV4(text: string): ParsedAddress | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let leadingZeros = false
  const bytes: number[] = []
  for (const part of parts) {
    if (!/^[0-9]+$/.test(part) || part.length > 20) return undefined
    const value = Number(part)
    if (value > 255) return undefined
    if (part.length > 1 && part.startsWith('0')) leadingZeros = true
    bytes.push(value)
  }
  return { bytes, leadingZeros }
}

function parseV6(text: string): ParsedAddress | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  let leadingZeros = false
  const groupsOf = (half: string): number[] | undefined => {
    if (half === '') return []
    const bytes: number[] = []
    const parts = half.split(':')
    for (const [i, part] of parts.entries()) {
      if (part.includes('.') && i === parts.length - 1) {
        const v4 = parseV4(part)
        if (!v4) return undefined
        leadingZeros ||= v4.leadingZeros
        bytes.push(...v4.bytes)
        continue
      }
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
      const value = Number.parseInt(part, 16)
      bytes.push(value >> 8, value & 255)
    }
    return bytes
  }
  const [head, tail] = [groupsOf(halves[0] ?? ''), groupsOf(halves[1] ?? '')]
  if (!head || !tail) return undefined
  if (halves.length === 1) return head.length === 16 ? { bytes: head, leadingZeros } : undefined
  if (head.length + tail.length > 14) return undefined
  const zeros = new Array<number>(16 - head.length - tail.length).fill(0)
  return { bytes: [...head, ...zeros, ...tail], leadingZeros }
}

const isV4InV6 = ({ bytes }: ParsedAddress): boolean =>
  bytes.length === 16 && bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255

/** The canonical text (RFC 5952); an IPv4 address inside of an IPv6 one as the IPv4 address it is. */
export function formatAddress(address: ParsedAddress): string {
  const bytes = isV4InV6(address) ? address.bytes.slice(12) : address.bytes
  if (bytes.length === 4) return bytes.join('.')
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0))
  let [best, length] = [-1, 1]
  for (let i = 0; i < 8; i++) {
    let j = i
    while (j < 8 && groups[j] === 0) j++
    if (j - i > length) [best, length] = [i, j - i]
  }
  const hex = groups.map((g) => g.toString(16))
  if (best < 0) return hex.join(':')
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + length).join(':')}`
}

export function familyOf(text: string): 'IPv4' | 'IPv6' | undefined {
  const address = parseAddress(text)
  if (!address) return undefined
  return address.bytes.length === 4 || isV4InV6(address) ? 'IPv4' : 'IPv6'
}

/** An address in a field from before the strict rules; values that were there before are let be. */
export function validateIp(path: FieldPath, value: string, existing: readonly string[] = []): FieldError[] {
  if (existing.includes(value)) return []
  const address = parseAddress(value)
  if (!address) return [invalid(path, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
  if (address.leadingZeros) return [invalid(path, value, 'must not have leading 0s')]
  if (isV4InV6(address)) return [invalid(path, value, 'must not be an IPv4-mapped IPv6 address')]
  return []
}

/** The same, and in its canonical form. */
export function validateCanonicalIp(path: FieldPath, value: string): FieldError[] {
  const errors = validateIp(path, value)
  const address = parseAddress(value)
  if (errors.length > 0 || !address) return errors
  const canonical = formatAddress(address)
  return canonical === value ? [] : [invalid(path, value, `must be in canonical form (${goQuote(canonical)})`)]
}

interface Prefix {
  readonly address: ParsedAddress
  readonly length: number
  readonly leadingZeros: boolean
}

export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const address = parseAddress(text.slice(0, slash))
  const digits = text.slice(slash + 1)
  if (!address || !/^[0-9]{1,5}$/.test(digits) || Number(digits) > address.bytes.length * 8) return undefined
  const leadingZeros = address.leadingZeros || (digits.length > 1 && digits.startsWith('0'))
  return { address, length: Number(digits), leadingZeros }
}

/** The address of the network: the bits past the length are 0. */
export function masked({ address, length }: Pick<Prefix, 'address' | 'length'>): ParsedAddress {
  const bytes = address.bytes.map((byte, i) => {
    const bits = Math.max(0, Math.min(8, length - i * 8))
    return byte & ((0xff00 >> bits) & 0xff)
  })
  return { bytes, leadingZeros: false }
}

export function validateCidr(path: FieldPath, value: string, existing: readonly string[] = []): FieldError[] {
  if (existing.includes(value)) return []
  const prefix = parsePrefix(value)
  if (!prefix) {
    return [invalid(path, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
  }
  if (prefix.leadingZeros) return [invalid(path, value, 'must not have leading 0s in IP or prefix length')]
  if (isV4InV6(prefix.address)) return [invalid(path, value, 'must not have an IPv4-mapped IPv6 address')]
  const network = masked(prefix)
  if (network.bytes.some((byte, i) => byte !== prefix.address.bytes[i])) {
    return [invalid(path, value, 'must not have bits set beyond the prefix length')]
  }
  return []
}

export function validateCanonicalCidr(path: FieldPath, value: string): FieldError[] {
  const errors = validateCidr(path, value)
  const prefix = parsePrefix(value)
  if (errors.length > 0 || !prefix) return errors
  const canonical = `${formatAddress(prefix.address)}/${prefix.length}`
  return canonical === value ? [] : [invalid(path, value, `must be in canonical form (${goQuote(canonical)})`)]
}

/** Addresses of endpoints: not unspecified, not loopback, not link-local. */
export function validateEndpointIp(path: FieldPath, value: string): FieldError[] {
  const address = parseAddress(value)
  if (!address) return [invalid(path, value, 'must be a valid IP address')]
  const bytes = isV4InV6(address) ? address.bytes.slice(12) : address.bytes
  const [first = 0, second = 0, third = 0] = bytes
  const errors: FieldError[] = []
  if (bytes.every((b) => b === 0)) errors.push(invalid(path, value, `may not be unspecified (${value})`))
  const v4 = bytes.length === 4
  const loopback = v4 ? first === 127 : bytes.slice(0, 15).every((b) => b === 0) && bytes[15] === 1
  if (loopback) errors.push(invalid(path, value, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'))
  const linkLocal = v4 ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80
  if (linkLocal) errors.push(invalid(path, value, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'))
  const multicast = v4 ? first === 224 && second === 0 && third === 0 : first === 0xff && (second & 0x0f) === 2
  if (multicast) {
    errors.push(invalid(path, value, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'))
  }
  return errors
}
