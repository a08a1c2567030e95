import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Image, parseNormalizedName } from '../../oci/index.ts'
import type { ImageTransfer, ProgressEvent, RegistryConfiguration } from '../contract.ts'
import { quietLog, type TestContent, type TestRegistry, testContent, testRegistry } from '../test-content.ts'
import { answerBytes, answerJson, type Fault, type FaultyRegistry, faultyRegistry, makeImage } from '../test-images.ts'
import { openImageTransfer } from './image-transfer.ts'

let upstream: TestRegistry
let source: TestContent
let image: Image

beforeAll(async () => {
  upstream = await testRegistry()
  source = await testContent()
  image = await makeImage(source.content, 'app', [{ 'big.bin': randomBytes(2_000_000) }])
  using transfer = openImageTransfer({ content: source.content, log: quietLog() })
  await transfer.push(parseNormalizedName(`127.0.0.1:${upstream.port}/app:v1`), image)
})
afterAll(async () => {
  await upstream[Symbol.asyncDispose]()
  await source[Symbol.asyncDispose]()
})

interface Scene extends AsyncDisposable {
  readonly front: FaultyRegistry
  readonly transfer: ImageTransfer
  readonly target: TestContent
  readonly waits: number[]
  readonly events: ProgressEvent[]
  pull(name?: string): Promise<unknown>
}

/** A client before a registry that is spoilt in some way; waits take no time and are written down. */
async function scene(fault: Fault, configuration: RegistryConfiguration = {}): Promise<Scene> {
  const front = await faultyRegistry(upstream.url, fault)
  const target = await testContent()
  const waits: number[] = []
  const events: ProgressEvent[] = []
  const sleep = async (milliseconds: number) => void waits.push(milliseconds)
  const transfer = openImageTransfer({ content: target.content, log: quietLog(), configuration, sleep })
  return {
    front,
    transfer,
    target,
    waits,
    events,
    pull: (name = `${front.host}/app:v1`) =>
      transfer.pull(parseNormalizedName(name), { onProgress: (event) => events.push(event) }),
    [Symbol.asyncDispose]: async () => {
      transfer[Symbol.dispose]()
      await front[Symbol.asyncDispose]()
      await target[Symbol.asyncDispose]()
    },
  }
}

/** Nothing that a failed pull leaves can be seen. */
async function expectNothingLeft({ target }: Scene): Promise<void> {
  expect(target.content.images.list()).toEqual([])
  expect(target.content.layers.list()).toEqual([])
}

const isBlob = ({ url, method }: IncomingMessage) => method === 'GET' && /\/blobs\/sha256:/.test(url ?? '')
const isLayer = (incoming: IncomingMessage) =>
  isBlob(incoming) && (incoming.url ?? '').includes(image.layers[0]?.digest ?? '-')
const isManifest = ({ url }: IncomingMessage) => /\/manifests\//.test(url ?? '')

function error(code: string, message = '', status = 404): Fault {
  return (incoming, response) => isManifest(incoming) && answerJson(response, status, { errors: [{ code, message }] })
}

test.each([
  [
    'MANIFEST_UNKNOWN',
    'manifest unknown',
    404,
    (host: string) => `manifest for ${host}/app:v1 not found: manifest unknown: manifest unknown`,
    404,
  ],
  [
    'NAME_UNKNOWN',
    'repository name not known to registry',
    404,
    (host: string) => `repository ${host}/app not found: name unknown: repository name not known to registry`,
    404,
  ],
  [
    'DENIED',
    '',
    403,
    (host: string) =>
      `pull access denied for ${host}/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
    404,
  ],
  ['UNAUTHORIZED', '', 401, () => 'unauthorized: authentication required', 500],
  [
    'TOOMANYREQUESTS',
    'You have reached your pull rate limit.',
    429,
    () => 'toomanyrequests: You have reached your pull rate limit.',
    500,
  ],
])('%s becomes the sentence that Docker has for it', async (code, message, status, sentence, statusCode) => {
  await using it = await scene(error(code, message, status))
  await expect(it.pull()).rejects.toMatchObject({ name: 'TransferError', message: sentence(it.front.host), statusCode })
  await expectNothingLeft(it)
})

test("a token server's insufficient_scope is access denied, as Docker Hub answers for a name that it does not have", async () => {
  const challenge = {
    'WWW-Authenticate': 'Bearer realm="http://127.0.0.1:1/token",service="x",error="insufficient_scope"',
  }
  await using it = await scene((incoming, response) => {
    if (/token/.test(incoming.url ?? '')) return answerJson(response, 200, { token: 't' })
    challenge['WWW-Authenticate'] =
      `Bearer realm="http://${incoming.headers.host}/token",service="x",error="insufficient_scope"`
    return (
      isManifest(incoming) &&
      answerJson(response, 401, { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }, challenge)
    )
  })
  await expect(it.pull()).rejects.toThrow(
    `pull access denied for ${it.front.host}/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
  )
})

