import { afterEach, expect, test } from 'vitest'
import { filters } from './http.ts'
import { sharedDaemon } from './session.ts'

const api = sharedDaemon('busybox')

afterEach(async () => {
  const left = await api.docker('ps', '--all', '--quiet')
  if (left !== '') await api.docker('rm', '--force', ...left.split('\n'))
  await api.docker('network', 'prune', '--force')
})

test('bridge, host and none are there and stay', async () => {
  const list = await api.get('/networks')
  expect(list.json.map((each: { Name: string }) => each.Name).sort()).toEqual(['bridge', 'host', 'none'])
  const refused = await api.delete('/networks/bridge')
  expect([refused.status, refused.json.message]).toEqual([403, 'bridge is a pre-defined network and cannot be removed'])
})

test('a network is made, shown and removed', async () => {
  const created = await api.post('/networks/create', {
    Name: 'made',
    Labels: { a: 'b' },
    IPAM: { Config: [{ Subnet: '10.123.45.0/24', Gateway: '10.123.45.7' }] },
  })
  expect(created.status).toBe(201)
  const shown = await api.get(`/networks/${created.json.Id.slice(0, 12)}`)
  expect(shown.json).toMatchObject({
    Name: 'made',
    Id: created.json.Id,
    Driver: 'bridge',
    Scope: 'local',
    EnableIPv4: true,
    Labels: { a: 'b' },
    IPAM: { Config: [{ Subnet: '10.123.45.0/24', Gateway: '10.123.45.7' }] },
    Containers: {},
  })
  expect('EnableIPv4' in (await api.get('/networks/made', { version: '1.47' })).json).toBe(false)
  expect((await api.get(`/networks?${filters({ name: ['made'] })}`)).json).toHaveLength(1)
  const twice = await api.post('/networks/create', { Name: 'made' })
  expect([twice.status, twice.json.message]).toEqual([409, 'network with name made already exists'])
  expect((await api.delete('/networks/made')).status).toBe(204)
  expect((await api.delete('/networks/made')).json.message).toBe('network made not found')
})

test('containers find each other by name and alias on a network of the user', async () => {
  await api.docker('network', 'create', 'shared')
  await api.docker(
    'run',
    '-d',
    '--name',
    'server',
    '--network',
    'shared',
    '--network-alias',
    'web',
    'busybox',
    'sh',
    '-c',
    'echo hello > /tmp/index.html; httpd -f -h /tmp',
  )
  const fetch = (host: string) =>
    api.docker(
      'run',
      '--rm',
      '--network',
      'shared',
      'busybox',
      'sh',
      '-c',
      `for i in 1 2 3 4 5; do wget -q -O - http://${host}/ && exit; sleep 0.2; done`,
    )
  expect(await fetch('server')).toBe('hello')
  expect(await fetch('web')).toBe('hello')
  const shown = await api.get('/networks/shared')
  expect(Object.values(shown.json.Containers)).toMatchObject([{ Name: 'server' }])
  const refused = await api.delete('/networks/shared')
  expect(refused.status).toBe(403)
  expect(refused.json.message).toMatch(/^error while removing network: network shared has active endpoints/)
})

test('a running container is connected and disconnected', async () => {
  await api.docker('network', 'create', '--subnet', '10.124.0.0/24', 'second')
  const id = await api.start({ Cmd: ['sleep', '60'] }, 'moving')
  const connected = await api.post('/networks/second/connect', {
    Container: 'moving',
    EndpointConfig: { IPAMConfig: { IPv4Address: '10.124.0.99' }, Aliases: ['wanderer'] },
  })
  expect([connected.status, connected.text]).toEqual([200, ''])
  const { Networks } = (await api.get(`/containers/${id}/json`)).json.NetworkSettings
  expect(Networks.second).toMatchObject({ IPAddress: '10.124.0.99', IPPrefixLen: 24, Aliases: ['wanderer'] })
  expect(await api.docker('exec', 'moving', 'ip', 'addr')).toContain('10.124.0.99/24')
  expect((await api.post('/networks/second/disconnect', { Container: 'moving' })).status).toBe(200)
  expect(await api.docker('exec', 'moving', 'ip', 'addr')).not.toContain('10.124.0.99')
  const again = await api.post('/networks/second/disconnect', { Container: 'moving' })
  expect(again.json.message).toBe(`container ${id} is not connected to network second`)
})

test('published ports reach the container, and a busy one is refused', async () => {
  await api.docker(
    'run',
    '-d',
    '--name',
    'published',
    '-p',
    '127.0.0.1::80',
    'busybox',
    'sh',
    '-c',
    'echo hello > /tmp/index.html; httpd -f -h /tmp',
  )
  const address = (await api.docker('port', 'published', '80/tcp')).split('\n')[0]
  expect(await (await fetch(`http://${address}/`)).text()).toBe('hello\n')
  const port = address?.split(':')[1]
  const second = await api.daemon.docker('run', '--rm', '-p', `127.0.0.1:${port}:80`, 'busybox', 'true')
  expect(second.exitCode).toBe(125)
  expect(second.stderr).toContain('port is already allocated')
})

test('prune removes networks that nobody uses', async () => {
  await api.docker('network', 'create', 'unused')
  expect((await api.post('/networks/prune')).json.NetworksDeleted).toEqual(['unused'])
})
