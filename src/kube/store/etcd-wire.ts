/** Protocol buffers, as far as etcd's messages need them: numbers and bytes. */

export type Message = ReadonlyMap<number, readonly (number | Uint8Array)[]>

const encoder = new TextEncoder()

/** Fields in the order given; undefined ones are left out. */
export function message(
  ...fields: readonly (readonly [number, number | string | Uint8Array | undefined])[]
): Uint8Array {
  const parts: number[] = []
  for (const [number, value] of fields) {
    if (value === undefined) continue
    if (typeof value === 'number') {
      varint(parts, number * 8)
      varint(parts, value)
      continue
    }
    const bytes = typeof value === 'string' ? encoder.encode(value) : value
    varint(parts, number * 8 + 2)
    varint(parts, bytes.length)
    for (const byte of bytes) parts.push(byte)
  }
  return Uint8Array.from(parts)
}

function varint(parts: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    parts.push((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  parts.push(rest)
}

export function parse(bytes: Uint8Array): Message {
  const fields = new Map<number, (number | Uint8Array)[]>()
  let at = 0
  const read = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = read()
    const number = Math.floor(tag / 8)
    let value: number | Uint8Array
    if (tag % 8 === 0) value = read()
    else {
      const length = read()
      value = bytes.subarray(at, at + length)
      at += length
    }
    const list = fields.get(number)
    if (list) list.push(value)
    else fields.set(number, [value])
  }
  return fields
}

export function numberOf(fields: Message | undefined, number: number): number {
  const value = fields?.get(number)?.[0]
  return typeof value === 'number' ? value : 0
}

export function bytesOf(fields: Message | undefined, number: number): Uint8Array {
  const value = fields?.get(number)?.[0]
  return value instanceof Uint8Array ? value : new Uint8Array(0)
}

export function messagesOf(fields: Message | undefined, number: number): Message[] {
  return (fields?.get(number) ?? []).flatMap((value) => (value instanceof Uint8Array ? [parse(value)] : []))
}
