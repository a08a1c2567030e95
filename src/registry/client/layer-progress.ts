import { type Digest, digestHex } from '../../oci/index.ts'
import type { OnProgress } from '../contract.ts'

const betweenMs = 100

export function shortId(digest: Digest): string {
  return digestHex(digest).slice(0, 12)
}

/** The lines of one layer in a pull or push; a bar moves at most ten times a second, as Docker's does. */
export class LayerProgress {
  readonly #onProgress: OnProgress
  readonly #id: string
  #last = 0

  constructor(digest: Digest, onProgress: OnProgress) {
    this.#id = shortId(digest)
    this.#onProgress = onProgress
  }

  say(status: string): void {
    this.#onProgress({ status, id: this.#id, progress: {} })
  }

  bar(status: string, current: number, total: number): void {
    const now = performance.now()
    if (now - this.#last < betweenMs && current < total) return
    this.#last = now
    this.#onProgress({ status, id: this.#id, progress: { current, total } })
  }
}
