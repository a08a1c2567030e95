/**
 * A versioned key-value store with watch, shaped after etcd's revisions.
 *
 * Every write takes the next revision of the whole store. A key's history can be read at any revision that has not been
 * compacted, and watched from there. The store knows nothing of what it keeps:
 *
 *     revision   1          2          3          4
 *     /a         create ─────────────► update            entry: { createRevision: 1, revision: 3 }
 *     /b                    create ─────────────► delete
 */

/** What is written: the very bytes that readers will get. */
export interface Value {
  readonly bytes: Uint8Array
  /**
   * The offset in `bytes` where the store puts, in decimal digits, the revision that the write took; -1 for nowhere.
   * A writer cannot know that number, and readers want it inside.
   */
  readonly revisionAt: number
  /** Where readers keep what they derived from the bytes; lives as long as the entry and is never stored. */
  memo?: unknown
}

/** One version of one key. Never changed after it is handed out, but for `memo`. */
export interface Entry {
  readonly key: string
  /** With the revision put in. */
  readonly bytes: Uint8Array
  readonly revisionAt: number
  /** The revision that brought the key into being. */
  readonly createRevision: number
  /** The revision of this version. */
  readonly revision: number
  memo?: unknown
}

/** What became of a conditional write. A refused one took no revision. */
export type WriteResult =
  | { readonly written: true; readonly entry: Entry }
  /** The condition did not hold: `current` is what is there, undefined where there is nothing. */
  | { readonly written: false; readonly current: Entry | undefined }

export interface RangeQuery {
  /** Every key that begins so. */
  readonly prefix: string
  /** Begin with this key (itself included), which need not exist. */
  readonly from?: string
  /** At most so many entries; 0 or nothing: all. */
  readonly limit?: number
  /** The state at this revision; 0 or nothing: the latest. */
  readonly revision?: number
}

export interface RangeResult {
  /** In the order of their keys' UTF-16 code units. */
  readonly entries: readonly Entry[]
  /** The revision at which the answer is consistent. */
  readonly revision: number
  /** How many more entries there are behind the last one. */
  readonly remaining: number
}

export type StoreEvent =
  | { readonly type: 'put'; readonly entry: Entry; readonly previous: Entry | undefined }
  /** `entry` has the last bytes, with the revision of the deletion put in. */
  | { readonly type: 'delete'; readonly entry: Entry; readonly previous: Entry }

export interface WatchQuery {
  readonly prefix: string
  /** Events of later revisions only. */
  readonly after: number
}

/** Called synchronously, in the order of revisions, and must not throw nor wait. */
export interface WatchSink {
  /** Events of one or several commits; `revision` is how far the store has come. */
  events(events: readonly StoreEvent[], revision: number): void
  /** The watch is over: the store was closed, or can no longer tell what happened. */
  end(reason: Error): void
}

export interface Watch {
  /** How far this watch has come: every event up to this revision was delivered. */
  readonly revision: number
  close(): void
}

/** All promises reject with `StoreClosedError` once the store is closed. */
export interface Store extends AsyncDisposable {
  /** The latest revision; 1 for a store that was never written. */
  revision(): Promise<number>
  /** @throws CompactedError, FutureRevisionError for a `revision` that cannot be read */
  get(key: string, revision?: number): Promise<{ readonly entry: Entry | undefined; readonly revision: number }>
  /** @throws CompactedError, FutureRevisionError */
  range(query: RangeQuery): Promise<RangeResult>
  /** Write if the key is absent. Resolves once the write is durable and visible. */
  create(key: string, value: Value): Promise<WriteResult>
  /** Write if the key is there at exactly this revision. */
  update(key: string, value: Value, ifRevision: number): Promise<WriteResult>
  /** Delete if the key is there at exactly this revision. The entry answered is that of the `delete` event. */
  delete(key: string, ifRevision: number): Promise<WriteResult>
  /**
   * Events that already happened are delivered before the promise resolves or soon after, later ones as they happen.
   * @throws CompactedError where events after `after` are no longer known, FutureRevisionError for one yet to come
   */
  watch(query: WatchQuery, sink: WatchSink): Promise<Watch>
  /** Forget what was overwritten or deleted at this revision or before; reading before it then fails. */
  compact(revision: number): Promise<void>
  /** Nothing is readable before this revision. */
  compacted(): Promise<number>
  close(): Promise<void>
}

/** How much of the past a store keeps by itself, whichever bound is met first. */
export interface HistoryLimits {
  readonly maxEvents: number
  readonly maxBytes: number
}

export const defaultHistory: HistoryLimits = { maxEvents: 20_000, maxBytes: 16 * 1024 * 1024 }

export class CompactedError extends Error {
  override readonly name = 'CompactedError'
  readonly revision: number
  readonly compacted: number
  constructor(revision: number, compacted: number) {
    super(`Cannot read revision ${revision}: the store was compacted at ${compacted}`)
    this.revision = revision
    this.compacted = compacted
  }
}

export class FutureRevisionError extends Error {
  override readonly name = 'FutureRevisionError'
  readonly revision: number
  readonly current: number
  constructor(revision: number, current: number) {
    super(`Cannot read revision ${revision}: the store is at ${current}`)
    this.revision = revision
    this.current = current
  }
}

export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError'
  constructor() {
    super('Cannot use the store: it is closed')
  }
}
