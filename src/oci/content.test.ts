import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Content, Image, OciLog } from './content.ts'
import { digestOf } from './digest.ts'
import { mediaTypes } from './media-types.ts'
import { openContent } from './open-content.ts'
import { parseNormalizedName } from './reference.ts'
import type { TarHeader } from './tar-entry.ts'
import { tarEnd, tarHeader, tarPadding } from './tar-writer.ts'

const warnings: string[] = []
const log: OciLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_, message) => void warnings.push(message ?? ''),
  error: (_, message) => void warnings.push(message ?? ''),
}

let place: string
let content: Content
const open = (name = 'content'): Promise<Content> => openContent({ folder: join(place, name), log })
beforeEach(async () => {
  warnings.length = 0
  place = mkdtempSync(join(tmpdir(), 'content-test-'))
  content = await open()
})
afterEach(async () => {
  await content[Symbol.asyncDispose]()
  rmSync(place, { recursive: true })
})

const hasSkopeo = ((): boolean => {
  try {
    execFileSync('skopeo', ['--version'])
    return true
  } catch {
    return false
  }
})()

function tarOf(...members: readonly (readonly [name: string, text: string | Buffer])[]): Buffer {
  const blocks = members.flatMap(([name, text]) => {
    const body = Buffer.from(text)
    const header: TarHeader = { name, type: 'file', mode: 0o644, uid: 0, gid: 0, size: body.length, mtimeSeconds: 0 }
    return [tarHeader(header), body, tarPadding(body.length)]
  })
  return Buffer.concat([...blocks, tarEnd()])
}

const platform = { os: 'linux', architecture: 'amd64' }

/** An image of as many layers as files, from plain tars as a build makes them. */
async function image(files: Record<string, string>, names: readonly string[] = [], into = content): Promise<Image> {
  using lease = into.lease()
  const tars = Object.entries(files).map((file) => tarOf(file))
  const layers = []
  for (const tar of tars) {
    const { digest, size } = await into.blobs.put(tar, { lease })
    layers.push({ mediaType: mediaTypes.ociLayer, digest, size })
  }
  const config = await into.blobs.put(
    JSON.stringify({
      ...platform,
      config: { Cmd: ['true'] },
      rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
    }),
    { lease },
  )
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: config.digest, size: config.size },
    layers,
  }
  const { digest } = await into.blobs.put(JSON.stringify(manifest), { lease })
  await into.layers.unpackImage(
    layers,
    tars.map((tar) => digestOf(tar)),
    lease,
  )
  return await into.images.add({ manifest: digest, names: names.map(parseNormalizedName) })
}

async function* chunks(...parts: readonly (string | Error)[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    if (part instanceof Error) throw part
    yield Buffer.from(part)
  }
}

async function allBlobs(): Promise<string[]> {
  const found: string[] = []
  for await (const { digest } of content.blobs.list()) found.push(digest)
  return found
}

const half = (): string[] => readdirSync(join(place, 'content/ingest'))

