import { decodeName } from './name-bytes.ts'
import { OciError } from './oci-error.ts'
import { type PaxRecords, parsePax } from './pax.ts'
import {
  checkSparse,
  parseDecimal,
  parseLeadingSparse,
  parseOldSparse,
  parsePaxSparse,
  type SparsePart,
} from './sparse-map.ts'
import { blockSize, isZeroBlock, parseNumeric, parseTarBlock, type TarBlock } from './tar-block.ts'
import type { TarEntryType, TarHeader } from './tar-entry.ts'

/** Who hears what the parser finds, in order: entry, its data in pieces, end. */
export interface TarSink {
  entry(header: TarHeader): void
  /** a view into the chunk that was written: use it before returning, or copy */
  data(bytes: Buffer): void
  end(): void
}

const types: Readonly<Record<string, TarEntryType>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
}

/** As in Go's archive/tar: what describes a member may not itself be huge. */
const longestMeta = 1 << 20

/**
 * A push parser: chunks of any size in, members out, nothing held but the header being read.
 *
 *     header ─► meta (x g L K) ─► header …        oldSparse: more map blocks after an 'S' header
 *     header ─► data ─► padding ─► header …       leadingSparse: the map of format 1.0 before the data
 *     two zero blocks ─► trailer: the rest is ignored
 */
export class TarParser {
  readonly #sink: TarSink
  #state: 'header' | 'meta' | 'oldSparse' | 'leadingSparse' | 'data' | 'padding' | 'trailer' = 'header'
  /** bytes gathered for the block, the meta member or the sparse map that is being read */
  #gathered: Buffer = Buffer.alloc(0)
  #remaining = 0
  #padding = 0
  #zeroBlock = false
  #metaType = ''
  #block: TarBlock | undefined
  #oldSparse: SparsePart[] = []
  #realSize = 0
  #global: PaxRecords = []
  #pax: PaxRecords = []
  #longName: string | undefined
  #longLink: string | undefined

  constructor(sink: TarSink) {
    this.#sink = sink
  }

  /** Whether the end marker has been seen. */
  get ended(): boolean {
    return this.#state === 'trailer'
  }

