import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changes } from './changes.ts'
import { decompress } from './decompress.ts'
import { extractTree, resolveInRoot } from './extract-tree.ts'
import { packTree } from './pack-tree.ts'
import { readTar } from './read-tar.ts'
import type { TarHeader } from './tar-entry.ts'
import type { PackTreeOptions } from './tree.ts'

let place: string
let root: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'tree-test-'))
  root = join(place, 'root')
  mkdirSync(root)
})
afterEach(() => rmSync(place, { recursive: true }))

const sh = (script: string, cwd = root): string => execFileSync('sh', ['-euc', script], { cwd, encoding: 'utf8' })
const tarOf = (script: string, ...args: readonly string[]): Buffer => {
  const folder = mkdtempSync(join(place, 'source-'))
  sh(script, folder)
  return execFileSync('tar', ['-C', folder, '-cf', '-', ...args, '.'])
}

async function packed(options?: PackTreeOptions): Promise<TarHeader[]> {
  const headers: TarHeader[] = []
  for await (const { header } of readTar(packTree(root, options))) headers.push(header)
  return headers
}

describe('packing a tree', () => {
  test('gives what tar reads, the same bytes each time', async () => {
    sh('mkdir -p b/c; echo 1 > a; echo 2 > b/c/d; ln a b/hard; ln -s /etc b/soft; seq 200000 > big')
    const [one, two] = [await packTree(root).toArray(), await packTree(root).toArray()].map((parts) =>
      Buffer.concat(parts),
    )
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true)
    mkdirSync(join(place, 'out'))
    execFileSync('tar', ['-C', join(place, 'out'), '-xf', '-'], { input: one })
    sh(`diff -r --no-dereference . ${join(place, 'out')}`)
  })

  test('of one path names it by its own name, or as asked', async () => {
    sh('mkdir -p etc/app; echo x > etc/app/conf; ln -s etc link')
    expect((await packed({ path: '/etc/app' })).map(({ name }) => name)).toEqual(
      ['app', 'app/conf'].map((name, i) => (i === 0 ? `${name}/` : name)),
    )
    expect((await packed({ path: 'link/app', rename: 'copy' })).map(({ name }) => name)).toEqual(['copy/', 'copy/conf'])
    expect((await packed({ path: '/etc', rename: '' })).map(({ name }) => name)).toEqual(['app/', 'app/conf'])
    expect((await packed({ path: '/etc/app/conf' })).map(({ name }) => name)).toEqual(['conf'])
    expect((await packed({ path: '/link' })).map(({ type }) => type)).toEqual(['symlink'])
  })

  test('can change and leave out members', async () => {
    sh('mkdir -p keep drop/deep; touch keep/a drop/deep/b')
    const filter = (header: TarHeader): TarHeader | undefined =>
      header.name === 'drop' ? undefined : { ...header, uid: 9 }
    expect((await packed({ filter })).map(({ name, uid }) => [name, uid])).toEqual([
      ['keep/', 9],
      ['keep/a', 9],
    ])
  })

  test('does not leave the root through a link, and says so when a path is not there', async () => {
    mkdirSync(join(place, 'outside'))
    writeFileSync(join(place, 'outside/secret'), 'x')
    symlinkSync(join(place, 'outside'), join(root, 'link'))
    await expect(packed({ path: '/link/secret' })).rejects.toThrow('no such file or directory')
  })
})

