import { OciError } from './oci-error.ts'
import type { PaxRecords } from './pax.ts'
import { parseNumeric } from './tar-block.ts'

export interface SparsePart {
  readonly offset: number
  readonly size: number
}

const mostParts = 1 << 17

function corrupt(): OciError {
  return new OciError('corrupt', 'invalid tar header: malformed sparse map')
}

/** Decimal, as GNU's PAX keywords have it. */
export function parseDecimal(text: string): number {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) throw corrupt()
  return value
}

/** Parts lie in order, apart, inside the file, and together are the data that is there. */
export function checkSparse(parts: readonly SparsePart[], fileSize: number, dataSize: number): readonly SparsePart[] {
  let end = 0
  let sum = 0
  for (const { offset, size } of parts) {
    if (offset < end || offset + size > fileSize) throw corrupt()
    end = offset + size
    sum += size
  }
  if (sum !== dataSize) throw corrupt()
  return parts.filter((one) => one.size > 0)
}

/** Four pairs in an old GNU header, 21 in each block that follows it. */
export function parseOldSparse(block: Buffer, at: number, count: number, parts: SparsePart[]): void {
  for (let i = 0; i < count; i++) {
    const place = at + i * 24
    if (block[place] === 0) return
    parts.push({ offset: parseNumeric(block, place, 12), size: parseNumeric(block, place + 12, 12) })
  }
  if (parts.length > mostParts) throw corrupt()
}

/** Formats 0.0 (repeated pairs) and 0.1 (one list); undefined when the records tell of neither. */
export function parsePaxSparse(records: PaxRecords): readonly SparsePart[] | undefined {
  const numbers: number[] = []
  let told = false
  for (const [key, value] of records) {
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes')
      numbers.push(parseDecimal(value.toString('latin1')))
    if (key === 'GNU.sparse.map' && value.length > 0)
      numbers.push(...value.toString('latin1').split(',').map(parseDecimal))
    told ||= key === 'GNU.sparse.map' || key === 'GNU.sparse.numblocks'
  }
  return told ? pairs(numbers) : undefined
}

export function pairs(numbers: readonly number[]): readonly SparsePart[] {
  if (numbers.length % 2 !== 0 || numbers.length > mostParts * 2) throw corrupt()
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({
    offset: numbers[i * 2] ?? 0,
    size: numbers[i * 2 + 1] ?? 0,
  }))
}

/**
 * Format 1.0: the map stands in front of the data: a line with the count, two lines for each part, filled up to a block.
 * Undefined while it is not all there.
 */
export function parseLeadingSparse(bytes: Buffer): { parts: readonly SparsePart[]; length: number } | undefined {
  const numbers: number[] = []
  let needed = 1
  let at = 0
  while (numbers.length < needed) {
    const end = bytes.indexOf(0x0a, at)
    if (end < 0) {
      if (bytes.length - at > 32) throw corrupt()
      return undefined
    }
    numbers.push(parseDecimal(bytes.toString('latin1', at, end)))
    at = end + 1
    if (numbers.length === 1) needed = 1 + (numbers[0] ?? 0) * 2
    if (needed > mostParts * 2) throw corrupt()
  }
  const length = Math.ceil(at / 512) * 512
  return bytes.length < length ? undefined : { parts: pairs(numbers.slice(1)), length }
}
