import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeName, encodeName } from './name-bytes.ts'
import { OciError } from './oci-error.ts'
import { readTar } from './read-tar.ts'
import type { TarHeader } from './tar-entry.ts'
import { tarEnd, tarHeader, tarPadding } from './tar-writer.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tar-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function entries(tar: Buffer, pieceSize = 1000): Promise<{ header: TarHeader; content: Buffer }[]> {
  const found: { header: TarHeader; content: Buffer }[] = []
  for await (const { header, body } of readTar(inPieces(tar, pieceSize))) {
    const parts: Uint8Array[] = []
    for await (const part of body) parts.push(Buffer.from(part))
    found.push({ header, content: Buffer.concat(parts) })
  }
  return found
}

function write(members: readonly { header: TarHeader; content: Buffer }[]): Buffer {
  const blocks = members.flatMap(({ header, content }) => [tarHeader(header), content, tarPadding(content.length)])
  return Buffer.concat([...blocks, tarEnd()])
}

const plain: TarHeader = { name: 'a', type: 'file', mode: 0o644, uid: 1, gid: 2, size: 0, mtimeSeconds: 1_700_000_000 }

describe('what GNU tar writes', () => {
  const tar = (...args: string[]): Buffer =>
    execFileSync('tar', ['--sort=name', '-C', folder, '-cf', '-', ...args, '.'], { maxBuffer: 1 << 28 })

  test.each(['v7', 'ustar', 'gnu', 'oldgnu', 'posix'])('in format %s is read', async (format) => {
    writeFileSync(join(folder, 'file'), 'content')
    execFileSync('sh', ['-c', 'mkdir d; ln file hard; ln -s file soft; chmod 4755 file'], { cwd: folder })
    const found = await entries(tar(`--format=${format}`), 7)
    expect(found.map(({ header }) => [header.name, header.type, header.linkname])).toEqual([
      ['./', 'directory', undefined],
      ['./d/', 'directory', undefined],
      ['./file', 'file', undefined],
      ['./hard', 'hardlink', './file'],
      ['./soft', 'symlink', 'file'],
    ])
    expect(found[2]?.header.mode).toBe(0o4755)
    expect(found[2]?.content.toString()).toBe('content')
  })

  test.each(['gnu', 'posix'])('with names and links longer than a block, in format %s', async (format) => {
    const name = `${'n'.repeat(200)}/${'é'.repeat(120)}`
    execFileSync('sh', ['-c', `mkdir ${'n'.repeat(200)}; echo x > ${name}; ln -s ${'l'.repeat(900)} link`], {
      cwd: folder,
    })
    const found = await entries(tar(`--format=${format}`))
    expect(found.map(({ header }) => header.name)).toContain(`./${name}`)
    expect(found.find(({ header }) => header.name === './link')?.header.linkname).toBe('l'.repeat(900))
  })

  test.each([
    ['gnu'],
    ['posix', '--sparse-version=0.0'],
    ['posix', '--sparse-version=0.1'],
    ['posix', '--sparse-version=1.0'],
  ])('with holes: %s %s', async (format, ...version) => {
    const file = join(folder, 'holes')
    const fd = openSync(file, 'w')
    for (let i = 0; i < 40; i++) writeSync(fd, `part${i}`, i * 100_003_840)
    closeSync(fd)
    truncateSync(file, 10_000_000_000)
    const found = await entries(tar('-S', `--format=${format}`, ...version), 300)
    const holes = found.find(({ header }) => header.name === './holes')
    expect(holes?.header.size).toBe(10_000_000_000)
    expect(holes?.header.sparse?.length).toBe(40)
    expect(holes?.header.sparse?.[39]?.offset).toBe(39 * 100_003_840)
    expect(holes?.content.includes('part39')).toBe(true)
  })

  test('with attributes whose values are any bytes', async () => {
    writeFileSync(join(folder, 'ping'), '')
    execFileSync('setcap', ['cap_net_raw+ep', join(folder, 'ping')])
    const found = await entries(tar('--xattrs', '--xattrs-include=*'))
    const value = found.find(({ header }) => header.name === './ping')?.header.xattrs?.get('security.capability')
    expect(value && Buffer.from(value).toString('hex')).toBe('0100000200200000000000000000000000000000')
  })
})

