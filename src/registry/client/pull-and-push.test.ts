import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Image, mediaTypes, parseNormalizedName } from '../../oci/index.ts'
import type { ProgressEvent } from '../contract.ts'
import {
  putManifest,
  quietLog,
  type TestContent,
  type TestRegistry,
  testContent,
  testRegistry,
} from '../test-content.ts'
import { makeImage } from '../test-images.ts'
import { openImageTransfer } from './image-transfer.ts'
import { shortId } from './layer-progress.ts'

let registry: TestRegistry
let source: TestContent
let image: Image
let name: string

beforeAll(async () => {
  registry = await testRegistry()
  source = await testContent()
  name = `127.0.0.1:${registry.port}/team/app`
  image = await makeImage(source.content, `${name}:v1`, [
    { 'etc/base': 'base', 'big.bin': randomBytes(3_000_000) },
    { 'etc/top': 'top' },
  ])
})
afterAll(async () => {
  await registry[Symbol.asyncDispose]()
  await source[Symbol.asyncDispose]()
})

function statuses(events: readonly ProgressEvent[]): string[] {
  const lines = events.map(({ id, status }) => (id === undefined ? `${status}` : `${id}: ${status}`))
  return lines.filter((line, index) => line !== lines[index - 1])
}

test("a push tells what Docker's push tells, and only sends what is not there", async () => {
  using transfer = openImageTransfer({ content: source.content, log: quietLog() })
  const events: ProgressEvent[] = []
  const pushed = await transfer.push(parseNormalizedName(`${name}:v1`), image, {
    onProgress: (event) => events.push(event),
  })
  expect(pushed).toMatchObject({ tag: 'v1', digest: image.manifest.digest, size: image.manifest.size })
  const lines = statuses(events)
  const [base, top] = image.diffIds.map(shortId)
  expect(lines.slice(0, 3)).toEqual([
    `The push refers to repository [${name}]`,
    `${top}: Preparing`,
    `${base}: Preparing`,
  ])
  expect(lines).toContain(`${base}: Pushing`)
  expect(lines).toContain(`${base}: Pushed`)
  expect(lines.at(-2)).toBe(`v1: digest: ${pushed.digest} size: ${pushed.size}`)
  expect(events.at(-1)).toEqual({ progress: {}, aux: { Tag: 'v1', Digest: pushed.digest, Size: pushed.size } })
  const bar = events.filter(({ status }) => status === 'Pushing').at(-1)
  expect(bar?.progress?.current).toBe(bar?.progress?.total)
  expect(source.content.images.get(image.id)?.repoDigests).toEqual([`${name}@${pushed.digest}`])

  events.length = 0
  await transfer.push(parseNormalizedName(`${name}:v2`), image, { onProgress: (event) => events.push(event) })
  expect(statuses(events)).toContain(`${base}: Layer already exists`)
  expect((await (await registry.fetch('/v2/team/app/tags/list')).json()) as object).toEqual({
    name: 'team/app',
    tags: ['v1', 'v2'],
  })

  events.length = 0
  const other = parseNormalizedName(`127.0.0.1:${registry.port}/team/copy`)
  await transfer.push(other, image, { onProgress: (event) => events.push(event) })
  expect(statuses(events)).toContain(`${base}: Mounted from team/app`)
  expect(statuses(events).some((line) => line.startsWith('latest: digest: '))).toBe(true)
})

test("a pull tells what Docker's pull tells, unpacks the layers and records the image", async () => {
  await using target = await testContent()
  using transfer = openImageTransfer({ content: target.content, log: quietLog() })
  const events: ProgressEvent[] = []
  const reference = parseNormalizedName(`${name}:v1`)
  const pulled = await transfer.pull(reference, { onProgress: (event) => events.push(event) })
  expect(pulled).toMatchObject({
    digest: image.manifest.digest,
    newer: true,
    image: { id: image.id, tags: [`${name}:v1`] },
  })
  expect(pulled.image.repoDigests).toEqual([`${name}@${image.manifest.digest}`])
  const [base = '', top = ''] = image.layers.map((layer) => shortId(layer.digest))
  const lines = statuses(events)
  expect(lines.slice(0, 3)).toEqual([
    'v1: Pulling from team/app',
    `${base}: Pulling fs layer`,
    `${top}: Pulling fs layer`,
  ])
  const ofBase = lines.filter((line, index, all) => line.startsWith(base) && all.indexOf(line) === index)
  expect(ofBase.map((line) => line.slice(base.length + 2))).toEqual([
    'Pulling fs layer',
    'Downloading',
    'Verifying Checksum',
    'Download complete',
    'Extracting',
    'Pull complete',
  ])
  expect(lines.indexOf(`${base}: Pull complete`)).toBeGreaterThan(0)
  expect(lines.slice(-2)).toEqual([`Digest: ${image.manifest.digest}`, `Status: Downloaded newer image for ${name}:v1`])
  expect(events.filter(({ id }) => id === base).every(({ progress }) => progress !== undefined)).toBe(true)
  const folders = target.content.layers.lowerdirs(pulled.image.chainId)
  expect(await readFile(join(folders[0] ?? '', 'etc/top'), 'utf8')).toBe('top')

  events.length = 0
  const again = await transfer.pull(reference, { onProgress: (event) => events.push(event) })
  expect(again.newer).toBe(false)
  expect(statuses(events)).toEqual([
    'v1: Pulling from team/app',
    `${base}: Already exists`,
    `${top}: Already exists`,
    `Digest: ${image.manifest.digest}`,
    `Status: Image is up to date for ${name}:v1`,
  ])

  const digested = { ...parseNormalizedName(name), digest: image.manifest.digest }
  expect((await transfer.pull(digested)).image.id).toBe(image.id)
  expect(await transfer.tags(reference)).toEqual(['v1', 'v2'])
})

