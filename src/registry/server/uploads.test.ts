import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { digestOf } from '../../oci/index.ts'
import { errorCodes, type TestRegistry, testRegistry } from '../test-content.ts'

let registry: TestRegistry
beforeAll(async () => {
  registry = await testRegistry()
})
afterAll(() => registry[Symbol.asyncDispose]())

async function begin(name: string, query = ''): Promise<string> {
  const response = await registry.fetch(`/v2/${name}/blobs/uploads/${query}`, { method: 'POST' })
  expect(response.status).toBe(202)
  expect(response.headers.get('Range')).toBe('0-0')
  expect(response.headers.get('Docker-Upload-UUID')).toMatch(/^[0-9a-f-]{36}$/)
  return response.headers.get('Location') ?? ''
}

function patch(location: string, bytes: string, range?: string): Promise<Response> {
  const headers = { 'Content-Type': 'application/octet-stream', ...(range ? { 'Content-Range': range } : {}) }
  return registry.fetch(location, { method: 'PATCH', headers, body: bytes })
}

function put(location: string, digest: string, bytes = '', range?: string): Promise<Response> {
  const headers = range ? { 'Content-Range': range } : {}
  return registry.fetch(`${location}?digest=${digest}`, { method: 'PUT', headers, body: bytes })
}

async function content(location: string | null): Promise<string> {
  const response = await registry.fetch(location ?? '')
  expect(response.status).toBe(200)
  return response.text()
}

test('a blob is sent in one POST', async () => {
  const digest = digestOf('all at once')
  const response = await registry.fetch(`/v2/app/blobs/uploads/?digest=${digest}`, {
    method: 'POST',
    body: 'all at once',
  })
  expect(response.status).toBe(201)
  expect(response.headers.get('Docker-Content-Digest')).toBe(digest)
  expect(await content(response.headers.get('Location'))).toBe('all at once')
})

test('a blob is sent with POST, then PUT', async () => {
  const digest = digestOf('post then put')
  const response = await put(await begin('app'), digest, 'post then put')
  expect(response.status).toBe(201)
  expect(await content(response.headers.get('Location'))).toBe('post then put')
})

test('an empty blob is a blob', async () => {
  const digest = digestOf('')
  expect((await put(await begin('app'), digest)).status).toBe(201)
  expect((await registry.fetch(`/v2/app/blobs/${digest}`)).headers.get('Content-Length')).toBe('0')
})

test('chunks in order are put together', async () => {
  const location = await begin('app')
  const first = await patch(location, 'hello ', '0-5')
  expect([first.status, first.headers.get('Range'), first.headers.get('Location')]).toEqual([202, '0-5', location])
  expect((await patch(location, 'there ', '6-11')).headers.get('Range')).toBe('0-11')
  const last = await put(location, digestOf('hello there you'), 'you', '12-14')
  expect(last.status).toBe(201)
  expect(await content(last.headers.get('Location'))).toBe('hello there you')
})

test('a chunk out of order is refused with 416, and the upload goes on where it was', async () => {
  const location = await begin('app')
  await patch(location, 'hello ', '0-5')
  for (const [bytes, range] of [
    ['there', '7-11'],
    ['hello ', '0-5'],
    ['ello ', '1-5'],
  ] as const) {
    const refused = await patch(location, bytes, range)
    expect([refused.status, refused.headers.get('Range')]).toEqual([416, '0-5'])
    expect(await errorCodes(refused)).toEqual(['RANGE_INVALID'])
  }
  const skipped = await put(location, digestOf('hello there'), 'here', '8-11')
  expect(skipped.status).toBe(416)
  const status = await registry.fetch(location)
  expect([status.status, status.headers.get('Range')]).toEqual([204, '0-5'])
  await patch(location, 'there', '6-10')
  expect((await put(location, digestOf('hello there'))).status).toBe(201)
})

test('a malformed range, or one that is not the length of the chunk, is refused', async () => {
  const location = await begin('app')
  expect((await patch(location, 'hello', 'five bytes')).status).toBe(416)
  expect((await patch(location, 'hello', '4-0')).status).toBe(416)
  const wrongLength = await patch(location, 'hello', '0-9')
  expect(wrongLength.status).toBe(400)
  expect(await errorCodes(wrongLength)).toEqual(['SIZE_INVALID'])
})

test('a stream of unknown length is one chunk without a range', async () => {
  const location = await begin('app')
  const parts = ['streamed ', 'in ', 'parts']
  const body = new ReadableStream({
    pull(controller) {
      const part = parts.shift()
      if (part === undefined) controller.close()
      else controller.enqueue(new TextEncoder().encode(part))
    },
  })
  const streamed = await registry.fetch(location, { method: 'PATCH', body, duplex: 'half' })
  expect([streamed.status, streamed.headers.get('Range')]).toEqual([202, '0-16'])
  expect((await put(location, digestOf('streamed in parts'))).status).toBe(201)
})

