import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  CompactedError,
  type Entry,
  FutureRevisionError,
  type Store,
  StoreClosedError,
  type StoreEvent,
} from './contract.ts'
import { openEtcdStore } from './etcd-store.ts'
import { createMemoryStore } from './memory-store.ts'
import { openSqliteStore } from './sqlite-store.ts'

const value = (text: string) => {
  const revisionAt = text.indexOf('@')
  return { bytes: new TextEncoder().encode(text.replace('@', '')), revisionAt }
}
const text = (entry: Entry | undefined) => entry && new TextDecoder().decode(entry.bytes)

async function put(store: Store, key: string, content: string): Promise<Entry> {
  const { entry } = await store.get(key)
  const result = entry
    ? await store.update(key, value(content), entry.revision)
    : await store.create(key, value(content))
  if (!result.written) throw new Error(`${key} was not written`)
  return result.entry
}

async function drop(store: Store, key: string): Promise<Entry> {
  const { entry } = await store.get(key)
  const result = await store.delete(key, entry?.revision ?? -1)
  if (!result.written) throw new Error(`${key} was not deleted`)
  return result.entry
}

async function listen(store: Store, prefix: string, after: number) {
  const seen: StoreEvent[] = []
  let ended: Error | undefined
  const watch = await store.watch(
    { prefix, after },
    {
      events: (events) => seen.push(...events),
      end: (reason) => {
        ended = reason
      },
    },
  )
  return {
    seen,
    watch,
    ended: () => ended,
    lines: () => seen.map(({ type, entry }) => `${type} ${entry.key} ${text(entry)}`),
  }
}

