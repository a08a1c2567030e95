import type { KubeObject } from '../../schema/index.ts'
import type { Entry, Store, StoreEvent, Watch } from '../../store/index.ts'
import type { Log } from '../contract.ts'
import { decodeObject } from '../stored-object.ts'

export type LiveListener = (key: string, object: KubeObject | undefined) => void

/**
 * The objects of one kind, as they are now: read once, then kept up to date by a watch. What this process wrote is seen as
 * soon as the write is answered.
 */
export class LiveObjects implements Disposable {
  readonly prefix: string
  readonly #store: Store
  readonly #log: Log
  readonly #entries = new Map<string, Entry>()
  readonly #decoded = new WeakMap<Entry, KubeObject>()
  readonly #listeners = new Set<LiveListener>()
  #watch: Watch | undefined
  #closed = false
  #sorted: KubeObject[] | undefined

  private constructor(store: Store, prefix: string, log: Log) {
    this.#store = store
    this.prefix = prefix
    this.#log = log
  }

  static async open(store: Store, prefix: string, log: Log): Promise<LiveObjects> {
    const live = new LiveObjects(store, prefix, log)
    await live.#fill()
    return live
  }

  async #fill(): Promise<void> {
    const { entries, revision } = await this.#store.range({ prefix: this.prefix })
    const known = new Set(entries.map(({ key }) => key))
    for (const key of [...this.#entries.keys()]) if (!known.has(key)) this.#take(key, undefined)
    for (const entry of entries)
      if (this.#entries.get(entry.key)?.revision !== entry.revision) this.#take(entry.key, entry)
    this.#watch = await this.#store.watch(
      { prefix: this.prefix, after: revision },
      { events: (events) => this.#apply(events), end: (reason) => this.#restart(reason) },
    )
  }

  #apply(events: readonly StoreEvent[]): void {
    for (const event of events) this.#take(event.entry.key, event.type === 'put' ? event.entry : undefined)
  }

  #take(key: string, entry: Entry | undefined): void {
    this.#sorted = undefined
    if (entry) this.#entries.set(key, entry)
    else this.#entries.delete(key)
    for (const listener of this.#listeners) listener(key, entry && this.#object(entry))
  }

  /** A watch ends with the store, or because it fell behind: then everything is read again. */
  #restart(reason: Error): void {
    if (this.#closed || reason.name === 'StoreClosedError') return
    this.#log.warn({ err: reason, prefix: this.prefix }, 'a watch ended and is begun again')
    this.#fill().catch((error: unknown) => {
      if ((error as Error).name !== 'StoreClosedError')
        this.#log.error({ err: error, prefix: this.prefix }, 'objects can no longer be followed')
    })
  }

  #object(entry: Entry): KubeObject {
    let object = this.#decoded.get(entry)
    if (!object) {
      object = decodeObject(entry)
      this.#decoded.set(entry, object)
    }
    return object
  }

  /** Not to be changed. `name` is `namespace/name` for kinds that live in namespaces. */
  get(name: string): KubeObject | undefined {
    const entry = this.#entries.get(this.prefix + name)
    return entry && this.#object(entry)
  }

  /** In the order of their keys; not to be changed. */
  all(): readonly KubeObject[] {
    this.#sorted ??= [...this.#entries.values()]
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((entry) => this.#object(entry))
    return this.#sorted
  }

  in(namespace: string): readonly KubeObject[] {
    return this.all().filter(({ metadata }) => metadata.namespace === namespace)
  }

  /** Told of every change from now on. */
  onChange(listener: LiveListener): void {
    this.#listeners.add(listener)
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#watch?.close()
  }
}
