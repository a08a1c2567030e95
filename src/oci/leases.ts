import { randomUUID } from 'node:crypto'
import type { Lease } from './content.ts'
import type { ChainId, Digest } from './digest.ts'

class Claims implements Lease {
  readonly id = randomUUID()
  readonly blobs = new Set<Digest>()
  readonly layers = new Set<ChainId>()
  readonly #released: (claims: Claims) => void

  constructor(released: (claims: Claims) => void) {
    this.#released = released
  }

  blob(...digests: readonly Digest[]): void {
    for (const digest of digests) this.blobs.add(digest)
  }

  layer(...chainIds: readonly ChainId[]): void {
    for (const chainId of chainIds) this.layers.add(chainId)
  }

  release(): void {
    this.#released(this)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/** What is claimed now. During a collection a released lease still counts: its things may have been named meanwhile. */
export class Leases {
  readonly #live = new Set<Claims>()
  readonly #lingering = new Set<Claims>()
  #collecting = false

  open(): Lease {
    const claims = new Claims((released) => {
      if (this.#live.delete(released) && this.#collecting) this.#lingering.add(released)
    })
    this.#live.add(claims)
    return claims
  }

  holdsBlob(digest: Digest): boolean {
    return this.#some((claims) => claims.blobs.has(digest))
  }

  *layers(): Iterable<ChainId> {
    for (const claims of this.#live) yield* claims.layers
    for (const claims of this.#lingering) yield* claims.layers
  }

  collecting(): Disposable {
    this.#collecting = true
    return {
      [Symbol.dispose]: () => {
        this.#collecting = false
        this.#lingering.clear()
      },
    }
  }

  #some(test: (claims: Claims) => boolean): boolean {
    for (const claims of this.#live) if (test(claims)) return true
    for (const claims of this.#lingering) if (test(claims)) return true
    return false
  }
}