/** The one table of behaviours that every store is held to. */
function describeStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    test('a create writes only where nothing is, and an update only over the revision that it names', async () => {
      await using store = await open()
      const first = await store.create('/a', value('one'))
      expect(first.written).toBe(true)
      const again = await store.create('/a', value('two'))
      expect(again.written).toBe(false)
      if (again.written || !first.written) throw new Error('unexpected')
      expect(text(again.current)).toBe('one')
      expect((await store.update('/a', value('two'), first.entry.revision + 7)).written).toBe(false)
      const second = await store.update('/a', value('two'), first.entry.revision)
      expect(second.written && second.entry.revision).toBeGreaterThan(first.entry.revision)
      expect(second.written && second.entry.createRevision).toBe(first.entry.createRevision)
      expect((await store.update('/b', value('x'), 3)).written).toBe(false)
      expect((await store.update('/b', value('x'), 0)).written).toBe(false)
    })

    test('the revision of a write is put into its bytes where the writer wants it', async () => {
      await using store = await open()
      const entry = await put(store, '/a', '{"v":"@","more":1}')
      expect(text(entry)).toBe(`{"v":"${entry.revision}","more":1}`)
      expect(text((await store.get('/a')).entry)).toBe(`{"v":"${entry.revision}","more":1}`)
      const gone = await drop(store, '/a')
      expect(text(gone)).toBe(`{"v":"${gone.revision}","more":1}`)
      expect(gone.revision).toBeGreaterThan(entry.revision)
    })

    test('a delete takes away only the revision that it names', async () => {
      await using store = await open()
      const entry = await put(store, '/a', 'x')
      expect((await store.delete('/a', entry.revision + 1)).written).toBe(false)
      expect((await store.delete('/b', 0)).written).toBe(false)
      expect((await store.delete('/a', entry.revision)).written).toBe(true)
      expect((await store.get('/a')).entry).toBeUndefined()
      const reborn = await put(store, '/a', 'y')
      expect(reborn.createRevision).toBe(reborn.revision)
    })

    test('a range is read in pages at one revision while writes go on', async () => {
      await using store = await open()
      for (const key of ['/p/c', '/p/a', '/p/b', '/q/z', '/p/d', '/o/x']) await put(store, key, `${key} old`)
      const first = await store.range({ prefix: '/p/', limit: 2 })
      expect(first.entries.map(text)).toEqual(['/p/a old', '/p/b old'])
      expect(first.remaining).toBe(2)
      await put(store, '/p/c', 'new')
      await drop(store, '/p/d')
      await put(store, '/p/cc', 'new')
      const rest = await store.range({ prefix: '/p/', from: '/p/b\0', revision: first.revision })
      expect(rest.entries.map(text)).toEqual(['/p/c old', '/p/d old'])
      expect(rest.remaining).toBe(0)
      expect((await store.range({ prefix: '/p/' })).entries.map((entry) => entry.key)).toEqual([
        '/p/a',
        '/p/b',
        '/p/c',
        '/p/cc',
      ])
      expect((await store.range({ prefix: '/none/' })).entries).toEqual([])
    })

    test('a watch tells what happened after a revision, and then what happens', async () => {
      await using store = await open()
      const first = await put(store, '/p/a', '1')
      await put(store, '/p/a', '2')
      await put(store, '/q/a', 'other')
      const { lines, seen, watch } = await listen(store, '/p/', first.revision)
      await drop(store, '/p/a')
      await put(store, '/p/b', '3')
      await expect.poll(lines).toEqual(['put /p/a 2', 'delete /p/a 2', 'put /p/b 3'])
      expect(text(seen[0]?.previous)).toBe('1')
      expect(text(seen[1]?.previous)).toBe('2')
      expect(watch.revision).toBe(await store.revision())
      watch.close()
      await put(store, '/p/b', '4')
      expect(lines()).toHaveLength(3)
    })

    test('compaction forgets the past and nothing else', async () => {
      await using store = await open()
      const old = await put(store, '/p/a', '1')
      await put(store, '/p/b', 'gone')
      const middle = await put(store, '/p/a', '2')
      await drop(store, '/p/b')
      const last = await put(store, '/p/a', '3')
      await store.compact(middle.revision)
      expect(await store.compacted()).toBe(middle.revision)
      await expect(store.range({ prefix: '/p/', revision: old.revision })).rejects.toThrow(CompactedError)
      await expect(listen(store, '/p/', old.revision)).rejects.toThrow(CompactedError)
      expect((await store.range({ prefix: '/p/', revision: middle.revision })).entries.map(text)).toEqual(['2', 'gone'])
      expect(text((await store.get('/p/a', middle.revision)).entry)).toBe('2')
      const { lines } = await listen(store, '/p/', middle.revision)
      await expect.poll(lines).toEqual(['delete /p/b gone', 'put /p/a 3'])
      await store.compact(last.revision)
      expect((await store.range({ prefix: '/p/' })).entries.map(text)).toEqual(['3'])
    })

    test('nothing can be read of the future', async () => {
      await using store = await open()
      const { revision } = await put(store, '/a', '1')
      await expect(store.get('/a', revision + 10)).rejects.toThrow(FutureRevisionError)
      await expect(store.range({ prefix: '/', revision: revision + 10 })).rejects.toThrow(FutureRevisionError)
      await expect(listen(store, '/', revision + 10)).rejects.toThrow(FutureRevisionError)
    })

    test('of writes at one time over one revision exactly one wins', async () => {
      await using store = await open()
      const { revision } = await put(store, '/a', 'base')
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.update('/a', value(`${i}`), revision)),
      )
      expect(results.filter((result) => result.written)).toHaveLength(1)
      const creates = await Promise.all(Array.from({ length: 20 }, (_, i) => store.create('/b', value(`${i}`))))
      expect(creates.filter((result) => result.written)).toHaveLength(1)
    })

    test('closing ends the watches and refuses what comes after', async () => {
      const store = await open()
      const { ended } = await listen(store, '/', await store.revision())
      await store.close()
      expect(ended()).toBeInstanceOf(StoreClosedError)
      await expect(store.get('/a')).rejects.toThrow(StoreClosedError)
      await expect(store.create('/a', value('x'))).rejects.toThrow(StoreClosedError)
    })

    test('any sequence of operations behaves as a list of states by revision would', async () => {
      const keys = fc.constantFrom('/p/a', '/p/b', '/p/ab', '/q/a')
      const operation = fc.oneof(
        fc.record({ op: fc.constant('put' as const), key: keys, content: fc.string({ maxLength: 5 }) }),
        fc.record({ op: fc.constant('delete' as const), key: keys }),
        fc.record({ op: fc.constant('compact' as const), back: fc.nat(3) }),
        fc.record({ op: fc.constant('read' as const), back: fc.nat(6) }),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async (operations) => {
          await using store = await open()
          const base = await store.revision()
          const states: Map<string, string>[] = [new Map()]
          const revisions = [base]
          let compacted = 0
          for (const step of operations) {
            const latest = states.at(-1) ?? new Map<string, string>()
            if (step.op === 'put') {
              const entry = await put(store, step.key, step.content)
              states.push(new Map(latest).set(step.key, step.content.replace('@', String(entry.revision))))
              revisions.push(entry.revision)
            } else if (step.op === 'delete' && latest.has(step.key)) {
              const entry = await drop(store, step.key)
              const next = new Map(latest)
              next.delete(step.key)
              states.push(next)
              revisions.push(entry.revision)
            } else if (step.op === 'compact') {
              const at = Math.max(compacted, states.length - 1 - step.back)
              if (at === compacted) continue
              await store.compact(revisions[at] ?? 0)
              compacted = at
            } else if (step.op === 'read') {
              const at = Math.max(0, states.length - 1 - step.back)
              if (at === 0) continue
              const read = store.range({ prefix: '/p/', revision: revisions[at] ?? 0 })
              if (at < compacted) {
                await expect(read).rejects.toThrow(CompactedError)
                continue
              }
              const expected = [...(states[at] ?? [])].filter(([key]) => key.startsWith('/p/')).sort()
              expect((await read).entries.map((entry) => [entry.key, text(entry)])).toEqual(
                expected.sort(([a], [b]) => (a < b ? -1 : 1)),
              )
            }
          }
          const { seen } = await listen(store, '/', revisions[compacted] ?? base)
          await expect.poll(() => seen.length, { interval: 2 }).toBe(states.length - 1 - compacted)
          const replayed = new Map(states[compacted])
          for (const { type, entry } of seen) {
            if (type === 'put') replayed.set(entry.key, text(entry) ?? '')
            else replayed.delete(entry.key)
          }
          expect(replayed).toEqual(states.at(-1))
        }),
        { numRuns: name === 'etcd' ? 15 : 100 },
      )
    })
  })
}

