import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './http.ts'
import { sharedDaemon } from './session.ts'

const api = sharedDaemon('busybox')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-'))
})
afterAll(async () => await rm(folder, { recursive: true }))

async function dockerfile(text: string): Promise<void> {
  await writeFile(join(folder, 'Dockerfile'), text)
}

test('docker build makes an image, and the second time from its cache', async () => {
  await dockerfile('FROM busybox\nARG NAME=nobody\nENV NAME=$NAME\nRUN echo hello > /file\nCMD cat /file; echo $NAME\n')
  const first = await api.docker('build', '-t', 'built', folder)
  expect(first).toMatch(/^Step 1\/5 : FROM busybox$/m)
  expect(first).toMatch(/Successfully tagged built:latest$/)
  expect(await api.docker('run', '--rm', 'built')).toBe('hello\nnobody')
  expect(await api.docker('build', '-t', 'built', folder)).toContain('---> Using cache')
  await api.docker('build', '-t', 'named', '--build-arg', 'NAME=somebody', folder)
  expect(await api.docker('run', '--rm', 'named')).toBe('hello\nsomebody')
})

test('quiet builds print the id alone', async () => {
  await dockerfile('FROM busybox\nLABEL a=b\n')
  expect(await api.docker('build', '-q', folder)).toMatch(/^sha256:[0-9a-f]{64}$/)
})

test('a step that fails ends the stream with its exit code', async () => {
  await dockerfile('FROM busybox\nRUN exit 3\n')
  const failed = await api.daemon.docker('build', folder)
  expect(failed.exitCode).toBe(3)
  expect(failed.stderr).toContain("The command '/bin/sh -c exit 3' returned a non-zero code: 3")
})

test('a bad Dockerfile is told with a status', async () => {
  await dockerfile('FROM busybox\nNOSUCH x\n')
  const failed = await api.daemon.docker('build', folder)
  expect(failed.stderr).toContain('dockerfile parse error on line 2: unknown instruction: NOSUCH')
})

test.each([
  ['buildargs=%7B', 'error reading build args: unexpected EOF'],
  ['labels=%5B%5D', 'error reading labels: json: cannot unmarshal array into Go value of type map[string]string'],
  ['squash=1', 'squash is only supported with experimental mode'],
  ['version=3', 'invalid version "3"'],
  ['isolation=hyperv', 'unsupported isolation: "hyperv"'],
])('POST /build?%s is refused: %s', async (query, sentence) => {
  const answer = await api.post(`/build?${query}`, undefined, { raw: '' })
  expect([answer.status, answer.json.message]).toEqual([400, sentence])
})

test('a context that is no archive is refused', async () => {
  const answer = await api.post('/build', undefined, { raw: 'no tar' })
  expect(answer.status >= 400 || jsonLines(answer.text).some((line) => line.errorDetail !== undefined)).toBe(true)
})

test('the cache is told, and pruned', async () => {
  const usage = await api.get('/system/df?type=build-cache&verbose=1')
  expect(usage.json.BuildCacheUsage.TotalCount).toBeGreaterThan(0)
  const pruned = await api.post('/build/prune?all=1')
  expect(pruned.status).toBe(200)
  expect(pruned.json.CachesDeleted.length).toBeGreaterThan(0)
  const wrong = await api.post('/build/prune?keep-storage=much')
  expect(wrong.json.message).toContain('keep-storage is in bytes and expects an integer, got much')
})