describe('extracting into a tree', () => {
  const extract = (tar: Buffer, options = {}): ReturnType<typeof extractTree> =>
    extractTree(root, Readable.from([tar]), options)

  test('follows a link to the target folder inside the root only', async () => {
    mkdirSync(join(place, 'outside'))
    mkdirSync(join(root, 'data'))
    symlinkSync('/data', join(root, 'inside'))
    symlinkSync(join(place, 'outside'), join(root, 'evil'))
    await extract(tarOf('echo x > file'), { path: '/inside' })
    await extract(tarOf('echo x > file'), { path: '/evil' })
    expect(readdirSync(join(root, 'data'))).toEqual(['file'])
    expect(readdirSync(join(place, 'outside'))).toEqual([])
    expect(readdirSync(join(root, place, 'outside'))).toEqual(['file'])
  })

  test('replaces files, keeps folders with what is in them, and does not write through links that are in the way', async () => {
    writeFileSync(join(place, 'victim'), 'safe')
    sh(`mkdir d; echo old > d/old; ln -s ${join(place, 'victim')} f`)
    await extract(tarOf('mkdir d; echo new > d/new; echo evil > f'))
    expect(readdirSync(join(root, 'd')).sort()).toEqual(['new', 'old'])
    expect([readFileSync(join(place, 'victim'), 'utf8'), readFileSync(join(root, 'f'), 'utf8')]).toEqual([
      'safe',
      'evil\n',
    ])
  })

  test('gives owner and mode as asked, and the tar’s otherwise', async () => {
    const tar = tarOf('mkdir d; echo x > d/f; chmod 640 d/f; chown 5:6 d d/f')
    await extract(tar, { path: '/theirs' })
    await extract(tar, { path: '/ours', owner: { uid: 1, gid: 2 }, mode: 0o755 })
    const told = (path: string): readonly number[] => [
      statSync(join(root, path)).uid,
      statSync(join(root, path)).gid,
      statSync(join(root, path)).mode & 0o7777,
    ]
    expect([told('theirs/d/f'), told('ours/d/f'), told('ours')]).toEqual([
      [5, 6, 0o640],
      [1, 2, 0o755],
      [1, 2, 0o755],
    ])
  })

  test('keeps .wh. names as they are: only layers have whiteouts', async () => {
    await extract(tarOf('touch .wh.file'))
    expect(lstatSync(join(root, '.wh.file')).isFile()).toBe(true)
  })

  test('refuses to put a file in a folder’s place when told so', async () => {
    mkdirSync(join(root, 'x'))
    await expect(extract(tarOf('touch x'), { noOverwriteDirNonDir: true })).rejects.toThrow(
      'cannot overwrite directory "/x" with non-directory "/"',
    )
    rmSync(join(root, 'x'), { recursive: true })
    writeFileSync(join(root, 'x'), '')
    await expect(extract(tarOf('mkdir x'), { noOverwriteDirNonDir: true })).rejects.toThrow(
      'cannot overwrite non-directory "/x" with directory "/"',
    )
  })

  test.each(['gzip', 'bzip2', 'xz', 'zstd'])('takes %s', async (command) => {
    const input = tarOf('echo x > file')
    const available = ((): Buffer | undefined => {
      try {
        return command === 'gzip' ? gzipSync(input) : execFileSync(command, ['-c'], { input })
      } catch {
        return undefined
      }
    })()
    if (!available) return
    await extract(available)
    expect(readdirSync(root)).toEqual(['file'])
  })
})

test('decompression of broken data is an OciError, and an error of the source is the source’s own', async () => {
  await expect(decompress(Readable.from([gzipSync('x'.repeat(1000)).subarray(0, 20)])).toArray()).rejects.toMatchObject(
    { code: 'corrupt' },
  )
  async function* cut(): AsyncGenerator<Buffer> {
    yield gzipSync('x').subarray(0, 12)
    throw new Error('line cut')
  }
  await expect(decompress(cut()).toArray()).rejects.toThrow('line cut')
})

test('a path is resolved as inside a chroot', async () => {
  sh(
    'mkdir -p usr/lib/x; ln -s usr/lib lib; ln -s ../../../../../etc usr/lib/up; ln -s loop loop; ln -s /lib/x/file chain',
  )
  const resolved = async (path: string, followLast = true): Promise<string> =>
    (await resolveInRoot(root, path, { followLast })).slice(root.length)
  expect(await resolved('/lib/x/new')).toBe('/usr/lib/x/new')
  expect(await resolved('../../lib/../lib').catch((error: Error) => error.message)).toContain('outside')
  expect(await resolved('/usr/lib/up')).toBe('/etc')
  expect(await resolved('/lib', false)).toBe('/lib')
  expect(await resolved('/chain')).toBe('/usr/lib/x/file')
  await expect(resolved('/loop/x')).rejects.toMatchObject({ code: 'ELOOP' })
})

test('the changes of a container are those that docker diff lists', async () => {
  const lower = join(place, 'lower')
  mkdirSync(lower)
  sh(
    'mkdir -p etc/keep opt/app var/empty; echo 1 > etc/conf; echo 2 > etc/gone; echo 3 > opt/app/old; echo 4 > opened; echo 5 > touched',
    lower,
  )
  for (const name of ['upper', 'work', 'merged']) mkdirSync(join(place, name))
  const [upper, merged] = [join(place, 'upper'), join(place, 'merged')]
  execFileSync('mount', [
    '-t',
    'overlay',
    '-o',
    `lowerdir=${lower},upperdir=${upper},workdir=${join(place, 'work')}`,
    'overlay',
    merged,
  ])
  try {
    sh(
      'echo more >> etc/conf; rm etc/gone; mkdir -p new/deep; echo x > new/deep/f; rm -r opt/app; mkdir opt/app; echo n > opt/app/fresh; : >> opened; chmod 600 touched; mkdir t; rmdir t',
      merged,
    )
  } finally {
    execFileSync('umount', [merged])
  }
  const kinds = ['C', 'A', 'D']
  expect((await changes(upper, [lower])).map(({ kind, path }) => `${kinds[kind]} ${path}`)).toEqual([
    'C /etc',
    'C /etc/conf',
    'D /etc/gone',
    'A /new',
    'A /new/deep',
    'A /new/deep/f',
    'C /opt',
    'C /opt/app',
    'A /opt/app/fresh',
    'D /opt/app/old',
    'C /touched',
  ])
})
