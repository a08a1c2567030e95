import { RegistryError } from './registry-error.ts'

/** First and last byte, both inclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The `Range` of a GET, RFC 9110 section 14. undefined: send the whole blob ("A server MAY ignore the Range header
 * field", which we do for what is malformed, for other units and for several ranges at once).
 * @throws RegistryError RANGE_INVALID when no byte of the blob is in the range
 */
export function parseRange(header: string | undefined, size: number): Span | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const span =
    match[1] === '' ? suffix(Number(match[2]), size) : { start: Number(match[1]), end: lastByte(match[2], size) }
  if (span.start >= size || span.end < span.start) {
    throw new RegistryError('RANGE_INVALID', { range: header }, { headers: { 'Content-Range': `bytes */${size}` } })
  }
  return span
}

function suffix(length: number, size: number): Span {
  return { start: length === 0 ? size : Math.max(0, size - length), end: size - 1 }
}

function lastByte(text: string | undefined, size: number): number {
  return text === undefined || text === '' ? size - 1 : Math.min(Number(text), size - 1)
}

/**
 * The `Content-Range` of an uploaded chunk: "inclusive on both ends", "MUST match ^[0-9]+-[0-9]+$". The unit that RFC 9110
 * would have before it is let pass.
 * @throws RegistryError RANGE_INVALID
 */
export function parseChunkRange(header: string | undefined): Span | undefined {
  if (header === undefined) return undefined
  const match = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(header.trim())
  const span = match && { start: Number(match[1]), end: Number(match[2]) }
  if (!span || span.start > span.end || !Number.isSafeInteger(span.end)) {
    throw new RegistryError('RANGE_INVALID', { range: header })
  }
  return span
}
