import { expect, test } from 'vitest'
import { createMemoryStore } from './memory-store.ts'

const value = (text: string) => {
  const revisionAt = text.indexOf('@')
  return { bytes: new TextEncoder().encode(text.replace('@', '')), revisionAt }
}

test('the past is bounded by count and by bytes', async () => {
  await using store = createMemoryStore({ maxEvents: 10, maxBytes: 1000 })
  let revision = 0
  for (let i = 0; i < 50; i++) {
    const result =
      revision === 0 ? await store.create('/a', value('x')) : await store.update('/a', value('x'), revision)
    if (result.written) revision = result.entry.revision
  }
  expect(revision - (await store.compacted())).toBeLessThanOrEqual(10)
  for (let i = 0; i < 5; i++) {
    const result = await store.update('/a', value('y'.repeat(900)), revision)
    if (result.written) revision = result.entry.revision
  }
  expect(revision - (await store.compacted())).toBeLessThanOrEqual(2)
})
