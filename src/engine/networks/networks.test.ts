import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestEngine, testEngine } from '../testing/test-engine.ts'

let house: TestEngine
beforeAll(async () => {
  house = await testEngine()
}, 60_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
}, 60_000)

const networks = () => house.engine.networks

test('a network of the user’s gives its containers addresses, names in hosts and the engine’s name server', async () => {
  const { Id } = await networks().create({ Name: 'shop', Labels: { for: 'tests' } })
  await expect(networks().create({ Name: 'shop' })).rejects.toMatchObject({
    kind: 'conflict',
    message: 'network with name shop already exists',
  })
  const first = await house.start(['sleep', '60'], { name: 'first', hostConfig: { NetworkMode: 'shop' } })
  const { NetworkSettings, Config } = await house.engine.containers.inspect(first)
  const place = NetworkSettings.Networks.shop
  expect(place).toMatchObject({ NetworkID: Id, DNSNames: ['first', first.slice(0, 12)] })
  expect(networks().inspect('shop').Containers[first]).toMatchObject({ Name: 'first', MacAddress: place?.MacAddress })
  const second = await house.run(['cat', '/etc/hosts', '/etc/resolv.conf'], { hostConfig: { NetworkMode: 'shop' } })
  expect(second.stdout).toContain('127.0.0.1\tlocalhost')
  expect(second.stdout).toContain('nameserver 127.0.0.11')
  expect(Config.Hostname).toBe(first.slice(0, 12))
  await expect(networks().remove('shop')).rejects.toMatchObject({
    kind: 'forbidden',
    message: `error while removing network: network shop has active endpoints (name:"first" id:"${place?.EndpointID?.slice(0, 12)}")`,
  })
  await house.engine.containers.remove('first', { force: true })
  await networks().remove('shop')
  expect(() => networks().inspect('shop')).toThrow('network shop not found')
})

test('a container joins and leaves networks while it runs', async () => {
  await networks().create({ Name: 'one', IPAM: { Config: [{ Subnet: '10.211.7.0/24' }] } })
  const id = await house.start(['sleep', '60'], { hostConfig: { NetworkMode: 'bridge' } })
  await networks().connect('one', id, { IPAMConfig: { IPv4Address: '10.211.7.77' }, Aliases: ['alias'] })
  const { NetworkSettings } = await house.engine.containers.inspect(id)
  expect(NetworkSettings.Networks.one).toMatchObject({ IPAddress: '10.211.7.77', Gateway: '10.211.7.1' })
  expect(Object.keys(house.linux.network.counters(id))).toEqual(['eth0', 'eth1'])
  await expect(networks().connect('one', id)).rejects.toThrow('already exists in network one')
  await networks().disconnect('one', id)
  expect(Object.keys(house.linux.network.counters(id))).toEqual(['eth0'])
  await expect(networks().disconnect('one', id)).rejects.toThrow(`container ${id} is not connected to network one`)
  await house.engine.containers.remove(id, { force: true })
  await networks().remove('one')
})

test('a port is one container’s; the second is refused and stays created', async () => {
  const PortBindings = { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] }
  const id = await house.start(['sleep', '60'], { hostConfig: { NetworkMode: 'bridge', PortBindings } })
  const port = (await house.engine.containers.inspect(id)).NetworkSettings.Ports['80/tcp']?.[0]?.HostPort ?? ''
  expect(Number(port)).toBeGreaterThanOrEqual(32768)
  const { Id } = await house.engine.containers.create({
    name: 'late',
    config: { Image: 'tools', Cmd: ['true'] },
    hostConfig: { NetworkMode: 'bridge', PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: port }] } },
  })
  await expect(house.engine.containers.start(Id)).rejects.toThrow(
    new RegExp(
      `^failed to set up container networking: driver failed programming external connectivity on endpoint late \\([0-9a-f]{64}\\): Bind for 127\\.0\\.0\\.1:${port} failed: port is already allocated$`,
    ),
  )
  expect((await house.engine.containers.inspect(Id)).State.Status).toBe('created')
  expect(house.engine.causes.of(Id)).toMatchObject({ stage: 'port', reason: 'port-in-use', subject: port })
  await house.engine.containers.remove(id, { force: true })
  await house.engine.containers.start(Id)
  await house.engine.containers.remove(Id, { force: true })
})

test('predefined networks stay, unknown drivers are refused', async () => {
  await expect(networks().remove('bridge')).rejects.toThrow('bridge is a pre-defined network and cannot be removed')
  await expect(networks().create({ Name: 'host' })).rejects.toMatchObject({ kind: 'forbidden' })
  await expect(networks().create({ Name: 'x1', Driver: 'nope' })).rejects.toMatchObject({ kind: 'notFound' })
})
