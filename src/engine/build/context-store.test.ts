import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TarHeader, tarEnd, tarHeader, tarPadding } from '../../oci/index.ts'
import { ContextStore } from './context-store.ts'
import { parseIgnore } from './ignore-file.ts'

let folder: string
let store: ContextStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'context-'))
  store = new ContextStore(join(folder, 'contexts'))
})
afterEach(() => rm(folder, { recursive: true }))

type Member = Partial<TarHeader> & { name: string; text?: string }

async function* tar(members: readonly Member[]): AsyncGenerator<Uint8Array> {
  for (const { text, ...header } of members) {
    const bytes = Buffer.from(text ?? '')
    yield tarHeader({ type: 'file', mode: 0o644, uid: 7, gid: 7, size: bytes.length, mtimeSeconds: 1, ...header })
    yield bytes
    yield tarPadding(bytes.length)
  }
  yield tarEnd()
}

const receive = (members: readonly Member[]) => store.receive(tar(members), new AbortController().signal)
const paths = (tree: Awaited<ReturnType<typeof receive>>['tree']) => [...tree.walk('')].map(({ path }) => path).slice(1)

describe('a context', () => {
  it('is kept once by content, however often it comes', async () => {
    await receive([
      { name: 'a', text: 'same' },
      { name: 'b', text: 'same' },
    ])
    await receive([{ name: './c', text: 'same' }])
    expect(await readdir(join(folder, 'contexts'))).toHaveLength(1)
  })

  it('cannot reach outside, whatever its names and links say', async () => {
    const { tree } = await receive([
      { name: '../../etc/passwd', text: 'x' },
      { name: '/abs', text: 'x' },
      { name: 'link', type: 'symlink', linkname: '/etc', size: 0 },
      { name: 'link/shadow', text: 'x' },
      { name: 'up', type: 'symlink', linkname: '../../../../../../etc/shadow', size: 0 },
      { name: 'device', type: 'character-device', devmajor: 1, devminor: 3, size: 0 },
    ])
    expect(paths(tree)).toEqual(['abs', 'etc', 'etc/passwd', 'link', 'link/shadow', 'up'])
    expect(tree.resolve('up')).toBeUndefined()
    expect(await readdir(folder)).toEqual(['contexts'])
  })

  it('follows links inside itself, and gives up on circles', async () => {
    const { tree } = await receive([
      { name: 'd/f', text: 'found' },
      { name: 'to-d', type: 'symlink', linkname: 'd', size: 0 },
      { name: 'd/abs', type: 'symlink', linkname: '/d/f', size: 0 },
      { name: 'round', type: 'symlink', linkname: 'round', size: 0 },
      { name: 'hard', type: 'hardlink', linkname: 'd/f', size: 0 },
    ])
    expect(tree.resolve('to-d/abs')?.path).toBe('d/f')
    expect(tree.resolve('hard')?.digest).toBe(tree.resolve('d/f')?.digest)
    expect(() => tree.resolve('round')).toThrow('too many levels of symbolic links')
  })

  it('says that a tar is broken, and leaves nothing half-written', async () => {
    const broken = async function* () {
      yield tarHeader({ name: 'a', type: 'file', mode: 0o644, uid: 0, gid: 0, size: 2_000_000, mtimeSeconds: 0 })
      yield Buffer.alloc(1000)
    }
    await expect(store.receive(broken(), new AbortController().signal)).rejects.toThrow('Error processing tar file: ')
    expect(await readdir(join(folder, 'contexts'))).toEqual([])
  })

  it('keeps large files too, and finds them again after a restart', async () => {
    const text = 'x'.repeat(3_000_000)
    const { tree } = await receive([{ name: 'large', text }])
    const again = new ContextStore(join(folder, 'contexts'))
    await again.load()
    expect(again.list().get(tree.get('large')?.digest ?? '')).toBe(3_000_000)
  })

  it('is filtered by .dockerignore in Docker’s way', async () => {
    const ignore = parseIgnore('# comment\n*.md\n!README.md\nnode_modules\n')
    const { tree } = await receive([
      { name: 'a.md', text: '1' },
      { name: 'README.md', text: '2' },
      { name: 'node_modules/x/y', text: '3' },
      { name: 'src/b.md', text: '4' },
    ])
    expect(paths(tree.filter((path) => !ignore.excludes(path)))).toEqual(['README.md', 'src', 'src/b.md'])
  })
})
