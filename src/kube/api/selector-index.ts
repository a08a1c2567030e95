import type { Entry, StoreEvent, Watch } from '../store/index.ts'
import type { Core } from './request-context.ts'
import type { ServedResource } from './resource.ts'
import { fieldsOfEntry, fieldTerm, labelTerm } from './selection.ts'
import { memoOf } from './stored-object.ts'

/** Fewer objects are looked through as fast as found by an index. */
const worthwhile = 1000

/**
 * The objects of one resource by `label = value` and `field = value`, kept up to date by a watch. Made when a selector
 * first had to look through many objects.
 *
 *     l app=web       → { /registry/pods/a/x: entry, /registry/pods/b/y: entry }
 *     f spec.nodeName=n1 → …
 */
class SelectorIndex {
  readonly #resource: ServedResource
  readonly #terms = new Map<string, Map<string, Entry>>()
  #watch: Watch | undefined
  #isBroken = false

  constructor(resource: ServedResource) {
    this.#resource = resource
  }

  async fill({ store, log }: Core): Promise<void> {
    const prefix = this.#resource.keyPrefix
    try {
      const { entries, revision } = await store.range({ prefix })
      for (const entry of entries) this.#add(entry)
      this.#watch = await store.watch(
        { prefix, after: revision },
        {
          events: (events) => this.#take(events),
          end: () => {
            this.#isBroken = true
          },
        },
      )
    } catch (error) {
      this.#isBroken = true
      log.warn({ err: error, prefix }, 'an index of selectors could not be filled')
    }
  }

  get isBroken(): boolean {
    return this.#isBroken
  }

  /** How far it has come; undefined until it is filled. */
  get revision(): number | undefined {
    return this.#isBroken ? undefined : this.#watch?.revision
  }

  /** The entries of the rarest term below a prefix, in the order of keys. */
  find(terms: readonly string[], prefix: string): Entry[] {
    let rarest: Map<string, Entry> | undefined
    for (const term of terms) {
      const found = this.#terms.get(term)
      if (!found) return []
      if (!rarest || found.size < rarest.size) rarest = found
    }
    const entries = [...(rarest?.values() ?? [])].filter(({ key }) => key.startsWith(prefix))
    return entries.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  #take(events: readonly StoreEvent[]): void {
    for (const { type, entry, previous } of events) {
      if (previous) for (const term of this.#termsOf(previous)) this.#drop(term, previous.key)
      if (type === 'put') this.#add(entry)
    }
  }

  #add(entry: Entry): void {
    for (const term of this.#termsOf(entry)) {
      const known = this.#terms.get(term)
      if (known) known.set(entry.key, entry)
      else this.#terms.set(term, new Map([[entry.key, entry]]))
    }
  }

  #drop(term: string, key: string): void {
    const known = this.#terms.get(term)
    known?.delete(key)
    if (known?.size === 0) this.#terms.delete(term)
  }

  #termsOf(entry: Entry): string[] {
    const labels = Object.entries(memoOf(entry).labels).map(([name, value]) => labelTerm(name, value))
    const fields = Object.entries(fieldsOfEntry(this.#resource, entry)).flatMap(([name, value]) =>
      value === '' || name.startsWith('metadata.') ? [] : [fieldTerm(name, value)],
    )
    return [...labels, ...fields]
  }
}

const indexes = new WeakMap<Core, Map<string, SelectorIndex>>()

/** Begins an index after a selector had to look through so many objects. */
export function noteScan(core: Core, resource: ServedResource, scanned: number): void {
  if (scanned < worthwhile) return
  const known = indexes.get(core) ?? new Map<string, SelectorIndex>()
  indexes.set(core, known)
  if (known.get(resource.keyPrefix)?.isBroken === false) return
  const index = new SelectorIndex(resource)
  known.set(resource.keyPrefix, index)
  void index.fill(core)
}

/** What an index knows of the latest state; undefined where there is none, or it has not come so far. */
export async function indexed(
  core: Core,
  resource: ServedResource,
  terms: readonly string[],
  prefix: string,
): Promise<{ readonly entries: Entry[]; readonly revision: number } | undefined> {
  if (terms.length === 0) return undefined
  const index = indexes.get(core)?.get(resource.keyPrefix)
  if (index?.revision === undefined) return undefined
  const current = await core.store.revision()
  const { revision } = index
  return revision === undefined || revision < current ? undefined : { entries: index.find(terms, prefix), revision }
}
