import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../oci/index.ts'
import { errorCodes, type TestRegistry, testRegistry } from '../test-content.ts'

let registry: TestRegistry
let digest: Digest
const text = 'abcdefghijklmnopqrstuvwxyz'.repeat(100)

beforeAll(async () => {
  registry = await testRegistry()
  digest = await registry.pushBlob('app', text)
})
afterAll(() => registry[Symbol.asyncDispose]())

function get(range?: string, more: Record<string, string> = {}): Promise<Response> {
  return registry.fetch(`/v2/app/blobs/${digest}`, { headers: { ...(range ? { Range: range } : {}), ...more } })
}

test('GET gives the bytes and says what they are', async () => {
  const response = await get()
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-length': '2600',
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    etag: `"${digest}"`,
    'docker-distribution-api-version': 'registry/2.0',
  })
  expect(await response.text()).toBe(text)
})

test('HEAD gives the same headers and no body', async () => {
  const response = await registry.fetch(`/v2/app/blobs/${digest}`, { method: 'HEAD' })
  expect([
    response.status,
    response.headers.get('Content-Length'),
    response.headers.get('Docker-Content-Digest'),
  ]).toEqual([200, '2600', digest])
  expect(await response.text()).toBe('')
})

test.each([
  ['bytes=500-1499', 500, 1500],
  ['bytes=2000-', 2000, 2600],
  ['bytes=-100', 2500, 2600],
  ['bytes=2590-5000', 2590, 2600],
  ['bytes=-5000', 0, 2600],
  ['bytes=0-0', 0, 1],
])('Range: %s gives that part', async (range, start, end) => {
  const response = await get(range)
  expect([response.status, response.headers.get('Content-Range'), response.headers.get('Content-Length')]).toEqual([
    206,
    `bytes ${start}-${end - 1}/2600`,
    String(end - start),
  ])
  expect(await response.text()).toBe(text.slice(start, end))
})

test.each(['bytes=2600-', 'bytes=5000-10000', 'bytes=500-0', 'bytes=-0'])(
  'Range: %s holds no byte: 416',
  async (range) => {
    const response = await get(range)
    expect([response.status, response.headers.get('Content-Range'), await errorCodes(response)]).toEqual([
      416,
      'bytes */2600',
      ['RANGE_INVALID'],
    ])
  },
)

test.each(['lines=1-2', 'bytes=a-b', 'bytes=0-1,4-5', 'bytes=-'])(
  'Range: %s is not understood: the whole blob',
  async (range) => {
    const response = await get(range)
    expect([response.status, (await response.text()).length]).toEqual([200, 2600])
  },
)

test('a range of something else than asked for (If-Range) is the whole blob; what is known (If-None-Match) is not sent', async () => {
  expect((await get('bytes=0-1', { 'If-Range': '"sha256:other"' })).status).toBe(200)
  expect((await get('bytes=0-1', { 'If-Range': `"${digest}"` })).status).toBe(206)
  expect((await get(undefined, { 'If-None-Match': `"${digest}"` })).status).toBe(304)
})

test('an unknown blob, and a blob of another repository, is BLOB_UNKNOWN', async () => {
  for (const path of [`/v2/app/blobs/${digestOf('unknown')}`, `/v2/other/blobs/${digest}`]) {
    const response = await registry.fetch(path)
    expect([response.status, await errorCodes(response)]).toEqual([404, ['BLOB_UNKNOWN']])
    expect((await registry.fetch(path, { method: 'HEAD' })).status).toBe(404)
  }
})

test('DELETE unlinks it from this repository alone, at once', async () => {
  const shared = await registry.pushBlob('one', 'shared by two')
  await registry.pushBlob('two', 'shared by two')
  expect((await registry.fetch(`/v2/one/blobs/${shared}`, { method: 'DELETE' })).status).toBe(202)
  expect((await registry.fetch(`/v2/one/blobs/${shared}`)).status).toBe(404)
  expect((await registry.fetch(`/v2/one/blobs/${shared}`, { method: 'DELETE' })).status).toBe(404)
  expect(await (await registry.fetch(`/v2/two/blobs/${shared}`)).text()).toBe('shared by two')
})

test('a blob lives as long as a repository links to it, whatever the content store collects', async () => {
  const kept = await registry.pushBlob('app', 'linked')
  const dropped = await registry.pushBlob('app', 'unlinked soon')
  await registry.fetch(`/v2/app/blobs/${dropped}`, { method: 'DELETE' })
  await registry.content.collectGarbage()
  expect((await registry.fetch(`/v2/app/blobs/${kept}`)).status).toBe(200)
  expect(await registry.content.blobs.has(dropped)).toBe(false)
})
