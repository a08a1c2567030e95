import { expect, test } from 'vitest'
import { createMemoryStore } from '../store/index.ts'
import { builtinServedResources } from './builtin-resources.ts'
import { sweepEvents } from './expire-events.ts'
import type { Core } from './request-context.ts'
import { ResourceRegistry } from './resource-registry.ts'
import { encodeObject } from './stored-object.ts'

test('events go an hour after they were last seen', async () => {
  await using store = createMemoryStore()
  const resources = new ResourceRegistry()
  resources.add(...builtinServedResources())
  const nowMs = Date.parse('2026-01-01T12:00:00Z')
  const core = { store, resources, clock: { nowMs: () => nowMs } } as unknown as Core
  const event = (name: string, created: string, more = {}) =>
    store.create(
      `/registry/events/default/${name}`,
      encodeObject({ apiVersion: 'v1', kind: 'Event', metadata: { name, creationTimestamp: created }, ...more }),
    )
  await event('old', '2026-01-01T10:59:59Z')
  await event('new', '2026-01-01T11:00:01Z')
  await event('again', '2026-01-01T09:00:00Z', { lastTimestamp: '2026-01-01T11:30:00Z' })
  await event('series', '2026-01-01T09:00:00Z', { series: { lastObservedTime: '2026-01-01T11:59:59.000000Z' } })
  await sweepEvents(core)
  const { entries } = await store.range({ prefix: '/registry/events/' })
  expect(entries.map(({ key }) => key.split('/').at(-1))).toEqual(['again', 'new', 'series'])
})