describe('a blob', () => {
  test('is written, looked at, read whole and in ranges', async () => {
    const digest = digestOf('hello world')
    expect(await content.blobs.write(chunks('hello ', 'world'), { expected: { digest, size: 11 } })).toMatchObject({
      digest,
      size: 11,
    })
    expect(await content.blobs.stat(digest)).toMatchObject({ size: 11 })
    const text = async (range?: { start?: number; end?: number }): Promise<string> =>
      Buffer.concat(await (await content.blobs.read(digest, range)).toArray()).toString()
    expect([await text(), await text({ start: 6 }), await text({ start: 2, end: 4 })]).toEqual([
      'hello world',
      'world',
      'llo',
    ])
    await expect(text({ start: 11 })).rejects.toMatchObject({ code: 'invalid' })
    await expect(content.blobs.read(digestOf('other'))).rejects.toMatchObject({ code: 'not-found' })
  })

  test('may be named by sha512', async () => {
    const { digest } = await content.blobs.put('x', { algorithm: 'sha512' })
    expect(digest).toBe(digestOf('x', 'sha512'))
    expect(await content.blobs.has(digest)).toBe(true)
  })

  test('that is not what was promised leaves nothing', async () => {
    const expected = { digest: digestOf('right'), size: 5 }
    await expect(content.blobs.write(chunks('wrong'), { expected })).rejects.toMatchObject({ code: 'digest-mismatch' })
    await expect(content.blobs.write(chunks('rig'), { expected })).rejects.toMatchObject({ code: 'size-mismatch' })
    await expect(content.blobs.write(chunks('right', ' and more'), { expected })).rejects.toMatchObject({
      code: 'size-mismatch',
    })
    await expect(content.blobs.write(chunks('ri', new Error('line cut')))).rejects.toThrow('line cut')
    expect([half(), await allBlobs()]).toEqual([[], []])
  })

  test('goes on where it was paused; two cannot write one at a time', async () => {
    const first = await content.blobs.ingest('pull-1')
    await first.write(Buffer.from('hello '))
    await expect(content.blobs.ingest('pull-1')).rejects.toMatchObject({ code: 'busy' })
    await first.pause()
    await first[Symbol.asyncDispose]()
    expect(content.blobs.ingests()).toMatchObject([{ ref: 'pull-1', offset: 6 }])
    const second = await content.blobs.ingest('pull-1')
    expect(second.offset).toBe(6)
    await second.write(Buffer.from('world'))
    expect((await second.commit({ digest: digestOf('hello world') })).size).toBe(11)
    expect(content.blobs.ingests()).toEqual([])
  })

  test('begins again when asked, and a dropped one is gone', async () => {
    const ingest = await content.blobs.ingest('x')
    await ingest.write(Buffer.from('from the wrong offset'))
    await ingest.restart()
    await ingest.write(Buffer.from('hi'))
    await ingest.pause()
    expect(await content.blobs.abortIngest('x')).toBe(true)
    expect([half(), await content.blobs.abortIngest('x')]).toEqual([[], false])
  })

  test('that was put is found by many writers of the same at once', async () => {
    const written = await Promise.all(Array.from({ length: 20 }, () => content.blobs.write(chunks('same', ' thing'))))
    expect(new Set(written.map((one) => one.digest)).size).toBe(1)
  })
})

