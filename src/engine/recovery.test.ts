import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestEngine, testEngine } from './testing/test-engine.ts'

let house: TestEngine
beforeAll(async () => {
  house = await testEngine()
}, 60_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
}, 60_000)

test('an engine that comes back finds its containers: running, ended meanwhile, and gone with --rm', async () => {
  await house.engine.networks.create({ Name: 'kept' })
  const PortBindings = { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] }
  const running = await house.start(['sleep', '100'], { hostConfig: { NetworkMode: 'kept', PortBindings } })
  const ended = await house.start(['sh', '-c', 'echo last words; exit 5'], { hostConfig: {} })
  const removed = await house.start(['true'], { hostConfig: { AutoRemove: true } })
  const before = await house.engine.containers.inspect(running)
  await house.restart()
  const { containers } = house.engine
  const after = await containers.inspect(running)
  expect(after.State).toEqual(before.State)
  expect(after.NetworkSettings).toEqual(before.NetworkSettings)
  await expect
    .poll(async () => (await containers.inspect(ended)).State)
    .toMatchObject({ Status: 'exited', ExitCode: 5 })
  await expect.poll(() => containers.list({ all: true, filters: { id: [removed] } })).toEqual([])
  await containers.stop(running, { timeoutSeconds: 0 })
  await containers.remove(running)
  await house.engine.networks.remove('kept')
})

test('a container that is created is still there, with its name and its files', async () => {
  const { Id } = await house.engine.containers.create({
    name: 'later',
    config: { Image: 'tools', Cmd: ['cat', '/data/new'] },
    hostConfig: { NetworkMode: 'none', Binds: ['kept-data:/data'] },
  })
  await house.restart()
  expect(house.engine.containers.resolve('later')).toBe(Id)
  expect((await house.engine.volumes.inspect('kept-data')).Driver).toBe('local')
  await house.engine.containers.remove('later', { volumes: true })
  await house.engine.volumes.remove('kept-data')
})
