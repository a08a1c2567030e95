/** Protocol buffers on the wire: tags, varints and length-delimited bytes, as far as Kubernetes and OpenAPI use them. */

export class WireError extends Error {
  override readonly name = 'WireError'
}

const decoder = new TextDecoder('utf-8')
const encoder = new TextEncoder()

export interface Field {
  readonly number: number
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes */
  readonly wireType: number
}

export class WireReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  field(): Field {
    const tag = this.varint()
    return { number: Math.floor(tag / 8), wireType: tag % 8 }
  }

  /** As a number: 64-bit values lose precision past 2^53. */
  varint(): number {
    return Number(BigInt.asIntN(64, this.#bigVarint()))
  }

  #bigVarint(): bigint {
    let result = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new WireError('unexpected EOF')
      result |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return result
    }
    throw new WireError('proto: integer overflow')
  }

  bytes(): Uint8Array {
    const length = this.varint()
    if (length < 0 || this.#at + length > this.#bytes.length) throw new WireError('unexpected EOF')
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return bytes
  }

  text(): string {
    return decoder.decode(this.bytes())
  }

  double(): number {
    if (this.#at + 8 > this.#bytes.length) throw new WireError('unexpected EOF')
    const value = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, 8).getFloat64(0, true)
    this.#at += 8
    return value
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint()
    else if (wireType === 1) this.#at += 8
    else if (wireType === 2) this.bytes()
    else if (wireType === 5) this.#at += 4
    else throw new WireError(`proto: illegal wireType ${wireType}`)
  }
}

export class WireWriter {
  readonly #parts: Uint8Array[] = []
  #length = 0

  #push(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.#length += bytes.length
  }

  #varint(value: number): void {
    const bytes: number[] = []
    let rest = value
    while (rest >= 0x80) {
      bytes.push((rest % 128) | 0x80)
      rest = Math.floor(rest / 128)
    }
    bytes.push(rest)
    this.#push(Uint8Array.from(bytes))
  }

  int(number: number, value: number): this {
    this.#varint(number * 8)
    this.#varint(value)
    return this
  }

  bool(number: number, value: boolean): this {
    return this.int(number, value ? 1 : 0)
  }

  double(number: number, value: number): this {
    this.#varint(number * 8 + 1)
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value, true)
    this.#push(bytes)
    return this
  }

  bytes(number: number, value: Uint8Array): this {
    this.#varint(number * 8 + 2)
    this.#varint(value.length)
    this.#push(value)
    return this
  }

  text(number: number, value: string): this {
    return this.bytes(number, encoder.encode(value))
  }

  message(number: number, write: (inner: WireWriter) => void): this {
    const inner = new WireWriter()
    write(inner)
    return this.bytes(number, inner.finish())
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      result.set(part, at)
      at += part.length
    }
    return result
  }
}
