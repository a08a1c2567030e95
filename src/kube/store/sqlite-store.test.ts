import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openSqliteStore } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'kube-store-'))
let count = 0
const freshPath = () => join(folder, `${count++}.db`)
afterAll(() => rmSync(folder, { recursive: true }))

const value = (text: string) => {
  const revisionAt = text.indexOf('@')
  return { bytes: new TextEncoder().encode(text.replace('@', '')), revisionAt }
}

test('what was acknowledged is there after the next opening, with its history', async () => {
  const path = freshPath()
  const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes)
  let revision = 0
  {
    await using store = openSqliteStore({ path })
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.create(`/k/${i}`, value('{"r":"@"}'))))
    const one = await store.get('/k/1')
    await store.update('/k/1', value('second @'), one.revision - 0 === 0 ? 0 : (one.entry?.revision ?? 0))
    const two = await store.get('/k/2')
    await store.delete('/k/2', two.entry?.revision ?? 0)
    revision = await store.revision()
  }
  await using store = openSqliteStore({ path })
  expect(await store.revision()).toBe(revision)
  expect((await store.range({ prefix: '/k/' })).entries).toHaveLength(99)
  expect(text((await store.get('/k/1')).entry?.bytes)).toBe(`second ${revision - 1}`)
  expect(text((await store.get('/k/2', revision - 1)).entry?.bytes)).toMatch(/^\{"r":"\d+"\}$/)
  const next = await store.create('/k/new', value('x'))
  expect(next.written && next.entry.revision).toBe(revision + 1)
})

test('compaction takes the superseded rows out of the file and survives the next opening', async () => {
  const path = freshPath()
  let revision = 0
  {
    await using store = openSqliteStore({ path })
    const created = await store.create('/a', value('1'))
    if (created.written) revision = created.entry.revision
    for (let i = 0; i < 20; i++) {
      const updated = await store.update('/a', value(`${i}`), revision)
      if (updated.written) revision = updated.entry.revision
    }
    await store.delete('/a', revision)
    await store.create('/b', value('b'))
    revision = await store.revision()
    await store.compact(revision)
  }
  await using store = openSqliteStore({ path })
  expect(await store.revision()).toBe(revision)
  expect(await store.compacted()).toBe(revision)
  expect((await store.range({ prefix: '/' })).entries.map((entry) => entry.key)).toEqual(['/b'])
})
