/**
 * A file name is any bytes but NUL and '/'; a JavaScript string is not. Bytes that are no UTF-8 become lone surrogates
 * U+DC80…U+DCFF (as in Python's PEP 383), so that every name survives the round trip and ordinary names stay ordinary.
 */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const notAscii = /[^\0-\x7f]/
const escaped = /[\udc80-\udcff]/

export function decodeName(bytes: Uint8Array): string {
  const plain = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (!notAscii.test(plain)) return plain
  try {
    return strict.decode(bytes)
  } catch {
    return decodeEscaped(bytes)
  }
}

function decodeEscaped(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    text +=
      length === 0 ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0)) : strict.decode(bytes.subarray(at, at + length))
    at += Math.max(length, 1)
  }
  return text
}

/** Length of the valid UTF-8 sequence at this place, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length < 2) return length
  try {
    strict.decode(bytes.subarray(at, at + length))
    return at + length <= bytes.length ? length : 0
  } catch {
    return 0
  }
}

/** What a path argument of node:fs takes: the string itself, or its bytes where they are no UTF-8. */
export function fsPath(name: string): string | Buffer {
  return notAscii.test(name) && hasEscape(name) ? encodeName(name) : name
}

/** A lone one: the same code unit after a high surrogate is the half of an ordinary character. */
function hasEscape(name: string): boolean {
  return escaped.test(name) && !name.isWellFormed()
}

export function encodeName(name: string): Buffer {
  if (!hasEscape(name)) return Buffer.from(name)
  const parts: Buffer[] = []
  for (const character of name) {
    const code = character.charCodeAt(0)
    const lone = character.length === 1 && code >= 0xdc80 && code <= 0xdcff
    parts.push(lone ? Buffer.from([code - 0xdc00]) : Buffer.from(character))
  }
  return Buffer.concat(parts)
}
