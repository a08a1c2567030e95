import {
  CompactedError,
  type Entry,
  FutureRevisionError,
  type HistoryLimits,
  type RangeQuery,
  type RangeResult,
  type StoreEvent,
  type Watch,
  type WatchQuery,
  type WatchSink,
} from './contract.ts'
import { type Slot, Slots } from './slots.ts'

interface Watcher {
  readonly sink: WatchSink
}

/**
 * All versions of all keys in memory, from the compacted revision on, with the events that led from one to the next.
 * Every write is one event and takes one revision, so the event of revision r is `#events[r - #compacted - 1]`.
 */
export class History {
  readonly #limits: HistoryLimits
  readonly #slots = new Slots()
  #events: StoreEvent[] = []
  /** How many of `#events` at the front are forgotten; cut off now and then. */
  #dropped = 0
  #compacted: number
  #revision: number
  /** Bytes kept only for the past. */
  #pastBytes = 0
  readonly #watchers = new Map<string, Set<Watcher>>()

  constructor(limits: HistoryLimits, compacted: number) {
    this.#limits = limits
    this.#compacted = compacted
    this.#revision = compacted
  }

  get revision(): number {
    return this.#revision
  }

  get compacted(): number {
    return this.#compacted
  }

  current(key: string): Entry | undefined {
    return this.#slots.get(key)?.current
  }

  /** An entry that was there at the compacted revision already: no event. */
  load(entry: Entry): void {
    this.#slots.obtain(entry.key).current = entry
  }

  /** Takes events in, in the order of their revisions, and tells the watchers. */
  apply(events: readonly StoreEvent[]): void {
    for (const event of events) this.#take(event)
    this.#trim()
    for (const [prefix, watchers] of this.#watchers) {
      const matching = events.every((event) => event.entry.key.startsWith(prefix))
        ? events
        : events.filter((event) => event.entry.key.startsWith(prefix))
      if (matching.length === 0) continue
      for (const watcher of [...watchers]) watcher.sink.events(matching, this.#revision)
    }
  }

  get(key: string, revision: number): Entry | undefined {
    this.#check(revision)
    const slot = this.#slots.get(key)
    return slot && versionAt(slot, revision || this.#revision)
  }

  range(query: RangeQuery): RangeResult {
    const asked = query.revision ?? 0
    this.#check(asked)
    const revision = asked || this.#revision
    const limit = query.limit || Number.POSITIVE_INFINITY
    const from = query.from !== undefined && query.from > query.prefix ? query.from : query.prefix
    const entries: Entry[] = []
    let remaining = 0
    walk: for (const leaf of this.#slots.since(from)) {
      for (const slot of leaf) {
        if (!slot.key.startsWith(query.prefix)) break walk
        const entry = versionAt(slot, revision)
        if (!entry) continue
        if (entries.length < limit) entries.push(entry)
        else remaining++
      }
    }
    return { entries, revision, remaining }
  }

  watch(query: WatchQuery, sink: WatchSink): Watch {
    if (query.after > this.#revision) throw new FutureRevisionError(query.after, this.#revision)
    if (query.after < this.#compacted) throw new CompactedError(query.after, this.#compacted)
    const watcher: Watcher = { sink }
    const missed = this.#events
      .slice(this.#dropped + query.after - this.#compacted)
      .filter((event) => event.entry.key.startsWith(query.prefix))
    const watchers = this.#watchers.get(query.prefix) ?? new Set()
    this.#watchers.set(query.prefix, watchers)
    watchers.add(watcher)
    if (missed.length > 0) sink.events(missed, this.#revision)
    const history = this
    return {
      get revision() {
        return history.#revision
      },
      close() {
        watchers.delete(watcher)
        if (watchers.size === 0 && history.#watchers.get(query.prefix) === watchers)
          history.#watchers.delete(query.prefix)
      },
    }
  }

  endWatches(reason: Error): void {
    const all = [...this.#watchers.values()].flatMap((set) => [...set])
    this.#watchers.clear()
    for (const watcher of all) watcher.sink.end(reason)
  }

  compact(revision: number): void {
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision)
    while (this.#compacted < revision) {
      const event = this.#events[this.#dropped] as StoreEvent
      this.#events[this.#dropped++] = undefined as unknown as StoreEvent
      this.#compacted++
      this.#forget(event)
    }
    if (this.#dropped > 1024 && this.#dropped * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#dropped)
      this.#dropped = 0
    }
  }

  #check(revision: number): void {
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision)
    if (revision > 0 && revision < this.#compacted) throw new CompactedError(revision, this.#compacted)
  }

  #take(event: StoreEvent): void {
    const { entry, previous } = event
    const slot = this.#slots.obtain(entry.key)
    if (previous) {
      slot.past ??= []
      slot.past.push({ revision: previous.revision, entry: previous })
      this.#pastBytes += previous.bytes.length
    }
    if (event.type === 'put') {
      slot.current = entry
    } else {
      slot.past?.push({ revision: entry.revision, entry: undefined })
      slot.current = undefined
      this.#pastBytes += entry.bytes.length
    }
    this.#events.push(event)
    this.#revision = entry.revision
  }

  /** What this event superseded cannot be read any more. */
  #forget(event: StoreEvent): void {
    const { entry, previous } = event
    const slot = this.#slots.get(entry.key)
    if (!slot?.past) return
    if (previous) {
      slot.past.shift()
      this.#pastBytes -= previous.bytes.length
    }
    if (event.type === 'delete') {
      slot.past.shift()
      this.#pastBytes -= entry.bytes.length
    }
    if (slot.past.length > 0) return
    slot.past = undefined
    if (!slot.current) this.#slots.delete(entry.key)
  }

  #trim(): void {
    const { maxEvents, maxBytes } = this.#limits
    while (
      this.#revision - this.#compacted > maxEvents ||
      (this.#pastBytes > maxBytes && this.#compacted < this.#revision)
    )
      this.compact(this.#compacted + Math.max(1, Math.ceil((this.#revision - this.#compacted) / 10)))
  }
}

function versionAt(slot: Slot, revision: number): Entry | undefined {
  if (slot.current && slot.current.revision <= revision) return slot.current
  const past = slot.past
  if (!past) return undefined
  for (let i = past.length - 1; i >= 0; i--) {
    const version = past[i]
    if (version && version.revision <= revision) return version.entry
  }
  return undefined
}