  write(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#state === 'trailer') return
      if (this.#state === 'data') at = this.#data(chunk, at)
      else if (this.#state === 'padding') at = this.#skip(chunk, at)
      else at = this.#gather(chunk, at)
    }
  }

  /** @throws OciError corrupt when the tar stops inside a member */
  finish(): void {
    if (this.#state === 'trailer') return
    const between = this.#state === 'header' && this.#gathered.length === 0
    const pending = this.#pax.length > 0 || this.#longName !== undefined || this.#longLink !== undefined
    if (!between || pending) throw new OciError('corrupt', 'unexpected EOF in tar')
  }

  #data(chunk: Buffer, at: number): number {
    const size = Math.min(this.#remaining, chunk.length - at)
    this.#sink.data(chunk.subarray(at, at + size))
    this.#remaining -= size
    if (this.#remaining === 0) this.#memberDone()
    return at + size
  }

  #skip(chunk: Buffer, at: number): number {
    const size = Math.min(this.#padding, chunk.length - at)
    this.#padding -= size
    if (this.#padding === 0) this.#state = 'header'
    return at + size
  }

  #memberDone(): void {
    this.#sink.end()
    this.#state = this.#padding > 0 ? 'padding' : 'header'
  }

  /** Whole blocks are read in place; what straddles two chunks is put together first. */
  #gather(chunk: Buffer, at: number): number {
    if (this.#state === 'leadingSparse') return this.#gatherSparse(chunk, at)
    const wanted = this.#state === 'meta' ? this.#remaining : blockSize
    if (this.#gathered.length === 0 && chunk.length - at >= wanted) {
      if (this.#state === 'header') this.#header(chunk, at)
      else this.#whole(chunk.subarray(at, at + wanted))
      return at + wanted
    }
    const end = Math.min(chunk.length, at + wanted - this.#gathered.length)
    this.#gathered = Buffer.concat([this.#gathered, chunk.subarray(at, end)])
    if (this.#gathered.length === wanted) {
      const whole = this.#gathered
      this.#gathered = Buffer.alloc(0)
      this.#whole(whole)
    }
    return end
  }

  #gatherSparse(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + Math.min(blockSize, this.#remaining) - (this.#gathered.length % blockSize))
    this.#gathered = Buffer.concat([this.#gathered, chunk.subarray(at, end)])
    this.#remaining -= end - at
    const map = parseLeadingSparse(this.#gathered)
    if (map) {
      this.#gathered = Buffer.alloc(0)
      this.#emit(checkSparse(map.parts, this.#realSize, this.#remaining))
    } else if (this.#remaining === 0 || this.#gathered.length > longestMeta * 4) {
      throw new OciError('corrupt', 'invalid tar header: malformed sparse map')
    }
    return end
  }

  #whole(bytes: Buffer): void {
    if (this.#state === 'meta') this.#meta(bytes)
    else if (this.#state === 'oldSparse') this.#oldSparseBlock(bytes)
    else this.#header(bytes, 0)
  }

  #header(bytes: Buffer, at: number): void {
    if (isZeroBlock(bytes, at)) {
      if (this.#zeroBlock) this.#state = 'trailer'
      this.#zeroBlock = true
      return
    }
    if (this.#zeroBlock) throw new OciError('corrupt', 'invalid tar header: data after a zero block')
    const block = parseTarBlock(bytes, at)
    if ('xgLK'.includes(block.type)) this.#beginMeta(block)
    else this.#beginMember(block, bytes, at)
  }

  #beginMeta(block: TarBlock): void {
    if (block.size > longestMeta) throw new OciError('corrupt', 'invalid tar header: extended header too long')
    this.#metaType = block.type
    this.#remaining = block.size
    this.#padding = padding(block.size)
    this.#state = 'meta'
    if (block.size === 0) this.#meta(Buffer.alloc(0))
  }

  #meta(bytes: Buffer): void {
    // The chunk may be reused by who wrote it, and PAX values are kept as views.
    if (this.#metaType === 'x') this.#pax = [...this.#pax, ...parsePax(Buffer.from(bytes))]
    else if (this.#metaType === 'g') this.#global = parsePax(Buffer.from(bytes))
    else if (this.#metaType === 'L') this.#longName = untilNul(bytes)
    else this.#longLink = untilNul(bytes)
    this.#state = this.#padding > 0 ? 'padding' : 'header'
  }

  #beginMember(block: TarBlock, bytes: Buffer, at: number): void {
    this.#block = block
    this.#oldSparse = []
    if (block.type === 'S') {
      this.#realSize = parseNumeric(bytes, at + 483, 12)
      parseOldSparse(bytes, at + 386, 4, this.#oldSparse)
      if (bytes[at + 482] !== 0) this.#state = 'oldSparse'
      else this.#emit(undefined)
      return
    }
    const records = this.#records()
    if (text(records, 'GNU.sparse.major') === '1' && text(records, 'GNU.sparse.minor') === '0') {
      this.#realSize = parseDecimal(text(records, 'GNU.sparse.realsize') ?? '')
      this.#remaining = memberSize(block, records)
      this.#padding = padding(this.#remaining)
      this.#state = 'leadingSparse'
      if (this.#remaining === 0) throw new OciError('corrupt', 'invalid tar header: malformed sparse map')
      return
    }
    this.#emit(undefined)
  }

  #oldSparseBlock(bytes: Buffer): void {
    parseOldSparse(bytes, 0, 21, this.#oldSparse)
    if (bytes[504] === 0) this.#emit(undefined)
  }

  /** The header is complete: tell it, and get ready for the data. */
  #emit(leading: readonly SparsePart[] | undefined): void {
    const block = this.#block
    if (!block) throw new Error('no header was read')
    const records = this.#records()
    const type = block.type === '0' || block.type === '\0' ? plainType(block) : types[block.type]
    const stored = type === 'file' ? memberSize(block, records) : 0
    if (leading === undefined) {
      this.#remaining = stored
      this.#padding = padding(stored)
    }
    const sparse = leading ?? this.#sparseOf(block, records, stored)
    const header =
      type && buildHeader(block, records, type, this.#longName, this.#longLink, stored, sparse, this.#realSize)
    this.#pax = []
    this.#longName = undefined
    this.#longLink = undefined
    if (!header) throw new OciError('unsupported', `unhandled tar header type ${block.type.charCodeAt(0)}`)
    this.#sink.entry(header)
    this.#state = 'data'
    if (this.#remaining === 0) this.#memberDone()
  }

  #records(): PaxRecords {
    return this.#global.length === 0 ? this.#pax : [...this.#global, ...this.#pax]
  }

  #sparseOf(block: TarBlock, records: PaxRecords, stored: number): readonly SparsePart[] | undefined {
    if (block.type === 'S') return checkSparse(this.#oldSparse, this.#realSize, stored)
    const parts = parsePaxSparse(records)
    if (!parts) return undefined
    this.#realSize = parseDecimal(text(records, 'GNU.sparse.size') ?? text(records, 'GNU.sparse.realsize') ?? '')
    return checkSparse(parts, this.#realSize, stored)
  }
}

function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end))
}

/** Old tars had no type for a folder: its name ends in a slash. */
function plainType(block: TarBlock): TarEntryType {
  return block.name.endsWith('/') ? 'directory' : 'file'
}

function text(records: PaxRecords, key: string): string | undefined {
  return records.findLast((record) => record[0] === key)?.[1].toString('latin1')
}

function memberSize(block: TarBlock, records: PaxRecords): number {
  const told = text(records, 'size')
  return told === undefined || told === '' ? block.size : parseDecimal(told)
}

function decimalTime(value: string): number {
  if (!/^-?[0-9]+(\.[0-9]*)?$/.test(value)) throw new OciError('corrupt', 'invalid tar header: malformed time')
  return Number(value)
}

function buildHeader(
  block: TarBlock,
  records: PaxRecords,
  type: TarEntryType,
  longName: string | undefined,
  longLink: string | undefined,
  stored: number,
  sparse: readonly SparsePart[] | undefined,
  realSize: number,
): TarHeader {
  const header: { -readonly [K in keyof TarHeader]: TarHeader[K] } = {
    name: longName ?? block.name,
    type,
    mode: block.mode & 0o7777,
    uid: block.uid,
    gid: block.gid,
    size: sparse ? realSize : stored,
    mtimeSeconds: block.mtime,
  }
  if (block.uname !== '') header.uname = block.uname
  if (block.gname !== '') header.gname = block.gname
  if (type === 'hardlink' || type === 'symlink') header.linkname = longLink ?? block.linkname
  if (type === 'character-device' || type === 'block-device') {
    header.devmajor = block.devmajor
    header.devminor = block.devminor
  }
  if (sparse) header.sparse = sparse
  for (const [key, value] of records) applyRecord(header, key, value)
  // The path of a sparse member is a stand-in for readers that do not know the format.
  const sparseName = records.findLast((record) => record[0] === 'GNU.sparse.name')?.[1]
  if (sparse && sparseName) header.name = decodeName(sparseName)
  if (header.name.includes('\0') || header.linkname?.includes('\0')) {
    throw new OciError('corrupt', 'invalid tar header: NUL in a name')
  }
  return header
}

function applyRecord(header: { -readonly [K in keyof TarHeader]: TarHeader[K] }, key: string, value: Buffer): void {
  if (key.startsWith('SCHILY.xattr.')) {
    const name = key.slice('SCHILY.xattr.'.length)
    header.xattrs = new Map([...(header.xattrs ?? []), [name, value]])
    return
  }
  // "An empty value means that the keyword's value in the header block holds."
  if (value.length === 0) return
  switch (key) {
    case 'path':
      header.name = decodeName(value)
      break
    case 'linkpath':
      if (header.linkname !== undefined) header.linkname = decodeName(value)
      break
    case 'uid':
      header.uid = parseDecimal(value.toString('latin1'))
      break
    case 'gid':
      header.gid = parseDecimal(value.toString('latin1'))
      break
    case 'uname':
      header.uname = decodeName(value)
      break
    case 'gname':
      header.gname = decodeName(value)
      break
    case 'mtime':
      header.mtimeSeconds = decimalTime(value.toString('latin1'))
      break
    case 'atime':
      header.atimeSeconds = decimalTime(value.toString('latin1'))
      break
    case 'ctime':
      header.ctimeSeconds = decimalTime(value.toString('latin1'))
      break
  }
}
