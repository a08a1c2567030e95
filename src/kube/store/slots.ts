import type { Entry } from './contract.ts'

/** One superseded version: `entry` is undefined where the key did not exist from `revision` on. */
export interface PastVersion {
  readonly revision: number
  readonly entry: Entry | undefined
}

/** Everything that is known of one key. */
export interface Slot {
  readonly key: string
  current: Entry | undefined
  /** Oldest first; the last one is a deletion exactly where `current` is undefined. */
  past: PastVersion[] | undefined
}

const leafSize = 512

/**
 * Slots in the order of their keys: a list of sorted leaves, so that an insertion moves at most one leaf.
 *
 *     leaves:  [ a … f ] [ g … m ] [ n … z ]
 */
export class Slots {
  #byKey = new Map<string, Slot>()
  #leaves: Slot[][] = []

  get(key: string): Slot | undefined {
    return this.#byKey.get(key)
  }

  obtain(key: string): Slot {
    let slot = this.#byKey.get(key)
    if (!slot) {
      slot = { key, current: undefined, past: undefined }
      this.#byKey.set(key, slot)
      this.#insert(slot)
    }
    return slot
  }

  delete(key: string): void {
    if (!this.#byKey.delete(key)) return
    const at = this.#leafOf(key)
    const leaf = this.#leaves[at]
    if (!leaf) return
    leaf.splice(lowerBound(leaf, key), 1)
    if (leaf.length === 0) this.#leaves.splice(at, 1)
  }

  /** Slots whose key is `from` or later, in order. The set must not change while it is walked. */
  *since(from: string): Generator<Slot[], void> {
    let at = this.#leafOf(from)
    const first = this.#leaves[at]
    if (!first) return
    yield first.slice(lowerBound(first, from))
    for (at++; at < this.#leaves.length; at++) yield this.#leaves[at] as Slot[]
  }

  #insert(slot: Slot): void {
    const at = this.#leafOf(slot.key)
    const leaf = this.#leaves[at]
    if (!leaf) {
      this.#leaves.push([slot])
      return
    }
    const index = lowerBound(leaf, slot.key)
    if (index === leaf.length) leaf.push(slot)
    else leaf.splice(index, 0, slot)
    if (leaf.length > leafSize) {
      // Keys often come in rising order: a full last leaf stays nearly full instead of being halved.
      const keep = at === this.#leaves.length - 1 && index === leaf.length - 1 ? leafSize : leafSize / 2
      this.#leaves.splice(at + 1, 0, leaf.splice(keep))
    }
  }

  /** The last leaf that begins at or before the key, or the first one. */
  #leafOf(key: string): number {
    let low = 0
    let high = this.#leaves.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#leaves[middle]?.[0]?.key ?? '') <= key) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

function lowerBound(leaf: readonly Slot[], key: string): number {
  let low = 0
  let high = leaf.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((leaf[middle] as Slot).key < key) low = middle + 1
    else high = middle
  }
  return low
}
