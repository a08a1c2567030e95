import { expect, test } from 'vitest'
import { sharedDaemon } from './session.ts'

const api = sharedDaemon('busybox')

test('an image goes to the registry that runs beside, and comes back by its digest', async () => {
  const registry = api.daemon.status.addresses.registry?.replace(/^https?:\/\//, '')
  const name = `${registry}/mine/busybox:1`
  await api.docker('tag', 'busybox', name)
  const pushed = await api.docker('push', name)
  const digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed)?.[1]
  expect(digest).toBeDefined()
  const described = await api.get(`/distribution/${name}/json`)
  expect(described.json).toMatchObject({ Descriptor: { digest }, Platforms: [{ os: 'linux' }] })
  const [{ Id }] = [(await api.get(`/images/${name}/json`)).json]
  await api.docker('rmi', name)
  await api.docker('pull', `${registry}/mine/busybox@${digest}`)
  expect((await api.get(`/images/${registry}/mine/busybox@${digest}/json`)).json.Id).toBe(Id)
})

test('an image that no registry has is not described', async () => {
  const registry = api.daemon.status.addresses.registry?.replace(/^https?:\/\//, '')
  const answer = await api.get(`/distribution/${registry}/nosuch:1/json`)
  expect(answer.status).toBe(404)
  expect((await api.get('/distribution/UPPER/json')).status).toBe(400)
})
