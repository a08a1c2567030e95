const encoder = new TextEncoder()
const chunkSize = 512 * 1024

/** Joins many small pieces into few big buffers. */
export class ByteChunks {
  #chunk = new Uint8Array(chunkSize)
  #used = 0
  readonly #full: Uint8Array[] = []

  bytes(piece: Uint8Array): void {
    if (this.#used + piece.length > chunkSize) {
      this.#turn()
      if (piece.length > chunkSize) {
        this.#full.push(piece)
        return
      }
    }
    this.#chunk.set(piece, this.#used)
    this.#used += piece.length
  }

  text(text: string): void {
    if (text.length * 3 > chunkSize) {
      this.bytes(encoder.encode(text))
      return
    }
    if (this.#used + text.length * 3 > chunkSize) this.#turn()
    this.#used += encoder.encodeInto(text, this.#chunk.subarray(this.#used)).written
  }

  /** Buffers that are full by now. */
  *take(): Generator<Uint8Array> {
    for (let chunk = this.#full.shift(); chunk; chunk = this.#full.shift()) yield chunk
  }

  *rest(): Generator<Uint8Array> {
    yield* this.take()
    if (this.#used > 0) yield this.#chunk.subarray(0, this.#used)
  }

  #turn(): void {
    if (this.#used === 0) return
    this.#full.push(this.#chunk.subarray(0, this.#used))
    this.#chunk = new Uint8Array(chunkSize)
    this.#used = 0
  }
}
