import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster, configMap, pod } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await Cluster.start()
  await cluster.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'many' } })
  for (let i = 0; i < 12; i++)
    await cluster.post(
      configMaps,
      configMap(`c${String(i).padStart(2, '0')}`, {}, { parity: i % 2 === 0 ? 'even' : 'odd', all: 'yes' }),
    )
  for (const name of ['p1', 'p2']) await cluster.post(pods, pod(name, { nodeName: `node-${name}` }))
})
afterAll(() => cluster[Symbol.asyncDispose]())

const configMaps = '/api/v1/namespaces/many/configmaps'
const pods = '/api/v1/namespaces/many/pods'
// biome-ignore lint/suspicious/noExplicitAny: lists of every kind are looked into
const names = (json: any): string[] => json.items.map((item: any) => item.metadata.name)

test('a list has its kind and version once, and no kind in its items', async () => {
  const { json } = await cluster.get(configMaps)
  expect(json).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
  expect(json.items).toHaveLength(12)
  expect(json.items[0].kind).toBeUndefined()
  expect(json.metadata.resourceVersion).toMatch(/^\d+$/)
  const empty = await cluster.get('/api/v1/namespaces/many/secrets')
  expect(empty.json.items).toEqual([])
})

test('a list over all namespaces is made of those of each', async () => {
  const { json } = await cluster.get('/api/v1/configmaps?labelSelector=all%3Dyes')
  expect(json.items).toHaveLength(12)
})

describe('label selectors', () => {
  test.each([
    ['parity=even', 6],
    ['parity==odd', 6],
    ['parity!=even', 6],
    ['parity in (even,odd)', 12],
    ['parity notin (even)', 6],
    ['parity,all', 12],
    ['!parity', 0],
    ['parity=even,all=no', 0],
  ])('%s selects %i', async (selector, count) => {
    const { json } = await cluster.get(`${configMaps}?labelSelector=${encodeURIComponent(selector)}`)
    expect(json.items).toHaveLength(count)
  })

  test('that do not parse are 400', async () => {
    const { status, json } = await cluster.get(`${configMaps}?labelSelector=${encodeURIComponent('a in (b')}`)
    expect(status).toBe(400)
    expect(json.reason).toBe('BadRequest')
    expect(json.message).toMatch(/unable to parse requirement/)
  })
})

describe('field selectors', () => {
  test('select by name, node and phase', async () => {
    expect(names((await cluster.get(`${configMaps}?fieldSelector=metadata.name%3Dc03`)).json)).toEqual(['c03'])
    expect(names((await cluster.get(`${pods}?fieldSelector=spec.nodeName%3Dnode-p2`)).json)).toEqual(['p2'])
    expect(names((await cluster.get(`${pods}?fieldSelector=status.phase!%3DPending`)).json)).toEqual([])
    expect(names((await cluster.get('/api/v1/pods?fieldSelector=metadata.namespace%3Dmany')).json)).toEqual([
      'p1',
      'p2',
    ])
  })

  test('of a field that is not for selecting are 400', async () => {
    const { status, json } = await cluster.get(`${pods}?fieldSelector=spec.foo%3Dx`)
    expect(status).toBe(400)
    expect(json.message).toBe('field label not supported: spec.foo')
  })
})

describe('pages', () => {
  test('together are the list as it was at the first page', async () => {
    const seen: string[] = []
    let token = ''
    let pages = 0
    let version: string | undefined
    do {
      const { json } = await cluster.get(
        `${configMaps}?limit=5${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`,
      )
      version ??= json.metadata.resourceVersion
      expect(json.metadata.resourceVersion).toBe(version)
      seen.push(...names(json))
      token = json.metadata.continue ?? ''
      pages++
      if (pages === 1) {
        expect(json.metadata.remainingItemCount).toBe(7)
        await cluster.delete(`${configMaps}/c11`)
        await cluster.post(configMaps, configMap('c05a'))
      }
    } while (token !== '')
    expect(pages).toBe(3)
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => `c${String(i).padStart(2, '0')}`))
    await cluster.delete(`${configMaps}/c05a`)
    await cluster.post(configMaps, configMap('c11', {}, { parity: 'odd', all: 'yes' }))
  })

  test('of a selection are full', async () => {
    const first = (await cluster.get(`${configMaps}?limit=4&labelSelector=parity%3Deven`)).json
    expect(names(first)).toHaveLength(4)
    expect(first.metadata.remainingItemCount).toBeUndefined()
    const second = (
      await cluster.get(
        `${configMaps}?limit=4&labelSelector=parity%3Deven&continue=${encodeURIComponent(first.metadata.continue)}`,
      )
    ).json
    expect(names(second)).toHaveLength(2)
    expect(second.metadata.continue).toBeUndefined()
  })

  test('by a token that is none are 400, and never lead elsewhere', async () => {
    expect((await cluster.get(`${configMaps}?limit=5&continue=xyz`)).status).toBe(400)
    const forged = btoa(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 5, start: '../../secrets/x' }))
    expect((await cluster.get(`${configMaps}?limit=5&continue=${encodeURIComponent(forged)}`)).status).toBe(400)
  })
})

