import { expect, test } from 'vitest'
import { operations } from './description.ts'
import { ask } from './http.ts'
import { sharedDaemon } from './session.ts'

const api = sharedDaemon()

const notManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'

test.each([
  '/swarm',
  '/nodes',
  '/nodes/x',
  '/services',
  '/services/x',
  '/services/x/logs',
  '/tasks',
  '/secrets',
  '/configs',
  '/swarm/unlockkey',
])('GET %s says that this is no manager of a swarm', async (path) => {
  const answer = await api.get(path)
  expect([answer.status, answer.json.message]).toEqual([503, notManager])
})

test('the docker command prints it', async () => {
  const finished = await api.daemon.docker('node', 'ls')
  expect(finished.exitCode).toBe(1)
  expect(finished.stderr).toContain(notManager)
})

test('no plugin is installed', async () => {
  expect((await api.get('/plugins')).json).toEqual([])
  expect(await api.docker('plugin', 'ls', '--quiet')).toBe('')
  const missing = await api.get('/plugins/x/json')
  expect([missing.status, missing.json.message]).toEqual([404, 'plugin "x" not found'])
})

test('no path of the reference is unknown', async () => {
  for (const operation of Object.keys(operations)) {
    const [method = '', path = ''] = operation.split(' ')
    // These would wait, or take something away.
    if (path === '/events' || path.endsWith('/prune')) continue
    // Docker Hub may be out of reach; and this one answers in an old shape too unless asked for `verbose`.
    if (['/images/search', '/distribution/{name}/json', '/system/df'].includes(path)) continue
    const answer = await ask(api.daemon.socket, method, path.replace(/\{\w+\}/g, 'nosuch'))
    expect.soft(`${operation}: ${answer.json?.message}`).not.toContain('page not found')
    expect.soft(answer.status, operation).not.toBe(500)
  }
})
