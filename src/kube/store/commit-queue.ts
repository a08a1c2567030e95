import { type Entry, StoreClosedError, type StoreEvent, type Value, type WriteResult } from './contract.ts'
import type { History } from './history.ts'
import { placeRevision, replaceRevision } from './place-revision.ts'

type Condition = { readonly key: string; readonly value: Value | undefined; readonly ifRevision: number }

interface Waiting {
  readonly condition: Condition
  resolve(result: WriteResult): void
  reject(reason: unknown): void
}

/** Makes events durable, all or none; returns once they are. */
export type Persist = (events: readonly StoreEvent[]) => void

/**
 * Group commit: the writes that come while one turn of the event loop runs are checked, numbered and made durable
 * together, and only then become visible and are acknowledged.
 */
export class CommitQueue {
  readonly #history: History
  readonly #persist: Persist
  readonly #schedule: (flush: () => void) => void
  #waiting: Waiting[] = []
  #closed = false
  readonly #flush = (): void => this.flush()

  constructor(history: History, persist: Persist, schedule: (flush: () => void) => void) {
    this.#history = history
    this.#persist = persist
    this.#schedule = schedule
  }

  /** `ifRevision` 0: only if absent. Without a value: delete. */
  submit(key: string, value: Value | undefined, ifRevision: number): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new StoreClosedError())
      this.#waiting.push({ condition: { key, value, ifRevision }, resolve, reject })
      if (this.#waiting.length === 1) this.#schedule(this.#flush)
    })
  }

  flush(): void {
    const batch = this.#waiting
    if (batch.length === 0) return
    this.#waiting = []
    const events: StoreEvent[] = []
    const results = this.#decide(batch, events)
    try {
      if (events.length > 0) this.#persist(events)
    } catch (error) {
      for (const { reject } of batch) reject(error)
      return
    }
    if (events.length > 0) this.#history.apply(events)
    for (const [i, { resolve }] of batch.entries()) resolve(results[i] as WriteResult)
  }

  close(): void {
    this.flush()
    this.#closed = true
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
