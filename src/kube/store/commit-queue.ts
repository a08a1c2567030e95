import { type Entry, StoreClosedError, type StoreEvent, type Value, type WriteResult } from './contract.ts'
import type { History } from './history.ts'
import { placeRevision, replaceRevision } from './place-revision.ts'

type Condition = { readonly key: string; readonly value: Value | undefined; readonly ifRevision: number }

interface Waiting {
  readonly condition: Condition
  resolve(result: WriteResult): void
  reject(reason: unknown): void
}

/** Makes events durable, all or none. Nothing: they are. A promise: they will be once it resolves. */
export type Persist = (events: readonly StoreEvent[]) => void | Promise<void>

/**
 * Group commit: the writes that come while one turn of the event loop runs, or while the ones before are made durable,
 * are checked, numbered and made durable together, and only then become visible and are acknowledged.
 */
export class CommitQueue {
  readonly #history: History
  readonly #persist: Persist
  readonly #schedule: (flush: () => void) => void
  #waiting: Waiting[] = []
  #flushing: Promise<void> | undefined
  #closed = false
  /** What was written and not made durable is unknown: nothing can be built upon it. */
  #broken: Error | undefined
  readonly #flush = (): void => this.#flushNow()

  constructor(history: History, persist: Persist, schedule: (flush: () => void) => void) {
    this.#history = history
    this.#persist = persist
    this.#schedule = schedule
  }

  /** `ifRevision` 0: only if absent. Without a value: delete. */
  submit(key: string, value: Value | undefined, ifRevision: number): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new StoreClosedError())
      if (this.#broken) return reject(this.#broken)
      this.#waiting.push({ condition: { key, value, ifRevision }, resolve, reject })
      if (this.#waiting.length === 1 && !this.#flushing) this.#schedule(this.#flush)
    })
  }

  async close(): Promise<void> {
    this.#flushNow()
    this.#closed = true
    while (this.#flushing) await this.#flushing
  }

  #flushNow(): void {
    const batch = this.#waiting
    if (batch.length === 0 || this.#flushing) return
    this.#waiting = []
    const events: StoreEvent[] = []
    const results = this.#decide(batch, events)
    let persisted: void | Promise<void>
    try {
      persisted = events.length > 0 ? this.#persist(events) : undefined
    } catch (error) {
      for (const { reject } of batch) reject(error)
      return
    }
    if (persisted) this.#flushing = this.#finishLater(persisted, batch, results, events)
    else this.#finish(batch, results, events)
  }

  async #finishLater(
    persisted: Promise<void>,
    batch: Waiting[],
    results: WriteResult[],
    events: StoreEvent[],
  ): Promise<void> {
    try {
      await persisted
      this.#finish(batch, results, events)
    } catch (error) {
      this.#broken = error instanceof Error ? error : new Error(String(error))
      for (const { reject } of [...batch, ...this.#waiting]) reject(this.#broken)
      this.#waiting = []
    }
    this.#flushing = undefined
    this.#flushNow()
  }

  #finish(batch: readonly Waiting[], results: readonly WriteResult[], events: readonly StoreEvent[]): void {
    if (events.length > 0) this.#history.apply(events)
    for (const [i, { resolve }] of batch.entries()) resolve(results[i] as WriteResult)
  }

  #decide(batch: readonly Waiting[], events: StoreEvent[]): WriteResult[] {
    // Later writes of a batch see the earlier ones, which nobody else sees yet.
    const written = new Map<string, Entry | undefined>()
    let revision = this.#history.revision
    return batch.map(({ condition: { key, value, ifRevision } }) => {
      const current = written.has(key) ? written.get(key) : this.#history.current(key)
      if ((current?.revision ?? 0) !== ifRevision) return { written: false, current }
      revision++
      const event = value ? put(key, value, revision, current) : current && remove(current, revision)
      if (!event) return { written: false, current }
      events.push(event)
      written.set(key, event.type === 'put' ? event.entry : undefined)
      return { written: true, entry: event.entry }
    })
  }
}

function put(key: string, value: Value, revision: number, previous: Entry | undefined): StoreEvent {
  const entry: Entry = {
    key,
    bytes: placeRevision(value, revision),
    revisionAt: value.revisionAt,
    createRevision: previous?.createRevision ?? revision,
    revision,
    memo: value.memo,
  }
  return { type: 'put', entry, previous }
}

export function remove(previous: Entry, revision: number): StoreEvent {
  const { key, revisionAt, createRevision } = previous
  const entry: Entry = {
    key,
    bytes: replaceRevision(previous, revision),
    revisionAt,
    createRevision,
    revision,
    memo: undefined,
  }
  return { type: 'delete', entry, previous }
}
