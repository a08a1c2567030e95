import type { Events } from '../contract.ts'
import { nanoseconds } from '../core/timestamp.ts'
import type { EventMessage, EventsOptions } from '../shapes/index.ts'
import { checkEventFilters, eventMatches } from './event-filters.ts'

// moby keeps as many.
const kept = 256

type Listener = (event: EventMessage) => void

/** What happened, in order: the last ones are kept, everyone who listens hears. */
export class EventLog implements Events {
  readonly #ring: EventMessage[] = []
  readonly #listeners = new Set<Listener>()

  get listeners(): number {
    return this.#listeners.size
  }

  emit(type: EventMessage['Type'], action: string, id: string, attributes: Record<string, string>): void {
    const timeNano = nanoseconds()
    const event: EventMessage = {
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: attributes },
      scope: 'local',
      time: Number(timeNano / 1_000_000_000n),
      timeNano,
    }
    if (type === 'container' || type === 'image') {
      event.status = action
      event.id = id
      if (type === 'container' && attributes.image !== undefined) event.from = attributes.image
    }
    this.#ring.push(event)
    if (this.#ring.length > kept) this.#ring.shift()
    for (const listener of this.#listeners) listener(event)
  }

  recent(): readonly EventMessage[] {
    return this.#ring
  }

  listen(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  subscribe(options: EventsOptions = {}, signal?: AbortSignal): AsyncGenerator<EventMessage, void, undefined> {
    const { since, until, filters } = options
    checkEventFilters(filters)
    const wanted = (event: EventMessage) => eventMatches(filters, event)
    const queue: EventMessage[] = []
    let wake: () => void = () => undefined
    if (since !== undefined || until !== undefined) {
      const from = since === undefined ? 0n : BigInt(Math.floor(since.getTime() * 1000)) * 1000n
      const to = until === undefined ? undefined : BigInt(Math.floor(until.getTime() * 1000)) * 1000n
      queue.push(
        ...this.#ring.filter(
          (event) => event.timeNano >= from && (to === undefined || event.timeNano <= to) && wanted(event),
        ),
      )
    }
    const subscription = this.listen((event) => {
      if (!wanted(event)) return
      queue.push(event)
      wake()
    })
    const untilMs = until?.getTime()
    return (async function* () {
      let over = signal?.aborted ?? false
      const stop = () => {
        over = true
        wake()
      }
      signal?.addEventListener('abort', stop, { once: true })
      const timer =
        untilMs === undefined ? undefined : setTimeout(stop, Math.min(Math.max(untilMs - Date.now(), 0), 2 ** 31 - 1))
      try {
        for (;;) {
          for (let event = queue.shift(); event !== undefined; event = queue.shift()) yield event
          if (over) return
          await new Promise<void>((resolve) => {
            wake = resolve
            if (queue.length > 0 || over) resolve()
          })
        }
      } finally {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
        subscription[Symbol.dispose]()
      }
    })()
  }
}