test('what arrived before a client hung up is kept, and another request goes on from there', async () => {
  const location = await begin('app')
  await new Promise<void>((resolve) => {
    const half = request(`${registry.url}${location}`, { method: 'PATCH', headers: { 'Content-Length': 11 } })
    half.on('error', () => resolve())
    half.write('hello ', () => setTimeout(() => half.destroy(), 50))
    half.on('close', () => resolve())
  })
  await expect.poll(async () => (await registry.fetch(location)).headers.get('Range'), { timeout: 2000 }).toBe('0-5')
  await expect.poll(async () => (await patch(location, 'there', '6-10')).status, { timeout: 2000 }).toBe(202)
  expect((await put(location, digestOf('hello there'))).status).toBe(201)
})

test('a wrong digest is refused, ends the upload and leaves no blob', async () => {
  const location = await begin('app')
  const wrong = digestOf('something else')
  const response = await put(location, wrong, 'what came')
  expect(response.status).toBe(400)
  expect(await errorCodes(response)).toEqual(['DIGEST_INVALID'])
  expect((await registry.fetch(location)).status).toBe(404)
  for (const digest of [wrong, digestOf('what came')])
    expect((await registry.fetch(`/v2/app/blobs/${digest}`)).status).toBe(404)
  const atOnce = await registry.fetch(`/v2/app/blobs/uploads/?digest=${wrong}`, { method: 'POST', body: 'what came' })
  expect([atOnce.status, await errorCodes(atOnce)]).toEqual([400, ['DIGEST_INVALID']])
})

test.each(['', 'sha256:short', 'md5:d41d8cd98f00b204e9800998ecf8427e', 'sha256'])(
  'the digest "%s" is refused',
  async (digest) => {
    const response = await put(await begin('app'), digest, 'bytes')
    expect([response.status, await errorCodes(response)]).toEqual([400, ['DIGEST_INVALID']])
  },
)

test('sha512 is as good as sha256, whether told before or only at the end', async () => {
  const digest = digestOf('five hundred and twelve', 'sha512')
  for (const query of ['?digest-algorithm=sha512', '']) {
    const response = await put(await begin('wide', query), digest, 'five hundred and twelve')
    expect(response.status).toBe(201)
    expect(await content(response.headers.get('Location'))).toBe('five hundred and twelve')
  }
  const unknown = await registry.fetch('/v2/wide/blobs/uploads/?digest-algorithm=md5', { method: 'POST' })
  expect([unknown.status, await errorCodes(unknown)]).toEqual([400, ['DIGEST_INVALID']])
})

test('a cancelled upload is gone', async () => {
  const location = await begin('app')
  await patch(location, 'never mind')
  expect((await registry.fetch(location, { method: 'DELETE' })).status).toBe(204)
  const after = await patch(location, 'more')
  expect([after.status, await errorCodes(after)]).toEqual([404, ['BLOB_UPLOAD_UNKNOWN']])
})

test('an upload belongs to its repository', async () => {
  const location = (await begin('app')).replace('/v2/app/', '/v2/other/')
  expect(await errorCodes(await patch(location, 'x'))).toEqual(['BLOB_UPLOAD_UNKNOWN'])
  expect((await registry.fetch('/v2/app/blobs/uploads/not-an-upload')).status).toBe(404)
})

test('a blob is mounted from another repository, named or not', async () => {
  const digest = await registry.pushBlob('source/app', 'to be mounted')
  for (const [name, query] of [
    ['target/one', `mount=${digest}&from=source/app`],
    ['target/two', `mount=${digest}`],
  ]) {
    const response = await registry.fetch(`/v2/${name}/blobs/uploads/?${query}`, { method: 'POST' })
    expect([response.status, response.headers.get('Location')]).toEqual([201, `/v2/${name}/blobs/${digest}`])
    expect(await content(`/v2/${name}/blobs/${digest}`)).toBe('to be mounted')
  }
})

test('a mount that cannot be is an upload that begins', async () => {
  const missing = digestOf('nobody has this')
  const here = await registry.pushBlob('source/app', 'only in source/app')
  for (const query of [`mount=${missing}&from=source/app`, `mount=${missing}`, `mount=${here}&from=empty/app`]) {
    const response = await registry.fetch(`/v2/target/app/blobs/uploads/?${query}`, { method: 'POST' })
    expect(response.status).toBe(202)
    expect(response.headers.get('Location')).toMatch(/^\/v2\/target\/app\/blobs\/uploads\//)
  }
})

test('a blob of the content store that no repository links to is not served, nor mounted', async () => {
  const { digest } = await registry.content.blobs.put("the engine's own")
  expect((await registry.fetch(`/v2/app/blobs/${digest}`)).status).toBe(404)
  expect((await registry.fetch(`/v2/app/blobs/uploads/?mount=${digest}`, { method: 'POST' })).status).toBe(202)
})

test('sixty uploads at once do not mix', async () => {
  const texts = Array.from({ length: 60 }, (_, index) => `upload number ${index} `.repeat(1000))
  const statuses = await Promise.all(
    texts.map(async (text) => (await put(await begin('many'), digestOf(text), text)).status),
  )
  expect(new Set(statuses)).toEqual(new Set([201]))
  for (const text of texts) expect(await content(`/v2/many/blobs/${digestOf(text)}`)).toBe(text)
})
