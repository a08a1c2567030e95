import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Digest, digestOf, mediaTypes } from '../../oci/index.ts'
import { errorCodes, pushImage, putManifest, type TestRegistry, testRegistry } from '../test-content.ts'

let registry: TestRegistry
const tags = ['Z', '_x', 'a', 'b.1', 'b2', 'latest']

beforeAll(async () => {
  registry = await testRegistry()
  const { bytes } = await pushImage(registry, 'tagged', 'latest')
  for (const tag of ['b2', 'a', 'Z', 'b.1', '_x']) await putManifest(registry, 'tagged', tag, bytes)
})
afterAll(() => registry[Symbol.asyncDispose]())

async function list(query = ''): Promise<{ tags: string[]; link: string | null }> {
  const response = await registry.fetch(`/v2/tagged/tags/list${query}`)
  expect(response.status).toBe(200)
  return { tags: ((await response.json()) as { tags: string[] }).tags, link: response.headers.get('Link') }
}

test('tags are listed in the order of their bytes', async () => {
  expect(await list()).toEqual({ tags: tags, link: null })
})

test('n limits the page, and Link leads through all of them', async () => {
  const seen: string[] = []
  let query: string | undefined = '?n=2'
  while (query !== undefined) {
    const page: { tags: string[]; link: string | null } = await list(query)
    seen.push(...page.tags)
    query = /\?[^>]+/.exec(page.link ?? '')?.[0]
  }
  expect(seen).toEqual(tags)
})

test('last begins after a tag, whether that tag is there or not; n=0 is an empty list without Link', async () => {
  expect((await list('?last=b.1')).tags).toEqual(['b2', 'latest'])
  expect((await list('?n=1&last=b')).tags).toEqual(['b.1'])
  expect(await list('?n=0')).toEqual({ tags: [], link: null })
  expect((await list('?n=6')).link).toBeNull()
})

test.each(['-1', 'x', '1e3'])('n=%s is refused', async (n) => {
  const response = await registry.fetch(`/v2/tagged/tags/list?n=${n}`)
  expect([response.status, await errorCodes(response)]).toEqual([400, ['PAGINATION_NUMBER_INVALID']])
})

test('tags of an unknown repository: NAME_UNKNOWN', async () => {
  const response = await registry.fetch('/v2/unknown/tags/list')
  expect([response.status, await errorCodes(response)]).toEqual([404, ['NAME_UNKNOWN']])
})

test('the catalog lists repositories page by page', async () => {
  await pushImage(registry, 'catalog/b', 'v1')
  await pushImage(registry, 'catalog/a', 'v1')
  expect(await (await registry.fetch('/v2/_catalog')).json()).toEqual({
    repositories: ['catalog/a', 'catalog/b', 'tagged'],
  })
  const first = await registry.fetch('/v2/_catalog?n=1')
  expect([await first.json(), first.headers.get('Link')]).toEqual([
    { repositories: ['catalog/a'] },
    '</v2/_catalog?last=catalog%2Fa&n=1>; rel="next"',
  ])
  expect(registry.registry.repositories()).toEqual(['catalog/a', 'catalog/b', 'tagged'])
})

async function referrers(subject: Digest, query = '') {
  const response = await registry.fetch(`/v2/art/referrers/${subject}${query}`)
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, mediaTypes.ociIndex])
  const index = (await response.json()) as { manifests: { digest: string; artifactType?: string }[] }
  return { index, filters: response.headers.get('OCI-Filters-Applied') }
}

test('referrers are listed with their type and annotations, filtered on request, and go with their manifest', async () => {
  const subject = await pushImage(registry, 'art', 'v1')
  const pointer = { mediaType: mediaTypes.ociManifest, digest: subject.digest, size: subject.bytes.length }
  const sbom = await pushImage(registry, 'art', 'sbom', {
    subject: pointer,
    artifactType: 'application/sbom',
    annotations: { of: 'v1' },
  })
  const signature = await pushImage(registry, 'art', 'signature', { subject: pointer })
  expect(sbom.response.headers.get('OCI-Subject')).toBe(subject.digest)
  const all = await referrers(subject.digest)
  expect(all.filters).toBeNull()
  expect(all.index).toMatchObject({ schemaVersion: 2, mediaType: mediaTypes.ociIndex })
  expect(all.index.manifests.toSorted((a, b) => ((a.artifactType ?? '') < (b.artifactType ?? '') ? -1 : 1))).toEqual([
    {
      mediaType: mediaTypes.ociManifest,
      digest: sbom.digest,
      size: sbom.bytes.length,
      artifactType: 'application/sbom',
      annotations: { of: 'v1' },
    },
    {
      mediaType: mediaTypes.ociManifest,
      digest: signature.digest,
      size: signature.bytes.length,
      artifactType: mediaTypes.ociConfig,
    },
  ])
  const filtered = await referrers(subject.digest, '?artifactType=application/sbom')
  expect([filtered.filters, filtered.index.manifests.map(({ digest }) => digest)]).toEqual([
    'artifactType',
    [sbom.digest],
  ])
  await registry.fetch(`/v2/art/manifests/${sbom.digest}`, { method: 'DELETE' })
  expect((await referrers(subject.digest)).index.manifests.map(({ digest }) => digest)).toEqual([signature.digest])
})

test('a subject may be missing, its referrers are listed all the same; an index may have one', async () => {
  const missing = digestOf('not pushed yet')
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [],
    subject: { mediaType: mediaTypes.ociManifest, digest: missing, size: 3 },
  }
  const put = await putManifest(registry, 'art', 'list', JSON.stringify(index), mediaTypes.ociIndex)
  expect([put.status, put.headers.get('OCI-Subject')]).toEqual([201, missing])
  const { index: found } = await referrers(missing)
  expect(found.manifests).toEqual([
    { mediaType: mediaTypes.ociIndex, digest: digestOf(JSON.stringify(index)), size: JSON.stringify(index).length },
  ])
})

test('no referrers is an empty index, never 404; a bad digest is 400', async () => {
  expect((await referrers(digestOf('nobody refers to this'))).index.manifests).toEqual([])
  expect((await registry.fetch(`/v2/never-seen/referrers/${digestOf('x')}`)).status).toBe(200)
  expect((await registry.fetch('/v2/art/referrers/sha256:short')).status).toBe(400)
})
