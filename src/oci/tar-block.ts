import { decodeName } from './name-bytes.ts'
import { OciError } from './oci-error.ts'

export const blockSize = 512

/** The 512 bytes before each member, taken apart. */
export interface TarBlock {
  readonly format: 'v7' | 'ustar' | 'gnu' | 'star'
  readonly type: string
  readonly name: string
  readonly linkname: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly uname: string
  readonly gname: string
  readonly devmajor: number
  readonly devminor: number
}

function corrupt(what: string): OciError {
  return new OciError('corrupt', `invalid tar header: ${what}`)
}

export function isZeroBlock(block: Buffer, at = 0): boolean {
  for (let i = at; i < at + blockSize; i++) if (block[i] !== 0) return false
  return true
}

/** The checksum counts its own eight bytes as blanks; old writers summed signed bytes. */
function checkSum(block: Buffer, at: number): void {
  let unsigned = 256
  let signed = 256
  for (let i = 0; i < blockSize; i++) {
    if (i >= 148 && i < 156) continue
    const byte = block[at + i] ?? 0
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  const stored = parseNumeric(block, at + 148, 8)
  if (stored !== unsigned && stored !== signed) throw corrupt('checksum does not match')
}

/** Octal text, or (first bit set) a big-endian two's complement number. */
export function parseNumeric(block: Buffer, at: number, length: number): number {
  const first = block[at] ?? 0
  return first & 0x80 ? parseBinary(block, at, length, first) : parseOctal(block, at, length)
}

function parseBinary(block: Buffer, at: number, length: number, first: number): number {
  const negative = (first & 0x40) !== 0
  const flip = negative ? 0xff : 0
  let value = 0
  for (let i = 0; i < length; i++) {
    const byte = ((block[at + i] ?? 0) ^ flip) & (i === 0 ? 0x7f : 0xff)
    value = value * 256 + byte
    if (value > Number.MAX_SAFE_INTEGER) throw corrupt('number out of range')
  }
  return negative ? -value - 1 : value
}

function parseOctal(block: Buffer, at: number, length: number): number {
  let value = 0
  let i = at
  const end = at + length
  while (i < end && (block[i] === 0x20 || block[i] === 0)) i++
  for (; i < end; i++) {
    const byte = block[i] ?? 0
    if (byte === 0 || byte === 0x20) break
    if (byte < 0x30 || byte > 0x37) throw corrupt('number is not octal')
    value = value * 8 + (byte - 0x30)
  }
  return value
}

function parseText(block: Buffer, at: number, length: number): string {
  let end = at
  let ascii = true
  for (const most = at + length; end < most; end++) {
    const byte = block[end] ?? 0
    if (byte === 0) break
    ascii &&= byte < 0x80
  }
  if (end === at) return ''
  return ascii ? block.toString('latin1', at, end) : decodeName(block.subarray(at, end))
}

function formatOf(block: Buffer, at: number): TarBlock['format'] {
  const magic = block.toString('latin1', at + 257, at + 265)
  if (magic === 'ustar  \0') return 'gnu'
  if (!magic.startsWith('ustar\0')) return 'v7'
  return block.toString('latin1', at + 508, at + 512) === 'tar\0' ? 'star' : 'ustar'
}

/** @throws OciError corrupt */
export function parseTarBlock(block: Buffer, at = 0): TarBlock {
  checkSum(block, at)
  const format = formatOf(block, at)
  const posix = format === 'ustar' || format === 'star'
  const prefix = posix ? parseText(block, at + 345, format === 'star' ? 131 : 155) : ''
  const name = parseText(block, at, 100)
  const size = parseNumeric(block, at + 124, 12)
  if (size < 0) throw corrupt('negative size')
  const type = block.toString('latin1', at + 156, at + 157)
  const device = type === '3' || type === '4'
  return {
    format,
    type,
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkname: parseText(block, at + 157, 100),
    mode: parseNumeric(block, at + 100, 8),
    uid: parseNumeric(block, at + 108, 8),
    gid: parseNumeric(block, at + 116, 8),
    size,
    mtime: parseNumeric(block, at + 136, 12),
    uname: format === 'v7' ? '' : parseText(block, at + 265, 32),
    gname: format === 'v7' ? '' : parseText(block, at + 297, 32),
    devmajor: device && format !== 'v7' ? parseNumeric(block, at + 329, 8) : 0,
    devminor: device && format !== 'v7' ? parseNumeric(block, at + 337, 8) : 0,
  }
}
