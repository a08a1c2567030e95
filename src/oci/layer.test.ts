import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Content, Layer, OciLog } from './content.ts'
import { type DiffId, digestOf } from './digest.ts'
import { mediaTypes } from './media-types.ts'
import { OciError } from './oci-error.ts'
import { openContent } from './open-content.ts'
import { getXattr, makeNode, nodeTypes, setXattr } from './posix.ts'
import type { TarHeader } from './tar-entry.ts'
import { tarEnd, tarHeader, tarPadding } from './tar-writer.ts'

const silent: OciLog = { debug: ignore, info: ignore, warn: ignore, error: ignore }
function ignore(): void {
  // These tests look at what is on the disk.
}

let place: string
let content: Content
beforeEach(async () => {
  place = mkdtempSync(join(tmpdir(), 'layer-test-'))
  mkdirSync(join(place, 'outside'))
  content = await openContent({ folder: join(place, 'content'), log: silent })
})
afterEach(async () => {
  await content[Symbol.asyncDispose]()
  rmSync(place, { recursive: true })
})

type Member = Partial<TarHeader> & { readonly name: string; readonly text?: string }

function tarOf(...members: readonly Member[]): Buffer {
  const blocks = members.flatMap(({ text = '', ...header }) => {
    const size = header.size ?? Buffer.byteLength(text)
    const whole: TarHeader = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 1_600_000_000, ...header, size }
    return [tarHeader(whole), Buffer.from(text), tarPadding(Buffer.byteLength(text))]
  })
  return Buffer.concat([...blocks, tarEnd()])
}

async function unpack(tar: Buffer, parent?: Layer, blob = tar, diffId: DiffId = digestOf(tar)): Promise<Layer> {
  const { digest, size } = await content.blobs.put(blob)
  const descriptor = { mediaType: mediaTypes.ociLayer, digest, size }
  return await content.layers.unpack(descriptor, { diffId, ...(parent && { parent: parent.chainId }) })
}

