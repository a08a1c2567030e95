import type { Entry, Value } from './contract.ts'

const slabSize = 16 * 1024
let slab = new Uint8Array(slabSize)
let used = 0

/** Small values share a block of memory: an ArrayBuffer of its own costs more than many an object has bytes. */
function allocate(length: number): Uint8Array {
  if (length > slabSize / 2) return new Uint8Array(length)
  if (used + length > slabSize) {
    slab = new Uint8Array(slabSize)
    used = 0
  }
  const bytes = slab.subarray(used, used + length)
  used += length
  return bytes
}

/** A copy of the bytes with the revision's digits put in at `at` in place of `cut` bytes there. */
function splice(bytes: Uint8Array, at: number, cut: number, revision: number): Uint8Array {
  if (at < 0) {
    const copy = allocate(bytes.length)
    copy.set(bytes)
    return copy
  }
  const digits = String(revision)
  const result = allocate(bytes.length - cut + digits.length)
  result.set(bytes.subarray(0, at))
  for (let i = 0; i < digits.length; i++) result[at + i] = digits.charCodeAt(i)
  result.set(bytes.subarray(at + cut), at + digits.length)
  return result
}

export function placeRevision(value: Value, revision: number): Uint8Array {
  return splice(value.bytes, value.revisionAt, 0, revision)
}

/** The same bytes with another revision inside. */
export function replaceRevision(entry: Entry, revision: number): Uint8Array {
  return splice(entry.bytes, entry.revisionAt, String(entry.revision).length, revision)
}
