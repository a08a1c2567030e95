/** The last bytes of a terminal's output, for a page that comes back. */
export class Scrollback {
  #chunks: string[] = []
  #length = 0
  readonly #limit: number

  /** @param limit in characters; older output is forgotten */
  constructor(limit: number) {
    this.#limit = limit
  }

  add(text: string): void {
    this.#chunks.push(text)
    this.#length += text.length
    while (this.#length > this.#limit && this.#chunks.length > 1) this.#length -= this.#chunks.shift()?.length ?? 0
    const [only] = this.#chunks
    if (this.#chunks.length === 1 && only !== undefined && only.length > this.#limit) {
      this.#chunks = [only.slice(-this.#limit)]
      this.#length = this.#limit
    }
  }

  text(): string {
    return this.#chunks.join('')
  }
}
