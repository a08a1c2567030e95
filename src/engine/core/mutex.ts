/** One at a time, in order of asking. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve()
  #waiting = 0

  get busy(): boolean {
    return this.#waiting > 0
  }

  async lock(): Promise<Disposable> {
    const before = this.#tail
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#tail = promise
    this.#waiting += 1
    await before
    let held = true
    return {
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        this.#waiting -= 1
        resolve()
      },
    }
  }

  async run<T>(work: () => Promise<T> | T): Promise<T> {
    using _held = await this.lock()
    return await work()
  }
}
