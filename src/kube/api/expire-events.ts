import type { KubeObject } from '../schema/index.ts'
import type { Core } from './request-context.ts'
import { decodeObject } from './stored-object.ts'

/** Events are forgotten an hour after they were last seen, as Kubernetes' `--event-ttl` has it. */
const lifetimeMs = 3600 * 1000
const sweepEveryMs = 300 * 1000

/** Sweeps now and then until the answer is called. */
export function expireEvents(core: Core): () => void {
  let stopped = false
  let cancel: () => void = () => undefined
  const schedule = () => {
    cancel = core.clock.after(sweepEveryMs, () => {
      sweepEvents(core)
        .catch((error: unknown) => core.log.warn({ err: error }, 'old events could not be swept'))
        .finally(() => {
          if (!stopped) schedule()
        })
    })
  }
  schedule()
  return () => {
    stopped = true
    cancel()
  }
}

export async function sweepEvents({ resources, store, clock }: Core): Promise<void> {
  const events = resources.find('', 'v1', 'events')
  if (!events) return
  const before = clock.nowMs() - lifetimeMs
  const { entries } = await store.range({ prefix: events.keyPrefix })
  for (const entry of entries)
    if (lastSeenMs(decodeObject(entry)) < before) await store.delete(entry.key, entry.revision)
}

interface EventTimes {
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly series?: { readonly lastObservedTime?: string | null }
}

function lastSeenMs(event: KubeObject): number {
  const { lastTimestamp, eventTime, series } = event as KubeObject & EventTimes
  const times = [event.metadata.creationTimestamp, lastTimestamp, eventTime, series?.lastObservedTime]
  return Math.max(...times.map((time) => (time ? Date.parse(time) : 0)))
}
