import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quietLog, testFolder } from '../test-content.ts'
import { parseDeb822, parseOneLine, readAptSources } from './apt-sources.ts'
import { findArchive, sourceLines } from './archive.ts'

test('one-line sources: options, comments, other kinds', () => {
  const text = `
# deb http://old.example/debian buster main
deb-src http://archive.example/debian bookworm main
deb http://archive.example/debian bookworm main contrib # the usual
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://other.example/repo stable main
`
  expect(parseOneLine(text)).toEqual([
    { uri: 'http://archive.example/debian', suites: ['bookworm'], components: ['main', 'contrib'] },
    {
      uri: 'http://other.example/repo',
      suites: ['stable'],
      components: ['main'],
      signedBy: '/usr/share/keyrings/x.gpg',
    },
  ])
})

test('deb822 sources: several suites, comments, disabled stanzas, keys in place', () => {
  const text = `Types: deb deb-src
# a snapshot would be here
URIs: http://archive.example/debian http://second.example/debian/
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
Enabled: no
URIs: http://off.example/
Suites: trixie
Components: main

Types: deb
URIs: http://inline.example/debian
Suites: trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----
`
  const [first, second, inline, ...none] = parseDeb822(text)
  expect(none).toEqual([])
  expect(first).toEqual({
    uri: 'http://archive.example/debian',
    suites: ['trixie', 'trixie-updates'],
    components: ['main'],
    signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
  })
  expect(second?.uri).toBe('http://second.example/debian/')
  expect(inline?.signedBy).toBe('-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----')
})

async function aptDir(files: Readonly<Record<string, string>>) {
  const folder = await testFolder()
  await mkdir(join(folder.path, 'sources.list.d'), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  return folder
}

test("the archive is the machine's own Debian source, with its keys and its security updates", async () => {
  await using folder = await aptDir({
    'sources.list': 'deb http://vendor.example/apt stable main\n',
    'sources.list.d/a.list': 'deb http://tool.example/apt nodistro main\n',
    'sources.list.d/debian.sources':
      'Types: deb\nURIs: http://security.example/debian-security\nSuites: bookworm-security\nComponents: main\n\nTypes: deb\nURIs: http://archive.example/debian/\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /keys.gpg\n',
  })
  expect((await readAptSources(folder.path)).map(({ uri }) => uri)).toHaveLength(4)
  const withoutVendor = join(folder.path, 'sources.list')
  await writeFile(withoutVendor, '')
  expect(await findArchive({ dir: '', log: quietLog(), aptDir: folder.path }, folder.path)).toEqual({
    uri: 'http://archive.example/debian',
    securityUri: 'http://security.example/debian-security',
    keyring: '/keys.gpg',
  })
})

test('keys written into a source become a file; an archive that the user names comes first', async () => {
  await using folder = await aptDir({
    'sources.list.d/x.sources':
      'Types: deb\nURIs: http://archive.example/debian\nSuites: trixie\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n abc\n',
  })
  const options = { dir: '', log: quietLog(), aptDir: folder.path }
  expect((await findArchive(options, folder.path)).keyring).toBe(join(folder.path, 'manufacture-archive-keyring.asc'))
  expect(
    await findArchive({ ...options, archive: 'http://mine.example/debian/', keyring: '/mine.gpg' }, folder.path),
  ).toEqual({
    uri: 'http://mine.example/debian',
    keyring: '/mine.gpg',
  })
})

test('no Debian source: told, with what to do', async () => {
  await using folder = await aptDir({ 'sources.list': 'deb http://archive.example/ubuntu noble main\n' })
  await expect(findArchive({ dir: '', log: quietLog(), aptDir: folder.path }, folder.path)).rejects.toThrow(
    `no Debian archive is configured in ${folder.path}: name one in MANUFACTURE_DEBIAN_ARCHIVE, and the file of its keys in MANUFACTURE_DEBIAN_KEYRING`,
  )
})

test('updates that the archive does not have, or that nobody answers for, are left out', async () => {
  const archive = { uri: 'http://127.0.0.1:1/debian', securityUri: 'http://127.0.0.1:1/security', keyring: '/k.gpg' }
  expect(await sourceLines(archive, 'trixie', { updates: true })).toEqual([
    'deb [signed-by=/k.gpg] http://127.0.0.1:1/debian trixie main',
  ])
})
