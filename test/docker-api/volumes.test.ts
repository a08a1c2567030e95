import { expect, test } from 'vitest'
import { filters } from './http.ts'
import { sharedDaemon } from './session.ts'

const api = sharedDaemon('busybox')

test('a volume is made, shown, listed and removed', async () => {
  const created = await api.post('/volumes/create', { Name: 'data', Labels: { a: 'b' } })
  expect(created.status).toBe(201)
  expect(created.json).toMatchObject({ Name: 'data', Driver: 'local', Scope: 'local', Labels: { a: 'b' } })
  const again = await api.post('/volumes/create', { Name: 'data' })
  expect(again.json.CreatedAt).toBe(created.json.CreatedAt)
  expect((await api.get('/volumes/data')).json).toEqual(created.json)
  expect((await api.get(`/volumes?${filters({ label: ['a=b'] })}`)).json.Volumes).toHaveLength(1)
  expect((await api.get(`/volumes?${filters({ label: ['a=c'] })}`)).json.Volumes ?? []).toHaveLength(0)
  expect((await api.delete('/volumes/data')).status).toBe(204)
  expect((await api.delete('/volumes/data')).json.message).toBe('get data: no such volume')
  expect((await api.delete('/volumes/data?force=1')).status).toBe(204)
})

test('a volume without a name gets one', async () => {
  expect((await api.post('/volumes/create', {})).json.Name).toMatch(/^[0-9a-f]{64}$/)
})

test('a volume keeps what a container wrote, and begins with what the image has there', async () => {
  await api.docker('run', '--rm', '-v', 'kept:/data', 'busybox', 'sh', '-c', 'echo hello > /data/file')
  expect(await api.docker('run', '--rm', '-v', 'kept:/data', 'busybox', 'cat', '/data/file')).toBe('hello')
  expect(await api.docker('run', '--rm', '-v', 'filled:/bin', 'busybox', 'ls', '/bin/busybox')).toBe('/bin/busybox')
  await api.docker('volume', 'rm', 'kept', 'filled')
})

test('a volume in use is not removed', async () => {
  await api.docker('create', '--name', 'user', '-v', 'used:/data', 'busybox')
  const id = await api.docker('inspect', '--format', '{{.Id}}', 'user')
  const refused = await api.delete('/volumes/used')
  expect([refused.status, refused.json.message]).toEqual([409, `remove used: volume is in use - [${id}]`])
  await api.docker('rm', 'user')
  await api.docker('volume', 'rm', 'used')
})

test('prune takes nameless volumes, and all that nobody uses only where it is asked to', async () => {
  await api.post('/volumes/create', { Name: 'named' })
  const nameless = (await api.post('/volumes/create', {})).json.Name
  const pruned = await api.post('/volumes/prune')
  expect(pruned.json.VolumesDeleted).toContain(nameless)
  expect(pruned.json.VolumesDeleted).not.toContain('named')
  const old = await api.post('/volumes/prune', undefined, { version: '1.41' })
  expect(old.json.VolumesDeleted).toEqual(['named'])
})

test('volumes of a swarm cannot be updated here', async () => {
  const answer = await api.put('/volumes/x?version=1', { body: {} })
  expect([answer.status, answer.json.message]).toEqual([
    503,
    'volume update only valid for cluster volumes, but swarm is unavailable',
  ])
})
