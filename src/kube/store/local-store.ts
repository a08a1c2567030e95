import type { CommitQueue } from './commit-queue.ts'
import {
  type RangeQuery,
  type Store,
  StoreClosedError,
  type Value,
  type WatchQuery,
  type WatchSink,
} from './contract.ts'
import type { History } from './history.ts'

/** What follows from a compaction besides what the history forgets, and from closing. */
export interface LocalStoreHooks {
  compacted?(revision: number): void
  closed?(): void
}

/** A store whose whole history is in this process's memory. */
export class LocalStore implements Store {
  readonly #history: History
  readonly #queue: CommitQueue
  readonly #hooks: LocalStoreHooks
  #closed = false

  constructor(history: History, queue: CommitQueue, hooks: LocalStoreHooks = {}) {
    this.#history = history
    this.#queue = queue
    this.#hooks = hooks
  }

  async revision() {
    return this.#open().revision
  }

  async compacted() {
    return this.#open().compacted
  }

  async get(key: string, revision = 0) {
    const history = this.#open()
    return { entry: history.get(key, revision), revision: revision || history.revision }
  }

  async range(query: RangeQuery) {
    return this.#open().range(query)
  }

  create(key: string, value: Value) {
    return this.#queue.submit(key, value, 0)
  }

  update(key: string, value: Value, ifRevision: number) {
    if (ifRevision < 1) return Promise.resolve({ written: false as const, current: this.#open().current(key) })
    return this.#queue.submit(key, value, ifRevision)
  }

  delete(key: string, ifRevision: number) {
    return this.#queue.submit(key, undefined, ifRevision)
  }

  async watch(query: WatchQuery, sink: WatchSink) {
    return this.#open().watch(query, sink)
  }

  async compact(revision: number) {
    this.#open().compact(revision)
    this.#hooks.compacted?.(revision)
  }

  async close() {
    if (this.#closed) return
    this.#closed = true
    await this.#queue.close()
    this.#history.endWatches(new StoreClosedError())
    this.#hooks.closed?.()
  }

  async [Symbol.asyncDispose]() {
    await this.close()
  }

  #open(): History {
    if (this.#closed) throw new StoreClosedError()
    return this.#history
  }
}
