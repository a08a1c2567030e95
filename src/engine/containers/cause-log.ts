import type { StartCause } from '../contract.ts'

const kept = 100

/** Why the last starts have failed. */
export class CauseLog {
  readonly #causes: StartCause[] = []

  add(cause: StartCause): void {
    this.#causes.unshift(cause)
    this.#causes.length = Math.min(this.#causes.length, kept)
  }

  of(containerId: string): StartCause | undefined {
    return this.#causes.find((cause) => cause.containerId === containerId)
  }

  forget(containerId: string): void {
    const rest = this.#causes.filter((cause) => cause.containerId !== containerId)
    this.#causes.splice(0, this.#causes.length, ...rest)
  }

  list(): readonly StartCause[] {
    return this.#causes
  }
}
