import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster, configMap } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await Cluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())

const configMaps = '/api/v1/namespaces/default/configmaps'
const version = async () => (await cluster.get(configMaps)).json.metadata.resourceVersion
const lines = (events: { type: string; object: { metadata: { name: string } } }[]) =>
  events.map(({ type, object }) => `${type} ${object.metadata.name}`)

test('a watch tells what happens after the version that it names', async () => {
  const from = await version()
  const { json: made } = await cluster.post(configMaps, configMap('w', { a: '1' }))
  using watch = await cluster.watch(`${configMaps}?watch=1&resourceVersion=${from}`)
  await cluster.put(`${configMaps}/w`, configMap('w', { a: '2' }))
  await cluster.delete(`${configMaps}/w`)
  const events = await watch.take(3)
  expect(lines(events)).toEqual(['ADDED w', 'MODIFIED w', 'DELETED w'])
  expect(events[0]?.object).toEqual(made)
  expect(events[1]?.object.data).toEqual({ a: '2' })
  expect(Number(events[2]?.object.metadata.resourceVersion)).toBeGreaterThan(
    Number(events[1]?.object.metadata.resourceVersion),
  )
})

test('without a version it begins with what is there', async () => {
  await cluster.post(configMaps, configMap('old1', {}, { set: 'old' }))
  await cluster.post(configMaps, configMap('old2', {}, { set: 'old' }))
  using watch = await cluster.watch(`${configMaps}?watch=true&labelSelector=set%3Dold`)
  expect(lines(await watch.take(2))).toEqual(['ADDED old1', 'ADDED old2'])
})

test('objects enter and leave a selection as if they were made and deleted', async () => {
  const from = await version()
  using watch = await cluster.watch(`${configMaps}?watch=1&resourceVersion=${from}&labelSelector=in%3Dyes`)
  await cluster.post(configMaps, configMap('t', {}, { in: 'no' }))
  await cluster.put(`${configMaps}/t`, configMap('t', { a: '1' }, { in: 'yes' }))
  await cluster.put(`${configMaps}/t`, configMap('t', { a: '2' }, { in: 'yes' }))
  const { json: out } = await cluster.put(`${configMaps}/t`, configMap('t', { a: '3' }, { in: 'no' }))
  const events = await watch.take(3)
  expect(lines(events)).toEqual(['ADDED t', 'MODIFIED t', 'DELETED t'])
  expect(events[2]?.object.data).toEqual({ a: '2' })
  expect(events[2]?.object.metadata.resourceVersion).toBe(out.metadata.resourceVersion)
})

test('sendInitialEvents ends the state with a bookmark that says so', async () => {
  using watch = await cluster.watch(
    `${configMaps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=set%3Dold`,
  )
  const events = await watch.take(3)
  expect(events.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK'])
  expect(events[2]?.object).toMatchObject({
    kind: 'ConfigMap',
    metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
  })
})

test('timeoutSeconds ends it, after a last bookmark where those are allowed', async () => {
  const from = await version()
  using watch = await cluster.watch(
    `${configMaps}?watch=1&resourceVersion=${from}&timeoutSeconds=1&allowWatchBookmarks=true`,
  )
  expect((await watch.next())?.type).toBe('BOOKMARK')
  expect(await watch.next()).toBeUndefined()
})

test('a version that is no longer known is an ERROR event of 410', async () => {
  using watch = await cluster.watch(`${configMaps}?watch=1&resourceVersion=1&timeoutSeconds=5`)
  // Nothing was compacted yet: the whole history is there.
  expect((await watch.next())?.type).toBe('ADDED')
})

test('of one name, by path and by selector', async () => {
  using watch = await cluster.watch(`${configMaps}?watch=1&fieldSelector=metadata.name%3Done`)
  await cluster.post(configMaps, configMap('other'))
  await cluster.post(configMaps, configMap('one'))
  expect(lines(await watch.take(1))).toEqual(['ADDED one'])
  using old = await cluster.watch('/api/v1/watch/namespaces/default/configmaps/one')
  expect(lines(await old.take(1))).toEqual(['ADDED one'])
})

test('as a Table shows its columns once', async () => {
  using watch = await cluster.watch(`${configMaps}?watch=1&labelSelector=set%3Dold`, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  })
  const [first, second] = await watch.take(2)
  expect(first?.object).toMatchObject({ kind: 'Table', rows: [{ cells: ['old1', 0, expect.any(String)] }] })
  expect(first?.object.columnDefinitions).not.toBeNull()
  expect(second?.object.columnDefinitions).toBeNull()
})

describe('options that do not go together are 422', () => {
  test.each([
    [
      'sendInitialEvents=true',
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ],
    [
      'resourceVersionMatch=NotOlderThan',
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ],
  ])('%s', async (query, text) => {
    const { status, json } = await cluster.get(`${configMaps}?watch=1&${query}`)
    expect(status).toBe(422)
    expect(json.message).toBe(`ListOptions.meta.k8s.io "" is invalid: ${text}`)
  })
})

test('a hundred watchers see every event in the same order', async () => {
  const from = await version()
  const watches = await Promise.all(
    Array.from({ length: 100 }, () => cluster.watch(`${configMaps}?watch=1&resourceVersion=${from}`)),
  )
  await Promise.all(Array.from({ length: 20 }, (_, i) => cluster.post(configMaps, configMap(`many${i}`))))
  const seen = await Promise.all(
    watches.map(async (watch) => (await watch.take(20)).map(({ object }) => object.metadata.resourceVersion)),
  )
  expect(new Set(seen.map((list) => list.join()))).toHaveProperty('size', 1)
  for (const watch of watches) watch[Symbol.dispose]()
})

test('a watcher that does not read is cut off, and disturbs nobody', async () => {
  const from = await version()
  const stalled = await cluster.open('GET', `${configMaps}?watch=1&resourceVersion=${from}`)
  stalled.stream.pause()
  const closed = new Promise((resolve) => stalled.stream.once('close', resolve))
  const big = 'x'.repeat(900_000)
  for (let i = 0; i < 24; i++)
    expect((await cluster.put(`${configMaps}/one`, configMap('one', { big, i: String(i) }))).status).toBe(200)
  stalled.stream.resume()
  await closed
})
