import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { digestOf, openContent } from '../../oci/index.ts'
import { errorCodes, pushImage, quietLog, testFolder, testRegistry } from '../test-content.ts'
import { openRegistry } from './registry.ts'

test('/v2/ says that this is a registry', async () => {
  await using registry = await testRegistry()
  const response = await registry.fetch('/v2/')
  expect([response.status, await response.text(), response.headers.get('Docker-Distribution-API-Version')]).toEqual([
    200,
    '{}',
    'registry/2.0',
  ])
})

test('malformed names, tags and paths are refused in the dialect of the standard', async () => {
  await using registry = await testRegistry()
  const cases: readonly [string, number, string][] = [
    ['/v2/UPPER/manifests/v1', 400, 'NAME_INVALID'],
    ['/v2/a..b/manifests/v1', 400, 'NAME_INVALID'],
    ['/v2/%2e%2e%2fetc/tags/list', 400, 'NAME_INVALID'],
    [`/v2/${'a'.repeat(256)}/tags/list`, 400, 'NAME_INVALID'],
    ['/v2/app/manifests/-bad', 400, 'TAG_INVALID'],
    ['/v2/app/manifests/sha256:xyz', 400, 'DIGEST_INVALID'],
    ['/v2/app/blobs/sha256:xyz', 400, 'DIGEST_INVALID'],
    ['/v2/app/nothing', 404, 'UNKNOWN'],
    ['/', 404, 'UNKNOWN'],
  ]
  for (const [path, status, code] of cases) {
    const response = await registry.fetch(path)
    expect([path, response.status, await errorCodes(response)]).toEqual([path, status, [code]])
  }
  expect(registry.errors).toEqual([])
})

test('a method that a path does not have is 405, with those that it has', async () => {
  await using registry = await testRegistry()
  for (const path of [
    '/v2/',
    '/v2/_catalog',
    '/v2/app/tags/list',
    '/v2/app/manifests/v1',
    `/v2/app/blobs/${digestOf('x')}`,
    '/v2/app/blobs/uploads/',
  ]) {
    const response = await registry.fetch(path, { method: 'PATCH' })
    expect([path, response.status, await errorCodes(response)]).toEqual([path, 405, ['UNSUPPORTED']])
    expect(response.headers.get('Allow')).toBeTruthy()
  }
})

test('all that was acknowledged is there after a restart; half an upload is unknown', async () => {
  await using folder = await testFolder()
  const open = async () => {
    const content = await openContent({ folder: join(folder.path, 'content'), log: quietLog() })
    const registry = await openRegistry({ dir: join(folder.path, 'registry'), content, log: quietLog() })
    const port = await registry.listen(0)
    return { content, registry, url: `http://127.0.0.1:${port}` }
  }
  const digest = digestOf('durable')
  const first = await open()
  await fetch(`${first.url}/v2/app/blobs/uploads/?digest=${digest}`, { method: 'POST', body: 'durable' })
  const upload = (await fetch(`${first.url}/v2/app/blobs/uploads/`, { method: 'POST' })).headers.get('Location')
  await fetch(`${first.url}${upload}`, { method: 'PATCH', body: 'half' })
  await first.registry[Symbol.asyncDispose]()
  await first.content[Symbol.asyncDispose]()

  const second = await open()
  expect(await (await fetch(`${second.url}/v2/app/blobs/${digest}`)).text()).toBe('durable')
  const lost = await fetch(`${second.url}${upload}`)
  expect(lost.status).toBe(404)
  await second.registry[Symbol.asyncDispose]()
  await second.content[Symbol.asyncDispose]()
})

test('noise on the port does not take it down', async () => {
  await using registry = await testRegistry()
  for (const noise of [
    '\0\0\0\0',
    'GET / HTTP/9.9\r\n\r\n',
    'PATCH /v2/app/blobs/uploads/ HTTP/1.1\r\nContent-Length: 99999\r\n\r\nxx',
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(registry.port, '127.0.0.1', () => socket.end(noise))
      socket.on('close', () => resolve()).on('error', () => resolve())
      socket.resume()
    })
  }
  expect((await pushImage(registry, 'still/alive', 'v1')).response.status).toBe(201)
})