describe('resourceVersion', () => {
  test('Exact is the state of then, NotOlderThan one that is at least so new', async () => {
    const before = (await cluster.get(configMaps)).json
    const version = before.metadata.resourceVersion
    await cluster.post(configMaps, configMap('later'))
    const exact = (await cluster.get(`${configMaps}?resourceVersion=${version}&resourceVersionMatch=Exact`)).json
    expect(exact.metadata.resourceVersion).toBe(version)
    expect(names(exact)).toEqual(names(before))
    const newer = (await cluster.get(`${configMaps}?resourceVersion=${version}&resourceVersionMatch=NotOlderThan`)).json
    expect(names(newer)).toContain('later')
    await cluster.delete(`${configMaps}/later`)
  })

  test('of the future is 504, of no number 422, and a match needs one', async () => {
    const future = await cluster.get(`${configMaps}?resourceVersion=99999999`)
    expect(future.status).toBe(504)
    expect(future.json.message).toMatch(/^Timeout: Too large resource version: 99999999, current: \d+$/)
    expect((await cluster.get(`${configMaps}?resourceVersion=x`)).status).toBe(422)
    const alone = await cluster.get(`${configMaps}?resourceVersionMatch=Exact`)
    expect(alone.json.message).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    )
  })
})

describe('as a Table', () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

  test('a list has columns and one row of cells per object', async () => {
    const { json } = await cluster.get(pods, { accept })
    expect(json).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
    const columns = json.columnDefinitions.map(({ name }: { name: string }) => name)
    expect(columns.slice(0, 5)).toEqual(['Name', 'Ready', 'Status', 'Restarts', 'Age'])
    expect(json.rows[0].cells.slice(0, 3)).toEqual(['p1', '0/1', 'Pending'])
    expect(json.rows[0].object).toMatchObject({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'p1' },
    })
    const again = await cluster.get(pods, { accept })
    expect(again.json.rows.length).toBe(2)
  })

  test('one object is one row, and includeObject says what comes along', async () => {
    const one = (await cluster.get(`${pods}/p1?includeObject=None`, { accept })).json
    expect(one.rows).toHaveLength(1)
    expect(one.rows[0].object).toBeNull()
    const whole = (await cluster.get(`${pods}?includeObject=Object`, { accept })).json
    expect(whole.rows[0].object.kind).toBe('Pod')
    expect((await cluster.get(`${pods}?includeObject=Half`, { accept })).status).toBe(400)
  })
})

test('PartialObjectMetadata has metadata and nothing else', async () => {
  const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
  const { json } = await cluster.get(configMaps, { accept })
  expect(json.kind).toBe('PartialObjectMetadataList')
  expect(Object.keys(json.items[0]).sort()).toEqual(['apiVersion', 'kind', 'metadata'])
  const one = await cluster.get(`${configMaps}/c00`, {
    accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  })
  expect(Object.keys(one.json).sort()).toEqual(['apiVersion', 'kind', 'metadata'])
})

test('long lists are compressed for those who accept it', async () => {
  for (let i = 0; i < 10; i++)
    await cluster.post('/api/v1/namespaces/many/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `s${i}` },
      stringData: { big: 'x'.repeat(30_000) },
    })
  const { headers, stream } = await cluster.open('GET', '/api/v1/namespaces/many/secrets', undefined, {
    'accept-encoding': 'gzip',
  })
  let bytes = 0
  for await (const chunk of stream) bytes += (chunk as Buffer).length
  expect(headers['content-encoding']).toBe('gzip')
  expect(bytes).toBeLessThan(50_000)
  const short = await cluster.get(configMaps, { 'accept-encoding': 'gzip' })
  expect(short.headers['content-encoding']).toBeUndefined()
})

test('selectors over many objects are answered by an index that follows every write', async () => {
  const secrets = '/api/v1/namespaces/many/secrets'
  const secret = (name: string, color: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { color } },
  })
  const colors = ['red', 'green', 'blue', 'grey']
  await Promise.all(
    Array.from({ length: 1200 }, (_, i) =>
      cluster.post(secrets, secret(`i${String(i).padStart(4, '0')}`, colors[i % 4] ?? '')),
    ),
  )
  const list = async (selector: string) =>
    names((await cluster.get(`${secrets}?labelSelector=${encodeURIComponent(selector)}`)).json)
  const first = await list('color=red')
  expect(first).toHaveLength(300)
  // By now an index may answer; the answers must not differ.
  for (let i = 0; i < 5; i++) expect(await list('color=red')).toEqual(first)
  await cluster.put(`${secrets}/i0001`, secret('i0001', 'red'))
  await cluster.delete(`${secrets}/i0000`)
  await cluster.post(secrets, secret('i0000a', 'red'))
  const second = await list('color=red')
  expect(second.slice(0, 3)).toEqual(['i0000a', 'i0001', 'i0004'])
  expect(second).toHaveLength(301)
  expect(await list('color=green')).not.toContain('i0001')
  expect(await list('color in (blue),color!=red')).toHaveLength(300)
  const page = (await cluster.get(`${secrets}?labelSelector=color%3Dblue&limit=299`)).json
  const rest = (
    await cluster.get(
      `${secrets}?labelSelector=color%3Dblue&limit=299&continue=${encodeURIComponent(page.metadata.continue)}`,
    )
  ).json
  expect([...names(page), ...names(rest)]).toHaveLength(300)
})