describe('names', () => {
  test('find an image as Docker does: by name, tag, digest, id, and a start of the id', async () => {
    const made = await image({ a: 'a' }, ['app', 'localhost:5000/app:1'])
    const digest = `app@${made.manifest.digest}`
    await content.images.add({ manifest: made.manifest.digest, repoDigests: [parseNormalizedName(digest)] })
    const hex = made.id.slice('sha256:'.length)
    for (const asked of [
      'app',
      'app:latest',
      'docker.io/library/app',
      'localhost:5000/app:1',
      digest,
      made.id,
      hex,
      hex.slice(0, 12),
      `sha256:${hex.slice(0, 12)}`,
    ]) {
      expect(content.images.resolve(asked).id).toBe(made.id)
    }
    expect(content.images.get(made.id)).toMatchObject({
      tags: ['app:latest', 'localhost:5000/app:1'],
      repoDigests: [digest],
    })
    expect(() => content.images.resolve('nothing')).toThrow('No such image: nothing:latest')
    expect(() => content.images.resolve('Bad')).toThrow(
      'invalid reference format: repository name (library/Bad) must be lowercase',
    )
  })

  test('move to the image that takes them; the other stays, nameless', async () => {
    const one = await image({ a: '1' }, ['app'])
    const two = await image({ a: '2' }, ['app'])
    expect(content.images.resolve('app').id).toBe(two.id)
    expect(content.images.get(one.id)?.tags).toEqual([])
    await content.images.untag(parseNormalizedName('app'))
    expect(content.images.find('app')).toBeUndefined()
    expect(content.images.list()).toHaveLength(2)
  })

  test('survive the end of the process, with parents and nameless images', async () => {
    const base = await image({ a: '1' })
    const top = await image({ a: '1', b: '2' }, ['app:2'])
    await content.images.add({ manifest: top.manifest.digest, parent: base.id })
    const before = content.images.list()
    await content[Symbol.asyncDispose]()
    content = await open()
    expect(content.images.list()).toEqual(expect.arrayContaining([...before]))
    expect(content.images.children(base.id).map((child) => child.id)).toEqual([top.id])
    expect(content.layers.lowerdirs(top.chainId)).toHaveLength(2)
  })

  test('of several hundred images are changed together in few writes, and read back fast', async () => {
    const made = await image({ a: '1' })
    await Promise.all(
      Array.from({ length: 400 }, (_, i) => content.images.tag(made.id, parseNormalizedName(`app:${i}`))),
    )
    await content[Symbol.asyncDispose]()
    const start = performance.now()
    content = await open()
    expect(content.images.get(made.id)?.tags).toHaveLength(400)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

describe.skipIf(!hasSkopeo)('skopeo (skipped where it is not installed)', () => {
  const skopeo = (...args: readonly string[]): string =>
    execFileSync('skopeo', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

  test('reads the layout by the full name', async () => {
    const made = await image({ a: '1' }, ['python:3.9'])
    const told = JSON.parse(skopeo('inspect', `oci:${content.blobs.folder}:docker.io/library/python:3.9`))
    expect([told.Digest, told.Architecture, told.Layers.length]).toEqual([made.manifest.digest, 'amd64', 1])
  })

  test('copies out of the layout, and what it writes is loaded', async () => {
    const made = await image({ a: '1', b: '2' }, ['app:1'])
    const archive = join(place, 'archive.tar')
    for (const [kind, name] of [
      ['docker-archive', 'app:1'],
      ['oci-archive', 'docker.io/library/app:1'],
    ]) {
      rmSync(archive, { force: true })
      skopeo(
        '--insecure-policy',
        'copy',
        `oci:${content.blobs.folder}:docker.io/library/app:1`,
        `${kind}:${archive}:${name}`,
      )
      const other = await open(`other-${kind}`)
      const [loaded] = await other.load(chunksOf(readFileSync(archive)))
      expect([loaded?.image.id, loaded?.names]).toEqual([made.id, ['app:1']])
      await other[Symbol.asyncDispose]()
    }
  })

  test('reads what we save, as Docker’s archive and as an OCI archive', async () => {
    const made = await image({ a: '1', b: '2' }, ['app:1'])
    const archive = join(place, 'saved.tar')
    writeFileSync(archive, await saved(made, 'app:1'))
    const docker = JSON.parse(skopeo('inspect', '--config', `docker-archive:${archive}:app:1`))
    const oci = JSON.parse(skopeo('inspect', `oci-archive:${archive}:1`))
    expect([docker.rootfs.diff_ids, oci.Digest]).toEqual([made.diffIds, made.manifest.digest])
  })
})

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 4000) yield bytes.subarray(at, at + 4000)
}

async function saved(made: Image, ...names: readonly string[]): Promise<Buffer> {
  return Buffer.concat(await content.save([{ image: made, names: names.map(parseNormalizedName) }]).toArray())
}

describe('save and load', () => {
  test('carry an image with its digest, names and layers to another store', async () => {
    const made = await image({ a: '1', b: '2' }, ['app:1', 'app:2'])
    const tar = await saved(made, 'app:1', 'app:2')
    const other = await open('other')
    for (const bytes of [tar, gzipSync(tar)]) {
      const [loaded] = await other.load(chunksOf(bytes))
      expect(loaded?.names).toEqual(['app:1', 'app:2'])
      expect([loaded?.image.id, loaded?.image.manifest.digest]).toEqual([made.id, made.manifest.digest])
      expect(other.layers.lowerdirs(loaded?.image.chainId).map((folder) => readdirSync(folder))).toEqual([['b'], ['a']])
    }
    await other[Symbol.asyncDispose]()
  })

  test('an image without a name is loaded by its id', async () => {
    const made = await image({ a: '1' })
    const [loaded] = await content.load(chunksOf(await saved(made)))
    expect([loaded?.names, loaded?.image.id]).toEqual([[], made.id])
  })

  test('archives of old Docker are read: layers in folders, some of them links', async () => {
    const folder = join(place, 'legacy')
    const layer = tarOf(['x', 'x'])
    const config = JSON.stringify({
      ...platform,
      rootfs: { type: 'layers', diff_ids: [digestOf(layer), digestOf(layer)] },
    })
    for (const name of ['one', 'two']) mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, 'one/layer.tar'), layer)
    execFileSync('ln', ['-s', '../one/layer.tar', join(folder, 'two/layer.tar')])
    writeFileSync(join(folder, 'config.json'), config)
    writeFileSync(
      join(folder, 'manifest.json'),
      JSON.stringify([{ Config: 'config.json', RepoTags: ['old:1'], Layers: ['one/layer.tar', 'two/layer.tar'] }]),
    )
    const [loaded] = await content.load(chunksOf(execFileSync('tar', ['-C', folder, '-cf', '-', '.'])))
    expect([loaded?.names, loaded?.image.id]).toEqual([['old:1'], digestOf(config)])
    expect(content.layers.lowerdirs(loaded?.image.chainId)).toHaveLength(2)
  })

  test.each([
    ['nothing', tarOf(), 'open manifest.json: no such file or directory'],
    ['a null manifest', tarOf(['manifest.json', 'null']), 'invalid manifest, manifest cannot be null (but can be [])'],
    ['no JSON', tarOf(['manifest.json', '{']), 'it is not JSON'],
    [
      'a missing config',
      tarOf(['manifest.json', '[{"Config":"../../etc/passwd","Layers":[]}]']),
      'open ../../etc/passwd: no such file or directory',
    ],
    ['garbage', Buffer.alloc(4000, 'garbage'), 'invalid tar header'],
    [
      'too few layers',
      tarOf(
        ['c', JSON.stringify({ rootfs: { diff_ids: [digestOf('')] } })],
        ['manifest.json', '[{"Config":"c","Layers":[]}]'],
      ),
      'invalid manifest, layers length mismatch: expected 0, got 1',
    ],
    [
      'a blob that is not what its name says',
      tarOf([`blobs/sha256/${'a'.repeat(64)}`, 'x']),
      'unexpected commit digest',
    ],
  ])('an archive with %s is refused', async (_, tar, message) => {
    await expect(content.load(chunksOf(tar))).rejects.toThrow(message)
    expect(content.images.list()).toEqual([])
    await content.collectGarbage()
    expect(await allBlobs()).toEqual([])
  })

  test('a root file system becomes an image of one layer', async () => {
    const made = await content.importRootfs(chunksOf(gzipSync(tarOf(['etc/os', 'x']))), {
      ...platform,
      config: { Cmd: ['sh'] },
    })
    expect(made.config.config?.Cmd).toEqual(['sh'])
    expect(readdirSync(content.layers.lowerdirs(made.chainId)[0] ?? '')).toEqual(['etc'])
  })
})

describe('compression for a push', () => {
  test('keeps the id, and is done once for each layer', async () => {
    const made = await image({ a: 'a'.repeat(5000) }, ['app'])
    const pushed = await content.compressImage(made.id)
    expect([pushed.id, pushed.layers[0]?.mediaType, pushed.tags]).toEqual([
      made.id,
      mediaTypes.ociLayerGzip,
      ['app:latest'],
    ])
    expect((await content.compressImage(made.id)).manifest.digest).toBe(pushed.manifest.digest)
    const child = await image({ a: 'a'.repeat(5000), b: 'b' })
    expect((await content.compressImage(child.id)).layers[0]?.digest).toBe(pushed.layers[0]?.digest)
  })
})

describe('the garbage collector', () => {
  test('takes what no image, lease or root names, and nothing else', async () => {
    const kept = await image({ a: '1' }, ['app'])
    const gone = await image({ a: '1', b: '2' }, ['old'])
    const other = await image({ c: '3' })
    await content.images.remove(gone.id)
    await content.images.remove(other.id)
    const lease = content.lease()
    lease.layer(...(other.chainId ? [other.chainId] : []))
    using _roots = content.addRoots(() => ({ blobs: [other.id], layers: [] }))
    const report = await content.collectGarbage()
    expect(report.layers).toEqual([gone.chainId])
    expect(report.blobs).toContain(gone.id)
    expect(await content.blobs.has(other.id)).toBe(true)
    expect(
      content.layers
        .list()
        .map((layer) => layer.chainId)
        .sort(),
    ).toEqual([kept.chainId, other.chainId].sort())
    lease.release()
    expect((await content.collectGarbage()).layers).toEqual([other.chainId])
    for (const digest of [kept.id, kept.manifest.digest, ...kept.layers.map((layer) => layer.digest)]) {
      expect(await content.blobs.has(digest)).toBe(true)
    }
  })

  test('runs while images come and go, and none of them misses anything', async () => {
    const collecting = (async () => {
      for (let i = 0; i < 30; i++) await content.collectGarbage()
    })()
    const makers = Array.from({ length: 6 }, async (_, maker) => {
      for (let i = 0; i < 5; i++) {
        const made = await image({ shared: 'same', own: `${maker} ${i}` }, [`app:${maker}`])
        const missing = await Promise.all(
          [made.id, made.manifest.digest, ...made.layers.map((layer) => layer.digest)].map((digest) =>
            content.blobs.has(digest),
          ),
        )
        expect(missing).not.toContain(false)
        expect(content.layers.lowerdirs(made.chainId)).toHaveLength(2)
      }
    })
    await Promise.all([...makers, collecting])
    await content.collectGarbage()
    expect(content.images.list().filter((one) => one.tags.length > 0)).toHaveLength(6)
  })
})

test('usage counts a shared layer once', async () => {
  await image({ a: 'x'.repeat(100), b: 'y'.repeat(10) })
  await image({ a: 'x'.repeat(100), c: 'z' })
  const usage = await content.usage()
  expect(usage.layersSize).toBe(111)
  expect(usage.images.map(({ size, sharedSize }) => [size, sharedSize]).sort()).toEqual([
    [101, 100],
    [110, 100],
  ])
})

describe('after a fall', () => {
  test('kill -9 in the middle of writing leaves whole blobs, whole layers and the names that were answered', async () => {
    await content[Symbol.asyncDispose]()
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer(join(place, 'content'))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let answered = ''
    child.stdout.on('data', (chunk: Buffer) => {
      answered += chunk
    })
    await once(child.stdout, 'data')
    await new Promise((resolve) => setTimeout(resolve, 700))
    child.kill('SIGKILL')
    await once(child, 'close')
    content = await open()
    const names = answered.trim().split('\n')
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) {
      const found = content.images.resolve(name)
      expect(content.layers.lowerdirs(found.chainId)).toHaveLength(1)
    }
    for await (const { digest } of content.blobs.list()) {
      expect(digestOf(readFileSync(content.blobs.path(digest)))).toBe(digest)
    }
    expect(half()).toEqual([])
    for (const { folder, size } of content.layers.list()) expect(readFileSync(join(folder, 'file')).length).toBe(size)
  })

  test('a power cut’s damage is found by the mark it left: bad blobs go, lost layers are unpacked again', async () => {
    const good = await image({ a: '1' }, ['good'])
    const bad = await image({ b: '2' }, ['bad'])
    await content[Symbol.asyncDispose]()
    writeFileSync(content.blobs.path(bad.layers[0]?.digest ?? bad.id), 'zeros')
    writeFileSync(join(place, 'content/unsynced'), 'another boot')
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(join(place, 'content/unsynced'), longAgo, longAgo)
    content = await open()
    expect(content.images.list().map((one) => one.id)).toEqual([good.id])
    expect(readdirSync(content.layers.lowerdirs(good.chainId)[0] ?? '')).toEqual(['a'])
    expect(warnings).toContain('an image has lost its layers: removed')
  })

  test('an image whose configuration was taken away is dropped, the others stay', async () => {
    const good = await image({ a: '1' }, ['good'])
    const bad = await image({ b: '2' }, ['bad'])
    await content[Symbol.asyncDispose]()
    rmSync(content.blobs.path(bad.id))
    content = await open()
    expect(content.images.list().map((one) => one.id)).toEqual([good.id])
  })
})

/** A process that imports one image after another and tells each name once it has been answered. */
function writer(folder: string): string {
  const door = new URL('./index.ts', import.meta.url).href
  return `
    import { execFileSync } from 'node:child_process'
    const { openContent, parseNormalizedName, tarHeader, tarPadding, tarEnd } = await import(${JSON.stringify(door)})
    const log = { debug() {}, info() {}, warn() {}, error() {} }
    const content = await openContent({ folder: ${JSON.stringify(folder)}, log })
    for (let i = 0; ; i++) {
      const body = Buffer.alloc(3_000_000, 'text ' + i)
      const header = { name: 'file', type: 'file', mode: 0o644, uid: 0, gid: 0, size: body.length, mtimeSeconds: 0 }
      const tar = [tarHeader(header), body, tarPadding(body.length), tarEnd()]
      const image = await content.importRootfs((async function* () { yield* tar })(), { os: 'linux', architecture: 'amd64' })
      await content.images.tag(image.id, parseNormalizedName('app:' + i))
      console.log('app:' + i)
    }`
}