test('many pulls of one image at once download each layer once', async () => {
  await using target = await testContent()
  using transfer = openImageTransfer({ content: target.content, log: quietLog() })
  const pulls = await Promise.all(Array.from({ length: 8 }, () => transfer.pull(parseNormalizedName(`${name}:v1`))))
  expect(new Set(pulls.map((pull) => pull.image.id))).toEqual(new Set([image.id]))
  await using other = await testContent()
  using second = openImageTransfer({ content: other.content, log: quietLog() })
  const first = new AbortController()
  const [given, kept] = await Promise.allSettled([
    second.pull(parseNormalizedName(`${name}:v1`), { signal: first.signal, onProgress: () => first.abort() }),
    second.pull(parseNormalizedName(`${name}:v1`)),
  ])
  expect(given).toMatchObject({ status: 'rejected', reason: { kind: 'cancelled', message: 'context canceled' } })
  expect(kept.status).toBe('fulfilled')
})

test('of an index, the platform that fits is taken; one that is not there is told', async () => {
  await using arm = await testContent()
  const reference = parseNormalizedName(`${name}:arm`)
  const armImage = await makeImage(arm.content, `${name}:arm`, [{ arm: 'yes' }], { os: 'linux', architecture: 'arm64' })
  using pusher = openImageTransfer({ content: arm.content, log: quietLog() })
  await pusher.push(reference, armImage)
  const entry = (descriptor: Image['manifest'], architecture: string) => ({
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    platform: { os: 'linux', architecture },
  })
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [entry(armImage.manifest, 'arm64'), entry(image.manifest, 'amd64')],
  }
  expect((await putManifest(registry, 'team/app', 'multi', JSON.stringify(index), mediaTypes.ociIndex)).status).toBe(
    201,
  )

  await using target = await testContent()
  using transfer = openImageTransfer({ content: target.content, log: quietLog() })
  const multi = parseNormalizedName(`${name}:multi`)
  const native = await transfer.pull(multi, { platform: { os: 'linux', architecture: 'amd64' } })
  expect([native.image.id, native.digest]).not.toContain(armImage.id)
  expect(native.image.repoDigests).toEqual([`${name}@${native.digest}`])
  const armed = await transfer.pull(multi, { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } })
  expect(armed.image.id).toBe(armImage.id)
  await expect(transfer.pull(multi, { platform: { os: 'linux', architecture: 's390x' } })).rejects.toMatchObject({
    message: 'no matching manifest for linux/s390x in the manifest list entries',
    statusCode: 404,
  })
  const warned: ProgressEvent[] = []
  await transfer.pull(parseNormalizedName(`${name}:arm`), {
    platform: { os: 'linux', architecture: 'amd64' },
    onProgress: (event) => warned.push(event),
  })
  expect(warned.at(-1)?.status).toBe(
    `WARNING: image with reference ${name}:arm was found but its platform (linux/arm64) does not match the specified platform (linux/amd64)`,
  )
  expect((await transfer.distributionInspect(multi)).platforms).toEqual([
    { os: 'linux', architecture: 'arm64' },
    { os: 'linux', architecture: 'amd64' },
  ])
  expect(await transfer.distributionInspect(parseNormalizedName(`${name}:v1`))).toEqual({
    descriptor: { mediaType: image.manifest.mediaType, digest: image.manifest.digest, size: image.manifest.size },
    platforms: [{ os: 'linux', architecture: 'amd64' }],
  })
})
