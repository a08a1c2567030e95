import { type Address, contains, firstOf, lastOf, type Subnet } from './ip.ts'

/** The addresses of one subnet: the network's and the broadcast's own, the gateway, and who has which. */
export class AddressPool {
  readonly subnet: Subnet
  readonly #range: Subnet
  readonly #taken = new Map<bigint, string>()

  constructor(subnet: Subnet, range: Subnet | undefined, reserved: readonly Address[]) {
    this.subnet = subnet
    this.#range = range ?? subnet
    for (const { value } of reserved) this.#taken.set(value, '')
  }

  has(address: Address): boolean {
    return contains(this.subnet, address)
  }

  isTaken(address: Address): boolean {
    return this.#taken.has(address.value)
  }

  /** The lowest free one; undefined where there is none. */
  take(holder: string): Address | undefined {
    const { bits, length } = this.subnet
    // In a subnet of one or two addresses every one can be used.
    const edges = bits === 32 && length < 31
    const bottom = firstOf(this.subnet)
    const top = lastOf(this.subnet)
    for (let value = firstOf(this.#range); value <= lastOf(this.#range); value += 1n) {
      if ((value === bottom && (edges || bits === 128)) || (value === top && edges)) continue
      if (this.#taken.has(value)) continue
      this.#taken.set(value, holder)
      return { bits, value }
    }
    return undefined
  }

  /** False where somebody else has it. */
  takeThis(address: Address, holder: string): boolean {
    const now = this.#taken.get(address.value)
    if (now !== undefined && now !== holder) return false
    this.#taken.set(address.value, holder)
    return true
  }

  release(address: Address): void {
    if (this.#taken.get(address.value)) this.#taken.delete(address.value)
  }
}