test('what we write, GNU tar reads back the same', () => {
  const long = 'd'.repeat(90)
  const tar = write([
    { header: { ...plain, name: 'dir', type: 'directory', mode: 0o1777 }, content: Buffer.alloc(0) },
    { header: { ...plain, name: `dir/${long}/${long}/${'é'.repeat(80)}`, size: 3 }, content: Buffer.from('abc') },
    { header: { ...plain, name: 'big-ids', uid: 3_000_000, gid: 4_000_000 }, content: Buffer.alloc(0) },
    { header: { ...plain, name: 'link', type: 'symlink', linkname: 't'.repeat(300) }, content: Buffer.alloc(0) },
    {
      header: { ...plain, name: 'null', type: 'character-device', devmajor: 1, devminor: 3 },
      content: Buffer.alloc(0),
    },
  ])
  const listed = execFileSync('tar', ['--numeric-owner', '--utc', '--quoting-style=literal', '-tvf', '-'], {
    input: tar,
    encoding: 'utf8',
  })
  expect(listed.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
    'drwxrwxrwt 1/2 0 2023-11-14 22:13 dir/',
    `-rw-r--r-- 1/2 3 2023-11-14 22:13 dir/${long}/${long}/${'é'.repeat(80)}`,
    '-rw-r--r-- 3000000/4000000 0 2023-11-14 22:13 big-ids',
    `lrw-r--r-- 1/2 0 2023-11-14 22:13 link -> ${'t'.repeat(300)}`,
    'crw-r--r-- 1/2 1,3 2023-11-14 22:13 null',
    '',
  ])
})

test('any header that is written is read back equal, however the bytes are cut', async () => {
  const nameBytes = fc
    .uint8Array({ minLength: 1, maxLength: 300 })
    .map((bytes) => decodeName(Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x61 : byte)))))
  const arbitrary = fc.record({
    name: nameBytes,
    uid: fc.integer({ min: 0, max: 2 ** 31 }),
    gid: fc.integer({ min: 0, max: 2 ** 31 }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    mtimeSeconds: fc.integer({ min: 0, max: 2 ** 34 }),
    content: fc.uint8Array({ maxLength: 1200 }),
    xattr: fc.uint8Array({ maxLength: 50 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitrary, { maxLength: 4 }),
      fc.integer({ min: 1, max: 2000 }),
      async (list, pieceSize) => {
        const members = list.map(({ content, xattr, ...rest }) => ({
          header: {
            ...rest,
            type: 'file' as const,
            size: content.length,
            xattrs: new Map([['user.x', Buffer.from(xattr)]]),
          },
          content: Buffer.from(content),
        }))
        expect(await entries(write(members), pieceSize)).toEqual(members)
      },
    ),
    { numRuns: 200 },
  )
})

test('garbage, and good tars with bytes changed, end in an OciError or in entries, never otherwise', async () => {
  const good = write([
    {
      header: { ...plain, name: 'n'.repeat(150), size: 700, xattrs: new Map([['user.x', Buffer.from('v')]]) },
      content: Buffer.alloc(700, 'x'),
    },
    { header: { ...plain, name: 'l', type: 'symlink', linkname: 'é'.repeat(100) }, content: Buffer.alloc(0) },
  ])
  const mutated = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }).map((changes) => {
    const bytes = Buffer.from(good)
    for (const [at, value] of changes) bytes[at] = value
    return bytes
  })
  const cut = fc.nat(good.length).map((length) => good.subarray(0, length))
  const random = fc.uint8Array({ maxLength: 2048 }).map((bytes) => Buffer.from(bytes))
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, cut, random), async (bytes) => {
      try {
        await entries(bytes, 333)
      } catch (error) {
        if (!(error instanceof OciError)) throw error
      }
    }),
    { numRuns: 1000 },
  )
})

test('a tar cut inside a member is an unexpected end', async () => {
  const tar = write([{ header: { ...plain, size: 1000 }, content: Buffer.alloc(1000) }])
  await expect(entries(tar.subarray(0, 900))).rejects.toThrow('unexpected EOF')
})

test('a member that is not read is skipped', async () => {
  const tar = write(
    ['a', 'b', 'c'].map((name) => ({ header: { ...plain, name, size: 2000 }, content: Buffer.alloc(2000) })),
  )
  const names: string[] = []
  for await (const { header, body } of readTar(inPieces(tar, 100))) {
    names.push(header.name)
    if (header.name === 'b') for await (const _part of body) break
  }
  expect(names).toEqual(['a', 'b', 'c'])
})

test('a name of any bytes survives as a string', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(encodeName(decodeName(bytes))).toEqual(Buffer.from(bytes))
    }),
  )
  expect(decodeName(readFileSync(import.meta.filename).subarray(0, 6))).toBe('import')
})
