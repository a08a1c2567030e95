import type { Log } from '../../linux/index.ts'

/** Work that goes on after an answer: cleaning up, mostly. `settled` waits for all of it. */
export class Background {
  readonly #log: Log
  readonly #running = new Set<Promise<void>>()

  constructor(log: Log) {
    this.#log = log
  }

  run(what: string, work: () => PromiseLike<unknown> | undefined): void {
    const promise = (async () => {
      try {
        await work()
      } catch (error) {
        this.#log.error({ err: error }, `${what} has failed`)
      }
    })()
    this.#running.add(promise)
    void promise.finally(() => this.#running.delete(promise))
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
