import { encodeName } from './name-bytes.ts'
import { formatPax } from './pax.ts'
import { blockSize } from './tar-block.ts'
import type { TarEntryType, TarHeader } from './tar-entry.ts'

const typeflags: Readonly<Record<TarEntryType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
}

const octalMost = (length: number): number => 8 ** (length - 1) - 1

/**
 * A member's header, one to several blocks: ustar where it is wide enough, PAX records before it where not. The same
 * header gives the same bytes, always. The content and `tarPadding(size)` follow. Sparse parts are not written: the
 * content is the whole file.
 */
export function tarHeader(header: TarHeader): Buffer {
  const name = encodeName(header.type === 'directory' && !header.name.endsWith('/') ? `${header.name}/` : header.name)
  const link = encodeName(header.linkname ?? '')
  const size = header.type === 'file' ? header.size : 0
  const place = splitName(name)
  const records: [string, Uint8Array | string][] = []
  if (!place) records.push(['path', name])
  if (link.length > 100 || !isAscii(link)) records.push(['linkpath', link])
  if (size > octalMost(12)) records.push(['size', String(size)])
  if (header.uid > octalMost(8)) records.push(['uid', String(header.uid)])
  if (header.gid > octalMost(8)) records.push(['gid', String(header.gid)])
  const seconds = Math.floor(header.mtimeSeconds)
  const plainTime = seconds === header.mtimeSeconds && seconds >= 0 && seconds <= octalMost(12)
  if (!plainTime) records.push(['mtime', decimal(header.mtimeSeconds)])
  for (const [key, value] of ownerNames(header)) records.push([key, value])
  for (const key of [...(header.xattrs?.keys() ?? [])].sort()) {
    records.push([`SCHILY.xattr.${key}`, header.xattrs?.get(key) ?? ''])
  }
  const main = block(header, typeflags[header.type], place ?? { prefix: none, name: shortened(name) }, link, size)
  if (records.length === 0) return main
  const body = formatPax(records)
  const extended = { ...header, mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 0, uname: '', gname: '' }
  const before = block(extended, 'x', { prefix: none, name: paxName(name) }, none, body.length)
  return Buffer.concat([before, body, tarPadding(body.length), main])
}

/** Zeros up to the next block. */
export function tarPadding(size: number): Buffer {
  return zeros.subarray(0, (blockSize - (size % blockSize)) % blockSize)
}

/** The two zero blocks at a tar's end. */
export function tarEnd(): Buffer {
  return zeros
}

const none = Buffer.alloc(0)
const zeros = Buffer.alloc(blockSize * 2)

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80)
}

/** ustar keeps 100 bytes of name and, before a slash, 155 of prefix. */
function splitName(name: Buffer): { prefix: Buffer; name: Buffer } | undefined {
  if (!isAscii(name)) return undefined
  if (name.length <= 100) return { prefix: none, name }
  const slash = name.indexOf(0x2f, name.length - 101)
  if (slash <= 0 || slash > 155 || slash === name.length - 1) return undefined
  return { prefix: name.subarray(0, slash), name: name.subarray(slash + 1) }
}

/** What a reader without PAX sees. */
function shortened(name: Buffer): Buffer {
  return Buffer.from(name.map((byte) => (byte < 0x80 ? byte : 0x5f))).subarray(0, 100)
}

function paxName(name: Buffer): Buffer {
  const path = shortened(name).toString('latin1').replace(/\/+$/, '')
  return Buffer.from(`PaxHeaders.0/${path.slice(path.lastIndexOf('/') + 1)}`.slice(0, 100), 'latin1')
}

function* ownerNames(header: TarHeader): Iterable<[string, string]> {
  for (const key of ['uname', 'gname'] as const) {
    const value = header[key]
    if (value && (value.length > 31 || !isAscii(Buffer.from(value)))) yield [key, value]
  }
}

function decimal(seconds: number): string {
  return Number.isInteger(seconds) ? String(seconds) : seconds.toFixed(9).replace(/0+$/, '')
}

function octal(target: Buffer, at: number, length: number, value: number): void {
  const fits = value >= 0 && value <= octalMost(length)
  target.write(`${(fits ? value : 0).toString(8).padStart(length - 1, '0')}\0`, at, length, 'latin1')
}

function block(
  header: TarHeader,
  typeflag: string,
  place: { prefix: Buffer; name: Buffer },
  link: Buffer,
  size: number,
): Buffer {
  const target = Buffer.alloc(blockSize)
  place.name.copy(target, 0, 0, 100)
  octal(target, 100, 8, header.mode & 0o7777)
  octal(target, 108, 8, header.uid)
  octal(target, 116, 8, header.gid)
  octal(target, 124, 12, size)
  octal(target, 136, 12, Math.floor(header.mtimeSeconds))
  target.write('        ', 148, 'latin1')
  target.write(typeflag, 156, 'latin1')
  if (isAscii(link)) link.copy(target, 157, 0, 100)
  target.write('ustar\x0000', 257, 'latin1')
  target.write(shortOwner(header.uname), 265, 'latin1')
  target.write(shortOwner(header.gname), 297, 'latin1')
  const device = header.type === 'character-device' || header.type === 'block-device'
  octal(target, 329, 8, device ? (header.devmajor ?? 0) : 0)
  octal(target, 337, 8, device ? (header.devminor ?? 0) : 0)
  place.prefix.copy(target, 345, 0, 155)
  let sum = 0
  for (const byte of target) sum += byte
  target.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return target
}

function shortOwner(name: string | undefined): string {
  return name !== undefined && name.length <= 31 && isAscii(Buffer.from(name)) ? name : ''
}