test('a server error is retried with growing waits, then told', async () => {
  await using it = await scene((incoming, response) => isManifest(incoming) && answerBytes(response, 500, 'oops'))
  await expect(it.pull()).rejects.toMatchObject({
    message: 'received unexpected HTTP status: 500 Internal Server Error',
    kind: 'unavailable',
  })
  expect(it.waits.length).toBe(3)
  await expectNothingLeft(it)
})

test('429 waits as long as Retry-After says, and the pull then succeeds', async () => {
  let left = 2
  await using it = await scene((incoming, response) => {
    if (!isManifest(incoming) || left-- <= 0) return false
    return answerJson(
      response,
      429,
      { errors: [{ code: 'TOOMANYREQUESTS', message: 'slow down' }] },
      { 'Retry-After': '7' },
    )
  })
  await it.pull()
  expect(it.waits).toEqual([7000, 7000])
})

/** Passes the beginning of a blob, then breaks the line. */
function cutAfter(bytes: number, incoming: IncomingMessage, response: ServerResponse): true {
  const onward = request(new URL(incoming.url ?? '/', upstream.url), { headers: incoming.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    let sent = 0
    answer.on('data', (chunk: Buffer) => {
      const room = Math.max(0, bytes - sent)
      sent += chunk.length
      response.write(chunk.subarray(0, room), () => {
        if (sent >= bytes) response.destroy()
      })
    })
  })
  onward.on('error', () => response.destroy())
  onward.end()
  return true
}

test('half a body: the download goes on from where it broke', async () => {
  const ranges: (string | undefined)[] = []
  await using it = await scene((incoming, response) => {
    if (!isLayer(incoming)) return false
    ranges.push(incoming.headers.range)
    return ranges.length <= 2 && cutAfter(500_000, incoming, response)
  })
  expect(await it.pull()).toMatchObject({ image: { id: image.id } })
  expect(ranges[0]).toBeUndefined()
  expect(ranges.slice(1).map((range) => /^bytes=[1-9]\d+-$/.test(range ?? ''))).toEqual([true, true])
  expect(it.events.some(({ status }) => /^Retrying in \d+ seconds?$/.test(status ?? ''))).toBe(true)
})

test('a registry that cannot resume is read again from the start', async () => {
  let tries = 0
  await using it = await scene((incoming, response) => {
    if (!isLayer(incoming)) return false
    delete incoming.headers.range
    return tries++ === 0 && cutAfter(500_000, incoming, response)
  })
  expect(await it.pull()).toMatchObject({ image: { id: image.id } })
})

test('a line that breaks every time: the pull fails, and the next one goes on from there', async () => {
  let isBroken = true
  const ranges: (string | undefined)[] = []
  await using it = await scene((incoming, response) => {
    if (!isLayer(incoming)) return false
    ranges.push(incoming.headers.range)
    return isBroken && cutAfter(100_000, incoming, response)
  })
  await expect(it.pull()).rejects.toMatchObject({
    name: 'TransferError',
    message: expect.stringMatching(/^Get ".*": EOF$/),
  })
  expect(ranges.length).toBe(5)
  await expectNothingLeft(it)
  isBroken = false
  expect(await it.pull()).toMatchObject({ image: { id: image.id } })
  expect(ranges.at(-1)).toMatch(/^bytes=[1-9]/)
})

test('a wrong digest is refused and leaves nothing', async () => {
  const layer = image.layers[0]
  await using it = await scene(
    (incoming, response) =>
      isLayer(incoming) &&
      answerBytes(response, 200, Buffer.alloc(layer?.size ?? 0), { 'Content-Length': String(layer?.size) }),
  )
  await expect(it.pull()).rejects.toMatchObject({
    message: `filesystem layer verification failed for digest ${layer?.digest}`,
  })
  await expectNothingLeft(it)
  expect(it.target.content.blobs.ingests()).toEqual([])
})

test('more bytes than the manifest says are refused', async () => {
  await using it = await scene(
    (incoming, response) => isLayer(incoming) && answerBytes(response, 200, Buffer.alloc(3_000_000)),
  )
  await expect(it.pull()).rejects.toThrow(`filesystem layer verification failed for digest ${image.layers[0]?.digest}`)
})

