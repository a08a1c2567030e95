import { Transform, type TransformCallback } from 'node:stream'
import { invalid } from '../engine-error.ts'

const controls: Record<string, number> = { '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 }
export const defaultDetachKeys = Buffer.from([16, 17])

/** `ctrl-p,ctrl-q` → its bytes. An empty text is the default. */
export function parseDetachKeys(text: string | undefined): Buffer {
  if (!text) return defaultDetachKeys
  const bytes: number[] = []
  for (const key of text.split(',')) {
    if (Buffer.byteLength(key) === 1) {
      bytes.push(key.charCodeAt(0))
      continue
    }
    const name = key.startsWith('ctrl-') ? key.slice(5) : ''
    const code = /^[a-z]$/.test(name) ? name.charCodeAt(0) - 96 : controls[name]
    if (code === undefined) throw invalid(`Invalid detach keys (${text}) provided`)
    bytes.push(code)
  }
  return Buffer.from(bytes)
}

/** Passes bytes on until the keys come one after the other; these are kept back. */
export class DetachScanner extends Transform {
  readonly #keys: Buffer
  readonly #detached: () => void
  #seen = 0
  #over = false

  constructor(keys: Buffer, detached: () => void) {
    super()
    this.#keys = keys
    this.#detached = detached
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#over) {
      done()
      return
    }
    const out: number[] = []
    for (const byte of chunk) {
      if (byte === this.#keys[this.#seen]) {
        this.#seen += 1
        if (this.#seen < this.#keys.length) continue
        this.#over = true
        if (out.length > 0) this.push(Buffer.from(out))
        this.#detached()
        done()
        return
      }
      // What looked like the beginning of the keys was not.
      if (this.#seen > 0) out.push(...this.#keys.subarray(0, this.#seen))
      this.#seen = byte === this.#keys[0] ? 1 : 0
      if (this.#seen === 0) out.push(byte)
      else if (this.#keys.length === 1) this.#seen = 0
    }
    done(null, out.length > 0 ? Buffer.from(out) : undefined)
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#seen > 0 && !this.#over ? this.#keys.subarray(0, this.#seen) : undefined)
  }
}