const folder = mkdtempSync(join(tmpdir(), 'kube-store-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0

describeStore('memory', async () => createMemoryStore())
describeStore('sqlite', async () => openSqliteStore({ path: join(folder, `${count++}.db`) }))

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

// Debian's etcd-server, where it is installed.
describe.runIf(spawnSync('etcd', ['--version']).status === 0)('over etcd', () => {
  let etcd: ChildProcess
  let endpoint = ''

  beforeAll(async () => {
    const [client, peer] = [await freePort(), await freePort()]
    endpoint = `127.0.0.1:${client}`
    const urls = (port: number) => `http://127.0.0.1:${port}`
    etcd = spawn(
      'etcd',
      [
        ['--data-dir', join(folder, 'etcd')],
        ['--listen-client-urls', urls(client)],
        ['--advertise-client-urls', urls(client)],
        ['--listen-peer-urls', urls(peer)],
        ['--initial-advertise-peer-urls', urls(peer)],
        ['--initial-cluster', `default=${urls(peer)}`],
      ].flat(),
      { stdio: 'ignore' },
    )
    for (let attempt = 0; ; attempt++) {
      try {
        await (await openEtcdStore({ endpoints: [endpoint] })).close()
        return
      } catch (error) {
        if (attempt === 100) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }, 30_000)

  afterAll(async () => {
    etcd.kill()
    await new Promise((resolve) => etcd.once('exit', resolve))
  })

  describeStore('etcd', () => openEtcdStore({ endpoints: [endpoint], prefix: `/store-${count++}` }))
})
