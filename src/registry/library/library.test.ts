import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parseNormalizedName } from '../../oci/index.ts'
import { openImageTransfer } from '../client/image-transfer.ts'
import type { Library, LibraryEntry, LibraryOptions, ProgressEvent } from '../contract.ts'
import { quietLog, testContent, testFolder } from '../test-content.ts'
import { faultyRegistry } from '../test-images.ts'
import { openLibrary } from './library.ts'

const run = promisify(execFile)
const nobody = { endpoints: { 'docker.io': 'http://127.0.0.1:1' } }
const assemblyTimeoutMs = 120_000

async function testLibrary(options: Partial<LibraryOptions> = {}) {
  const folder = await testFolder()
  const dir = join(folder.path, 'library')
  const library = await openLibrary({ dir, log: quietLog(), ...options })
  return {
    library,
    dir,
    [Symbol.asyncDispose]: async () => {
      await library[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** A client for whom nobody answers for Docker Hub. */
async function testTransfer(library: Library) {
  const target = await testContent()
  const transfer = openImageTransfer({ content: target.content, log: quietLog(), configuration: nobody, library })
  return {
    content: target.content,
    transfer,
    [Symbol.asyncDispose]: async () => {
      transfer[Symbol.dispose]()
      await target[Symbol.asyncDispose]()
    },
  }
}

test('busybox is assembled, told to be so, kept, shared and exported', { timeout: assemblyTimeoutMs }, async () => {
  await using it = await testLibrary()
  await using client = await testTransfer(it.library)
  const events: ProgressEvent[] = []
  const reference = parseNormalizedName('busybox')
  const options = { onProgress: (event: ProgressEvent) => void events.push(event) }
  const [pulled, other] = await Promise.all([client.transfer.pull(reference, options), client.transfer.pull(reference)])
  expect(other.image.id).toBe(pulled.image.id)
  expect(pulled).toMatchObject({ newer: true, assembledFrom: 'debian/trixie', image: { tags: ['busybox:latest'] } })
  const lines = events.map(({ status }) => status)
  expect(lines).toContain(
    "Docker Hub cannot be reached: assembling busybox:latest from the Debian archive (debian/trixie); it is not Docker Hub's own image",
  )
  for (const line of ['Pulling from library/busybox', 'Downloading packages', 'Assembled', 'Pull complete'])
    expect(lines).toContain(line)
  expect(lines.at(-1)).toBe('Status: Downloaded newer image for busybox:latest')

  const { config } = pulled.image
  expect(config.config).toMatchObject({ Cmd: ['sh'], Labels: { 'manufacture.assembled-from': 'debian/trixie' } })
  expect(config.config?.Labels?.['manufacture.note']).toMatch(/Docker Hub/)
  const chainId = pulled.image.chainId
  const layer = chainId && client.content.layers.get(chainId)
  expect(layer?.size).toBeLessThan(2.5 * 1024 * 1024)
  const root = layer?.folder ?? ''
  expect((await run('chroot', [root, '/bin/sh', '-c', 'echo $(id -un) $(ls /bin | wc -l)'])).stdout).toMatch(
    /^root [23]\d\d\n$/,
  )
  expect(await readFile(join(root, 'etc/passwd'), 'utf8')).toMatch(/^root:x:0:0:root:\/root:\/bin\/sh$/m)

  // What it was assembled in is gone; the folder is a layout that others read.
  expect(await readdir(join(it.dir, 'work'))).toEqual([])
  await using elsewhere = await testFolder()
  const exported = await it.library.exportTo(elsewhere.path, ['busybox'])
  expect(exported).toMatchObject([{ name: 'busybox:latest', ready: true }] satisfies Partial<LibraryEntry>[])

  // Another process with the exported folder: at once, without the archive.
  await using second = await openLibrary({ dir: elsewhere.path, log: quietLog(), archive: 'http://127.0.0.1:1/debian' })
  await using reader = await testTransfer(second)
  events.length = 0
  const again = await reader.transfer.pull(reference, { ...options, language: 'fr' })
  expect(again.digest).toBe(pulled.digest)
  expect(events.map(({ status }) => status)).toContain(
    "Docker Hub est injoignable : busybox:latest vient de la bibliothèque de cette machine, assemblée à partir de l'archive Debian (debian/trixie)",
  )
  const byDigest = { ...parseNormalizedName('busybox'), digest: pulled.digest }
  expect((await reader.transfer.pull(byDigest)).newer).toBe(false)
})

test('a killed assembly leaves no mount and no process, and the next start sweeps its folder', {
  timeout: assemblyTimeoutMs,
}, async () => {
  await using folder = await testFolder()
  const dir = join(folder.path, 'library')
  const source = `import { openLibrary } from ${JSON.stringify(join(import.meta.dirname, 'library.ts'))}
    const log = { debug() {}, info() {}, warn() {}, error() {} }
    const library = await openLibrary({ dir: ${JSON.stringify(dir)}, log })
    await library.prepare(['debian:trixie'], (event) => console.log(event.status))`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  for await (const line of createInterface({ input: child.stdout })) if (line === 'Downloading packages') break
  child.kill('SIGKILL')
  expect((await readdir(join(dir, 'work'))).length).toBe(2)
  await using _library = await openLibrary({ dir, log: quietLog() })
  expect(await readdir(join(dir, 'work'))).toEqual([])
  expect(await readFile('/proc/mounts', 'utf8')).not.toContain(dir)
  await expect
    .poll(async () => (await run('sh', ['-c', `ps -ewwo args | grep -F ${dir} | grep -v grep || true`])).stdout)
    .toBe('')
})

test('an archive that cannot be reached: a clear error, nothing left', { timeout: assemblyTimeoutMs }, async () => {
  await using it = await testLibrary({ archive: 'http://127.0.0.1:1/debian' })
  await using client = await testTransfer(it.library)
  await expect(client.transfer.pull(parseNormalizedName('busybox'))).rejects.toMatchObject({
    name: 'TransferError',
    statusCode: 500,
    message: expect.stringMatching(
      /^Cannot assemble busybox:latest: the Debian archive cannot be reached: .*127\.0\.0\.1/s,
    ),
  })
  expect(await readdir(join(it.dir, 'work'))).toEqual([])
  expect(existsSync(join(it.dir, 'index.json'))).toBe(false)
})

test('a name that cannot be assembled gets the sentence of Docker, and the cause', async () => {
  await using it = await testLibrary()
  await using client = await testTransfer(it.library)
  const cause = (name: string) =>
    `(Docker Hub cannot be reached: Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused; ${name} is not among the images that can be assembled here)`
  await expect(client.transfer.pull(parseNormalizedName('alpine'))).rejects.toMatchObject({
    message: `pull access denied for alpine, repository does not exist or may require 'docker login': denied: requested access to the resource is denied ${cause('alpine:latest')}`,
    statusCode: 404,
  })
  await expect(client.transfer.pull(parseNormalizedName('python:2.7'))).rejects.toMatchObject({
    message: `manifest for python:2.7 not found: manifest unknown: manifest unknown ${cause('python:2.7')}`,
    statusCode: 404,
  })
})

test('that Docker Hub cannot be reached is remembered: it is not asked again at once', async () => {
  await using it = await testLibrary()
  await using hub = await faultyRegistry(undefined, (_incoming, response) => {
    response.destroy()
    return true
  })
  await using target = await testContent()
  using transfer = openImageTransfer({
    content: target.content,
    log: quietLog(),
    library: it.library,
    configuration: { endpoints: { 'docker.io': hub.url } },
  })
  for (const name of ['alpine', 'alpine', 'ubuntu'])
    await expect(transfer.pull(parseNormalizedName(name))).rejects.toThrow('pull access denied')
  expect(hub.seen).toEqual(['GET /v2/'])
})

test('without a library, the failure is told as Docker tells it', async () => {
  await using target = await testContent()
  using transfer = openImageTransfer({ content: target.content, log: quietLog(), configuration: nobody })
  await expect(transfer.pull(parseNormalizedName('busybox'))).rejects.toThrow(
    'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
  )
})

test('the list says what is ready; an unknown name is refused', async () => {
  await using it = await testLibrary()
  const entries = await it.library.list()
  expect(entries.find(({ name }) => name === 'python:3.9')).toMatchObject({
    assembledFrom: 'debian/bullseye',
    ready: false,
  })
  await expect(it.library.prepare(['alpine'])).rejects.toThrow('alpine is not in the library of base images')
})