/** Everything that `find` and `getfattr` would tell, but in GNU tar's own words. */
function listing(folder: string): string {
  const tar = execFileSync(
    'tar',
    ['--format=posix', '--xattrs', '--xattrs-include=*', '--sort=name', '-C', folder, '-cf', '-', '.'],
    { maxBuffer: 1 << 28 },
  )
  const told = execFileSync('tar', ['--numeric-owner', '--full-time', '--xattrs', '--xattrs-include=*', '-tvvf', '-'], {
    input: tar,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  // Layers have whole seconds, and columns their width from what stands in them.
  return told.replaceAll(/(:\d\d)\.\d+/g, '$1').replaceAll(/ +/g, ' ')
}

function makeTree(folder: string): void {
  execFileSync(
    'sh',
    [
      '-euc',
      `
    mkdir -p bin deep/er/est sticky "$(printf 'latin-\\351')"
    echo tool > bin/tool; chmod 4755 bin/tool; chown 3:4 bin/tool
    ln bin/tool bin/same
    ln -s ../nowhere/far deep/dangling
    ln -s /bin/tool absolute
    mkfifo deep/er/pipe
    mknod deep/er/null c 1 3; mknod deep/er/loop b 7 200; chmod 640 deep/er/loop
    chmod 1777 sticky; chmod 2750 deep; chown 100000:200000 deep/er
    printf x > "${'n'.repeat(200)}"
    echo cap > bin/cap; setcap cap_net_bind_service,cap_net_raw+ep bin/cap
    printf start > holes; truncate -s 50M holes; printf end >> holes
    touch -d '2001-02-03 04:05:06' deep/er/est deep bin bin/tool
    touch -h -d '2002-02-03 04:05:06' absolute
  `,
    ],
    { cwd: folder },
  )
  setXattr(join(folder, 'bin'), 'user.binary', Buffer.from([0, 10, 255, 61, 0]))
}

describe('a layer of every kind of member', () => {
  test.each(['none', 'gzip', 'zstd'])('unpacks to what GNU tar unpacks: compression %s', async (compression) => {
    const [source, theirs] = [join(place, 'source'), join(place, 'theirs')]
    mkdirSync(source)
    mkdirSync(theirs)
    makeTree(source)
    const tar = execFileSync(
      'tar',
      ['--format=posix', '-S', '--xattrs', '--xattrs-include=*', '-C', source, '-cf', '-', '.'],
      { maxBuffer: 1 << 28 },
    )
    execFileSync('tar', ['--xattrs', '--xattrs-include=*', '--numeric-owner', '-xpf', '-', '-C', theirs], {
      input: tar,
    })
    const blob = compression === 'gzip' ? gzipSync(tar) : compression === 'zstd' ? zstdCompressSync(tar) : tar
    const layer = await unpack(tar, undefined, blob)
    expect(listing(layer.folder)).toBe(listing(theirs))
    expect(statSync(join(layer.folder, 'holes')).blocks).toBeLessThan(64)
    expect(statSync(join(layer.folder, 'bin/tool')).ino).toBe(statSync(join(layer.folder, 'bin/same')).ino)
  })

  test('is packed from an upper folder, and unpacks again to the same', async () => {
    const { folder } = await content.layers.scratch()
    makeTree(folder)
    const before = listing(folder)
    const packed = await content.layers.packUpper(folder)
    expect(packed.descriptor.digest).toBe(packed.layer.diffId)
    expect(listing(packed.layer.folder)).toBe(before)
    const again = await openContent({ folder: join(place, 'again'), log: silent })
    await again.blobs.write(await content.blobs.read(packed.descriptor.digest))
    const unpacked = await again.layers.unpack(packed.descriptor, { diffId: packed.layer.diffId })
    expect(listing(unpacked.folder)).toBe(before)
    expect([unpacked.size, unpacked.entries]).toEqual([packed.layer.size, packed.layer.entries])
    await again[Symbol.asyncDispose]()
  })
})

describe('whiteouts', () => {
  test('become overlay’s marks, and .wh. members again when packed', async () => {
    const layer = await unpack(
      tarOf(
        { name: 'etc/.wh.gone' },
        { name: 'opt/', type: 'directory' },
        { name: 'opt/.wh..wh..opq' },
        { name: 'opt/new', text: 'x' },
      ),
    )
    const gone = lstatSync(join(layer.folder, 'etc/gone'))
    expect([gone.isCharacterDevice(), gone.rdev]).toEqual([true, 0])
    expect(getXattr(join(layer.folder, 'opt'), 'trusted.overlay.opaque')?.toString()).toBe('y')
    const below = await unpack(tarOf({ name: 'opt/old' }, { name: 'etc/gone' }))
    const { descriptor } = await content.layers.packUpper(layer.folder, { parent: below.chainId, adopt: false })
    const tar = await content.blobs.readBytes(descriptor.digest)
    const names = execFileSync('tar', ['-tf', '-'], { input: tar, encoding: 'utf8' }).trim().split('\n')
    expect(names).toEqual(['./', 'etc/', 'etc/.wh.gone', 'opt/', 'opt/.wh..wh..opq', 'opt/new'])
  })

  test('only hide what is beneath, never what the same layer brings, in either order', async () => {
    const before = await unpack(
      tarOf({ name: '.wh.a' }, { name: 'a', text: 'new' }, { name: '.wh.d' }, { name: 'd/x', text: 'in' }),
    )
    expect(readFileSync(join(before.folder, 'a'), 'utf8')).toBe('new')
    expect(readFileSync(join(before.folder, 'd/x'), 'utf8')).toBe('in')
    expect(getXattr(join(before.folder, 'd'), 'trusted.overlay.opaque')?.toString()).toBe('y')
    const after = await unpack(
      tarOf({ name: 'a', text: 'new' }, { name: 'd/', type: 'directory' }, { name: '.wh.a' }, { name: '.wh.d' }),
    )
    expect(readFileSync(join(after.folder, 'a'), 'utf8')).toBe('new')
    expect(getXattr(join(after.folder, 'd'), 'trusted.overlay.opaque')?.toString()).toBe('y')
  })

  test('an opaque mark over nothing is not packed: overlay puts one on every new folder', async () => {
    const { folder } = await content.layers.scratch()
    mkdirSync(join(folder, 'new'))
    setXattr(join(folder, 'new'), 'trusted.overlay.opaque', Buffer.from('y'))
    const { descriptor } = await content.layers.packUpper(folder)
    const tar = await content.blobs.readBytes(descriptor.digest)
    expect(execFileSync('tar', ['-tf', '-'], { input: tar, encoding: 'utf8' })).toBe('./\nnew/\n')
  })

  test('are what the kernel’s overlay makes of them', async () => {
    const base = await unpack(
      tarOf({ name: 'd/one', text: '1' }, { name: 'd/two', text: '2' }, { name: 'e/x', text: 'x' }),
    )
    const top = await unpack(tarOf({ name: 'd/.wh.one' }, { name: 'e/.wh..wh..opq' }, { name: 'e/y', text: 'y' }), base)
    const [merged, upper, work] = ['merged', 'upper', 'work'].map((name) => join(place, name))
    for (const folder of [merged, upper, work]) mkdirSync(folder ?? '')
    const lower = content.layers.lowerdirs(top.chainId).join(':')
    execFileSync('mount', [
      '-t',
      'overlay',
      '-o',
      `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
      'overlay',
      merged ?? '',
    ])
    try {
      execFileSync(
        'sh',
        ['-euc', 'test "$(ls d e | tr "\\n" " ")" = "d: two  e: y "; rm d/two; rm -r e; mkdir e; echo z > e/z'],
        { cwd: merged },
      )
    } finally {
      execFileSync('umount', [merged ?? ''])
    }
    const { descriptor } = await content.layers.packUpper(upper ?? '', { parent: top.chainId })
    const tar = await content.blobs.readBytes(descriptor.digest)
    const names = execFileSync('tar', ['-tf', '-'], { input: tar, encoding: 'utf8' }).trim().split('\n')
    expect(names).toEqual(['./', 'd/', 'd/.wh.two', 'e/', 'e/.wh..wh..opq', 'e/z'])
  })
})

describe('what a layer leaves to those beneath', () => {
  test('folders that it only passes through look as they did', async () => {
    const base = await unpack(tarOf({ name: 'srv/', type: 'directory', mode: 0o1750, uid: 7, gid: 8 }))
    const top = await unpack(tarOf({ name: 'srv/file', text: 'x' }), base)
    const srv = statSync(join(top.folder, 'srv'))
    expect([srv.mode & 0o7777, srv.uid, srv.gid, srv.mtimeMs]).toEqual([0o1750, 7, 8, 1_600_000_000_000])
  })

  test('a hard link to a file of a lower layer brings the file up', async () => {
    const base = await unpack(tarOf({ name: 'bin/tool', text: 'tool', mode: 0o4755 }))
    const top = await unpack(tarOf({ name: 'bin/same', type: 'hardlink', linkname: 'bin/tool' }), base)
    const [tool, same] = ['tool', 'same'].map((name) => statSync(join(top.folder, 'bin', name)))
    expect(tool?.ino).toBe(same?.ino)
    expect((tool?.mode ?? 0) & 0o7777).toBe(0o4755)
  })
})

describe('a hostile layer', () => {
  afterEach(() => {
    expect(readdirSync(join(place, 'outside'))).toEqual([])
  })

  async function refused(tar: Buffer, code: string, blob = tar, diffId = digestOf(tar)): Promise<void> {
    const fault = await unpack(tar, undefined, blob, diffId).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(OciError)
    expect((fault as OciError).code).toBe(code)
    expect(content.layers.list()).toEqual([])
    expect(readdirSync(join(place, 'content/layers'))).toEqual([])
  }

  test('with .. is refused', () => refused(tarOf({ name: 'a/../../../outside/evil' }), 'unsafe-path'))

  test('with an absolute path stays inside', async () => {
    const layer = await unpack(tarOf({ name: `${place}/outside/evil`, text: 'x' }, { name: '/../../top', text: 'y' }))
    expect(readFileSync(join(layer.folder, place, 'outside/evil'), 'utf8')).toBe('x')
    expect(readFileSync(join(layer.folder, 'top'), 'utf8')).toBe('y')
  })

  test('that writes through a link it brought writes where a chroot would', async () => {
    const up = '../'.repeat(20)
    const layer = await unpack(
      tarOf(
        { name: 'abs', type: 'symlink', linkname: `${place}/outside` },
        { name: 'rel', type: 'symlink', linkname: `${up}${place}/outside` },
        { name: 'abs/one', text: '1' },
        { name: 'rel/two', text: '2' },
        { name: 'file', type: 'symlink', linkname: `${place}/outside/three` },
        { name: 'file', text: '3' },
        { name: 'abs/.wh.x' },
      ),
    )
    expect(readdirSync(join(layer.folder, place, 'outside')).sort()).toEqual(['one', 'two', 'x'])
    expect(lstatSync(join(layer.folder, 'file')).isFile()).toBe(true)
  })

  test('with links in a circle is refused', () =>
    refused(
      tarOf(
        { name: 'a', type: 'symlink', linkname: 'b' },
        { name: 'b', type: 'symlink', linkname: 'a' },
        { name: 'a/x' },
      ),
      'unsafe-path',
    ))

  test('with a hard link outside is refused', async () => {
    writeFileSync(join(place, 'secret'), 'secret')
    await refused(tarOf({ name: 'x', type: 'hardlink', linkname: `../../../../../..${place}/secret` }), 'unsafe-path')
    await refused(tarOf({ name: 'x', type: 'hardlink', linkname: `${place}/secret` }), 'corrupt')
  })

  test('with a whiteout of .. is refused', () => refused(tarOf({ name: 'a/.wh...' }), 'unsafe-path'))

  test('with device nodes keeps them as nodes in its folder', async () => {
    const layer = await unpack(
      tarOf({ name: 'sda', type: 'block-device', devmajor: 8, devminor: 0 }, { name: 'sda', text: 'x' }),
    )
    expect(lstatSync(join(layer.folder, 'sda')).isFile()).toBe(true)
  })

  test('with overlay’s own marks among its attributes does not get them', async () => {
    const xattrs = new Map([['trusted.overlay.redirect', Buffer.from('/etc')]])
    const layer = await unpack(tarOf({ name: 'd/', type: 'directory', xattrs }))
    expect(getXattr(join(layer.folder, 'd'), 'trusted.overlay.redirect')).toBeUndefined()
  })

  test('of zeros, sparse or not, takes no disk', async () => {
    const sparse = join(place, 'bomb')
    execFileSync('truncate', ['-s', '10G', sparse])
    const tar = execFileSync('tar', ['-S', '-C', place, '-cf', '-', 'bomb'])
    const bomb = statSync(join((await unpack(tar)).folder, 'bomb'))
    expect([bomb.size, bomb.blocks]).toEqual([10 * 2 ** 30, 0])
    const zeros = tarOf({ name: 'zeros', text: '\0'.repeat(20_000_000) })
    const plain = statSync(join((await unpack(zeros, undefined, gzipSync(zeros))).folder, 'zeros'))
    expect([plain.size, plain.blocks]).toEqual([20_000_000, 0])
  })

  const good = tarOf({ name: 'a/b', text: 'b'.repeat(100_000) })
  const noise = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7919 + (i >> 3) * 31) & 255))
  const large = tarOf({ name: 'noise', text: noise.toString('latin1') })

  test('with a wrong diff id is refused', () => refused(good, 'digest-mismatch', good, digestOf('other')))
  test('whose gzip is cut short is refused', () => refused(good, 'corrupt', gzipSync(good).subarray(0, 100)))
  test('whose gzip is cut short is refused, in a thread too', () =>
    refused(large, 'corrupt', gzipSync(large, { level: 0 }).subarray(0, 2_000_000)))
  test('whose gzip has changed bytes is refused', () => {
    const bad = gzipSync(good)
    bad[20] = (bad[20] ?? 0) ^ 0xff
    return refused(good, 'corrupt', bad)
  })
  test('that is cut short is refused', () => refused(good, 'corrupt', good.subarray(0, 50_000)))
  test('of garbage is refused', () => refused(good, 'corrupt', Buffer.alloc(5000, 'garbage')))

  test('of any members writes nothing outside and leaves nothing half-made', async () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', '..', '.', '', 'link', '.wh.a', '.wh..wh..opq', '/'), {
        minLength: 1,
        maxLength: 5,
      })
      .map((parts) => parts.join('/'))
    const member = fc.record({
      name,
      type: fc.constantFrom(
        'file' as const,
        'directory' as const,
        'symlink' as const,
        'hardlink' as const,
        'fifo' as const,
      ),
      linkname: fc.oneof(name, fc.constant(`${'../'.repeat(12)}${place}/outside`), fc.constant('/')),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(member, { maxLength: 8 }), async (members) => {
        const tar = tarOf(...members)
        try {
          await unpack(tar)
        } catch (error) {
          if (!(error instanceof OciError)) throw error
        }
        expect(readdirSync(join(place, 'outside'))).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})

test('a chain is unpacked side by side, and one layer asked for twice only once', async () => {
  const tars = ['a', 'b', 'c'].map((name) => tarOf({ name: `dir/${name}`, text: name }))
  const layers = await Promise.all(
    tars.map(async (tar) => {
      const { digest, size } = await content.blobs.put(gzipSync(tar))
      return { mediaType: mediaTypes.ociLayerGzip, digest, size }
    }),
  )
  const diffIds = tars.map((tar) => digestOf(tar))
  const [first, second] = await Promise.all([
    content.layers.unpackImage(layers, diffIds),
    content.layers.unpackImage(layers, diffIds),
  ])
  expect(first).toBe(second)
  expect(first && content.layers.lowerdirs(first).map((folder) => readdirSync(join(folder, 'dir')))).toEqual([
    ['c'],
    ['b'],
    ['a'],
  ])
})

test('an unpacking that is aborted rejects with the reason and leaves nothing', async () => {
  const tar = tarOf({ name: 'a', text: 'a'.repeat(5_000_000) })
  const { digest, size } = await content.blobs.put(tar)
  const abort = new AbortController()
  const unpacking = content.layers.unpack(
    { mediaType: mediaTypes.ociLayer, digest, size },
    { diffId: digest, signal: abort.signal },
  )
  abort.abort(new Error('no longer wanted'))
  await expect(unpacking).rejects.toThrow('no longer wanted')
  expect(content.layers.list()).toEqual([])
})

test('a live container’s upper folder can be packed and stays its own', async () => {
  const upper = join(place, 'upper')
  mkdirSync(upper)
  writeFileSync(join(upper, 'log'), 'line')
  makeNode(join(upper, 'gone'), nodeTypes.character)
  const { layer } = await content.layers.packUpper(upper, { adopt: false })
  expect(readdirSync(upper).sort()).toEqual(['gone', 'log'])
  expect(readdirSync(layer.folder).sort()).toEqual(['gone', 'log'])
})