test.each([
  [
    'HTML in place of a manifest',
    200,
    'text/html',
    '<html>portal</html>',
    'unsupported manifest media type and no default available: text/html',
  ],
  [
    'a refusal in HTML',
    404,
    'text/html',
    '<html>no</html>',
    `error parsing HTTP 404 response body: invalid character '<' looking for beginning of value: "<html>no</html>"`,
  ],
  [
    'a refusal without errors',
    404,
    'application/json',
    '{}',
    'error parsing HTTP 404 response body: no error details found in HTTP response body: "{}"',
  ],
  [
    'a refusal without body',
    404,
    'application/json',
    '',
    'error parsing HTTP 404 response body: unexpected end of JSON input: ""',
  ],
])('%s is told and leaves nothing', async (_what, status, type, body, message) => {
  await using it = await scene(
    (incoming, response) => isManifest(incoming) && answerBytes(response, status, body, { 'Content-Type': type }),
  )
  await expect(it.pull()).rejects.toMatchObject({ name: 'TransferError', message })
  await expectNothingLeft(it)
})

test.each([
  '{',
  '[]',
  '{"schemaVersion":2}',
  '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"../../etc/passwd"},"layers":[]}',
  `{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:${'0'.repeat(64)}","size":-1},"layers":7}`,
])('the garbage manifest %s is refused', async (body) => {
  await using it = await scene(
    (incoming, response) =>
      isManifest(incoming) &&
      answerBytes(response, 200, body, { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' }),
  )
  await expect(it.pull()).rejects.toMatchObject({ name: 'TransferError' })
  await expectNothingLeft(it)
})

test('a manifest that is not the one of its digest is refused', async () => {
  await using it = await scene(
    (incoming, response) =>
      isManifest(incoming) &&
      answerBytes(response, 200, '{}', { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' }),
  )
  await expect(it.pull(`${it.front.host}/app@${image.manifest.digest}`)).rejects.toThrow(
    `manifest verification failed for digest ${image.manifest.digest}`,
  )
})

test('nobody at the address, or no such host: told as Go tells it', async () => {
  await using it = await scene(() => false)
  await expect(it.pull('127.0.0.1:1/app')).rejects.toMatchObject({
    message: 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    kind: 'unreachable',
    statusCode: 500,
  })
  await expect(it.pull('registry.invalid/app')).rejects.toThrow(
    /^Get "https:\/\/registry\.invalid\/v2\/": dial tcp: lookup registry\.invalid: /,
  )
})

const broken: Fault = (_incoming, response) => {
  response.destroy()
  return true
}

/** Docker Hub and a mirror of it; both have app:v1 where nothing is spoilt. */
async function mirrored(fault: Fault) {
  const official: Fault = (incoming) => {
    incoming.url = incoming.url?.replace('/v2/library/', '/v2/') ?? '/'
    return false
  }
  const hub = await faultyRegistry(upstream.url, official)
  const mirror = await faultyRegistry(
    upstream.url,
    (incoming, response) => fault(incoming, response) || official(incoming, response),
  )
  const it = await scene(() => false, { mirrors: [mirror.url], endpoints: { 'docker.io': hub.url } })
  return { hub, mirror, it }
}

test('a mirror is asked first, and Docker Hub not at all where the mirror has it', async () => {
  const { hub, mirror, it } = await mirrored(() => false)
  await using _all = new AsyncDisposableStack()
  for (const one of [hub, mirror, it]) _all.use(one)
  expect(await it.pull('app:v1')).toMatchObject({ image: { id: image.id, tags: ['app:v1'] } })
  expect(hub.seen).toEqual([])
})

test.each([
  ['does not have it', error('MANIFEST_UNKNOWN')],
  ['refuses', error('DENIED', '', 403)],
  ['hangs up', broken],
])('a mirror that %s is passed over', async (_what, fault) => {
  const { hub, mirror, it } = await mirrored(fault)
  await using _all = new AsyncDisposableStack()
  for (const one of [hub, mirror, it]) _all.use(one)
  expect(await it.pull('app:v1')).toMatchObject({ image: { id: image.id } })
  expect(hub.seen.length).toBeGreaterThan(0)
})

test('a push to a registry that breaks in the middle is tried again; one that refuses is told', async () => {
  let left = 1
  await using front = await faultyRegistry(upstream.url, (incoming, response) => {
    if (incoming.method !== 'PUT' || !/uploads/.test(incoming.url ?? '') || left-- <= 0) return false
    incoming.once('data', () => response.destroy())
    return true
  })
  using transfer = openImageTransfer({ content: source.content, log: quietLog(), sleep: async () => undefined })
  await transfer.push(parseNormalizedName(`${front.host}/pushed/again:v1`), image)
  expect((await upstream.fetch('/v2/pushed/again/manifests/v1')).status).toBe(200)
  front.fault = (incoming, response) =>
    incoming.method === 'POST' && answerJson(response, 403, { errors: [{ code: 'DENIED', message: '' }] })
  await expect(transfer.push(parseNormalizedName(`${front.host}/refused:v1`), image)).rejects.toMatchObject({
    message: 'denied: requested access to the resource is denied',
    kind: 'forbidden',
  })
})
