import { afterAll, beforeAll, expect, test } from 'vitest'
import { digestOf, mediaTypes } from '../../oci/index.ts'
import { errorCodes, pushImage, putManifest, type TestRegistry, testRegistry } from '../test-content.ts'
import { largestManifest } from './manifests.ts'

let registry: TestRegistry
beforeAll(async () => {
  registry = await testRegistry()
})
afterAll(() => registry[Symbol.asyncDispose]())

test('a manifest is read back byte for byte, by tag and by digest', async () => {
  const { digest, bytes, response } = await pushImage(registry, 'app', 'v1')
  expect([response.status, response.headers.get('Location'), response.headers.get('Docker-Content-Digest')]).toEqual([
    201,
    `/v2/app/manifests/${digest}`,
    digest,
  ])
  for (const reference of ['v1', digest]) {
    const got = await registry.fetch(`/v2/app/manifests/${reference}`)
    expect([got.status, got.headers.get('Content-Type'), got.headers.get('Docker-Content-Digest')]).toEqual([
      200,
      mediaTypes.ociManifest,
      digest,
    ])
    expect(Buffer.from(await got.arrayBuffer())).toEqual(bytes)
    const head = await registry.fetch(`/v2/app/manifests/${reference}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('Content-Length'), await head.text()]).toEqual([
      200,
      String(bytes.length),
      '',
    ])
  }
  const known = await registry.fetch('/v2/app/manifests/v1', { headers: { 'If-None-Match': `"${digest}"` } })
  expect(known.status).toBe(304)
})

test('a tag moves; what it pointed to stays under its digest', async () => {
  const first = await pushImage(registry, 'moving', 'latest')
  const second = await pushImage(registry, 'moving', 'latest', { annotations: { build: '2' } })
  expect((await registry.fetch('/v2/moving/manifests/latest')).headers.get('Docker-Content-Digest')).toBe(second.digest)
  expect((await registry.fetch(`/v2/moving/manifests/${first.digest}`)).status).toBe(200)
})

test('Docker media types and indexes are taken; the type is told as it was sent', async () => {
  const { config, layer, digest } = await pushImage(registry, 'docker', 'oci')
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifest,
    config: { mediaType: mediaTypes.dockerConfig, digest: config, size: 1 },
    layers: [{ mediaType: mediaTypes.dockerLayerGzip, digest: layer, size: 1 }],
  })
  expect((await putManifest(registry, 'docker', 'v2s2', manifest, mediaTypes.dockerManifest)).status).toBe(201)
  const list = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifestList,
    manifests: [
      { mediaType: mediaTypes.ociManifest, digest, size: 1, platform: { os: 'linux', architecture: 'amd64' } },
    ],
  })
  expect(
    (await putManifest(registry, 'docker', 'list', list, `${mediaTypes.dockerManifestList}; charset=utf-8`)).status,
  ).toBe(201)
  expect((await registry.fetch('/v2/docker/manifests/list')).headers.get('Content-Type')).toBe(
    mediaTypes.dockerManifestList,
  )
})

test('pushed by digest: the digest is checked, and tags may come along', async () => {
  const { bytes } = await pushImage(registry, 'by-digest', 'seed', { annotations: { by: 'digest' } })
  const wrong = await putManifest(registry, 'by-digest', digestOf('other'), bytes)
  expect([wrong.status, await errorCodes(wrong)]).toEqual([400, ['DIGEST_INVALID']])
  const wide = digestOf(bytes, 'sha512')
  const tagged = await putManifest(registry, 'by-digest', `${wide}?tag=1.2&tag=latest`, bytes)
  expect([tagged.status, tagged.headers.get('OCI-Tag')]).toEqual([201, '1.2, latest'])
  expect((await registry.fetch('/v2/by-digest/manifests/1.2')).headers.get('Docker-Content-Digest')).toBe(wide)
  expect((await putManifest(registry, 'by-digest', `${wide}?tag=not%20a%20tag`, bytes)).status).toBe(400)
})

test('a manifest that refers to what the repository does not have is refused, each missing blob told', async () => {
  const { config } = await pushImage(registry, 'whole', 'v1')
  const missing = [digestOf('missing one'), digestOf('missing two')]
  const manifest = JSON.stringify({
    schemaVersion: 2,
    config: { mediaType: mediaTypes.ociConfig, digest: config, size: 1 },
    layers: missing.map((digest) => ({ mediaType: mediaTypes.ociLayer, digest, size: 1 })),
  })
  const refused = await putManifest(registry, 'whole', 'half', manifest)
  expect(refused.status).toBe(400)
  const { errors } = (await refused.json()) as { errors: unknown[] }
  expect(errors).toEqual(
    missing.map((digest) => ({
      code: 'MANIFEST_BLOB_UNKNOWN',
      message: 'blob unknown to registry',
      detail: { digest },
    })),
  )
  expect((await registry.fetch('/v2/whole/manifests/half')).status).toBe(404)
  const index = JSON.stringify({
    schemaVersion: 2,
    manifests: [{ mediaType: mediaTypes.ociManifest, digest: missing[0], size: 1 }],
  })
  expect(await errorCodes(await putManifest(registry, 'whole', 'index', index, mediaTypes.ociIndex))).toEqual([
    'MANIFEST_BLOB_UNKNOWN',
  ])
})

test('foreign layers and layers with urls need not be here', async () => {
  const { config } = await pushImage(registry, 'foreign', 'v1')
  const layers = [
    { mediaType: mediaTypes.ociForeignLayerGzip, digest: digestOf('foreign'), size: 7 },
    { mediaType: mediaTypes.ociLayer, digest: digestOf('elsewhere'), size: 9, urls: ['https://example.com/layer'] },
  ]
  const manifest = JSON.stringify({
    schemaVersion: 2,
    config: { mediaType: mediaTypes.ociConfig, digest: config, size: 1 },
    layers,
  })
  expect((await putManifest(registry, 'foreign', 'v2', manifest)).status).toBe(201)
})

test.each([
  ['no JSON', 'not json', mediaTypes.ociManifest],
  ['JSON that is no object', '[]', mediaTypes.ociManifest],
  ['another schema version', '{"schemaVersion":1}', mediaTypes.ociManifest],
  [
    'a type that is not the one sent',
    `{"schemaVersion":2,"mediaType":"${mediaTypes.ociIndex}"}`,
    mediaTypes.ociManifest,
  ],
  ['no configuration', '{"schemaVersion":2,"layers":[]}', mediaTypes.ociManifest],
  ['an index that is a manifest too', '{"schemaVersion":2,"manifests":[],"layers":[]}', mediaTypes.ociIndex],
  [
    'a bad digest inside',
    '{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":"../../etc","size":1}]}',
    mediaTypes.ociIndex,
  ],
  ['an unknown type', '{"schemaVersion":2}', 'application/vnd.example+json'],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), mediaTypes.ociManifest],
])('%s is MANIFEST_INVALID', async (_what, body, type) => {
  const response = await putManifest(registry, 'bad', 'v1', body, type)
  expect([response.status, await errorCodes(response)]).toEqual([400, ['MANIFEST_INVALID']])
})

test('a manifest of four megabytes is taken, a larger one is 413', async () => {
  const { config } = await pushImage(registry, 'large', 'v1')
  const sized = (size: number) => {
    const manifest = {
      schemaVersion: 2,
      config: { mediaType: mediaTypes.ociConfig, digest: config, size: 1 },
      layers: [],
      annotations: { fill: '' },
    }
    manifest.annotations.fill = 'x'.repeat(size - JSON.stringify(manifest).length)
    return JSON.stringify(manifest)
  }
  expect((await putManifest(registry, 'large', 'fits', sized(largestManifest))).status).toBe(201)
  expect((await putManifest(registry, 'large', 'too-large', sized(largestManifest + 1))).status).toBe(413)
})

test('an unknown tag or digest is MANIFEST_UNKNOWN, with the sentence that the docker command shows', async () => {
  for (const reference of ['nothing', digestOf('nothing')]) {
    const response = await registry.fetch(`/v2/app/manifests/${reference}`)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] })
  }
})

test('deleting a tag leaves the manifest; deleting a manifest takes its tags', async () => {
  const { digest, bytes } = await pushImage(registry, 'gone', 'one')
  await putManifest(registry, 'gone', 'two', bytes)
  expect((await registry.fetch('/v2/gone/manifests/one', { method: 'DELETE' })).status).toBe(202)
  expect((await registry.fetch('/v2/gone/manifests/one')).status).toBe(404)
  expect((await registry.fetch('/v2/gone/manifests/one', { method: 'DELETE' })).status).toBe(404)
  expect((await registry.fetch(`/v2/gone/manifests/${digest}`)).status).toBe(200)
  expect((await registry.fetch(`/v2/gone/manifests/${digest}`, { method: 'DELETE' })).status).toBe(202)
  expect((await registry.fetch('/v2/gone/manifests/two')).status).toBe(404)
  expect(await (await registry.fetch('/v2/gone/tags/list')).json()).toEqual({ name: 'gone', tags: [] })
})
