import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { negotiate } from '../http/api-version.ts'
import { Call } from '../http/call.ts'
import { Query } from '../http/query.ts'
import { readCreateRequest } from './container-create.ts'

const silent = () => undefined

function create(version: string, body: object, query = '') {
  const request = new IncomingMessage(new Socket())
  const text = JSON.stringify(body)
  request.method = 'POST'
  request.headers = { 'content-type': 'application/json', 'content-length': String(text.length) }
  request.push(text)
  request.push(null)
  return readCreateRequest(
    new Call({
      request,
      response: new ServerResponse(request),
      path: '/containers/create',
      query: new Query(query),
      version: negotiate(version),
      params: {},
      log: { debug: silent, info: silent, warn: silent, error: silent },
      upgrade: undefined,
    }),
  )
}

test('name and platform come from the query; a platform is known since 1.41', async () => {
  const { request } = await create('1.44', { Image: 'x' }, 'name=me&platform=linux/arm64')
  expect(request).toMatchObject({ name: 'me', platform: 'linux/arm64' })
  const old = await create('1.40', { Image: 'x' }, 'platform=linux/arm64')
  expect('platform' in old.request).toBe(false)
})

test('"default" is the bridge, and what is said of it goes with it', async () => {
  const { request } = await create('1.44', {
    Image: 'x',
    HostConfig: { NetworkMode: 'default' },
    NetworkingConfig: { EndpointsConfig: { default: { Aliases: ['a'] } } },
  })
  expect(request.hostConfig?.NetworkMode).toBe('bridge')
  expect(request.networkingConfig?.EndpointsConfig).toEqual({ bridge: { Aliases: ['a'] } })
})

test('an old client’s container has the namespaces that it had then', async () => {
  const at = async (version: string) => (await create(version, { Image: 'x' })).request.hostConfig
  expect(await at('1.39')).toMatchObject({ IpcMode: 'shareable', CgroupnsMode: 'host' })
  expect((await at('1.40'))?.IpcMode).toBeUndefined()
  expect((await at('1.41'))?.CgroupnsMode).toBeUndefined()
})

test('what a version did not know is not heard', async () => {
  const body = {
    Image: 'x',
    Healthcheck: { StartInterval: 5, Interval: 6 },
    HostConfig: { Annotations: { a: 'b' }, ConsoleSize: [1, 2], PidsLimit: -1 },
  }
  const { config, hostConfig } = (await create('1.41', body)).request
  expect(config.Healthcheck).toEqual({ Interval: 6 })
  expect(hostConfig).toEqual({ NetworkMode: 'bridge' })
  expect((await create('1.44', body)).request.hostConfig).toMatchObject({
    Annotations: { a: 'b' },
    ConsoleSize: [1, 2],
  })
})

test('several networks at once are possible since 1.44', async () => {
  const body = { Image: 'x', NetworkingConfig: { EndpointsConfig: { a: {}, b: {} } } }
  await expect(create('1.43', body)).rejects.toThrow(
    'Container cannot be created with multiple network endpoints: a, b',
  )
  expect((await create('1.44', body)).request.networkingConfig?.EndpointsConfig).toEqual({ a: {}, b: {} })
})

test('a MAC address of the container becomes one of its endpoint, with a warning, and then no more', async () => {
  const body = { Image: 'x', MacAddress: '02:00:00:00:00:01' }
  const endpoint = { bridge: { MacAddress: '02:00:00:00:00:01' } }
  const old = await create('1.43', body)
  expect([old.request.networkingConfig?.EndpointsConfig, old.warnings]).toEqual([endpoint, []])
  const newer = await create('1.44', body)
  expect(newer.request.networkingConfig?.EndpointsConfig).toEqual(endpoint)
  expect(newer.warnings).toEqual([
    'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.',
  ])
  const newest = await create('1.52', body)
  expect(newest.request.networkingConfig?.EndpointsConfig).toEqual({})
  await expect(create('1.43', { ...body, HostConfig: { NetworkMode: 'host' } })).rejects.toThrow(
    'conflicting options: mac-address and the network mode',
  )
})

test('sysctls of eth0 go to the endpoint before 1.48 and are refused after', async () => {
  const body = {
    Image: 'x',
    HostConfig: { Sysctls: { 'net.ipv4.conf.eth0.log_martians': '1', 'net.ipv4.ip_forward': '1' } },
  }
  const { request, warnings } = await create('1.47', body)
  expect(request.hostConfig?.Sysctls).toEqual({ 'net.ipv4.ip_forward': '1' })
  expect(request.networkingConfig?.EndpointsConfig?.bridge?.DriverOpts).toEqual({
    'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.log_martians=1',
  })
  expect(warnings[0]).toMatch(/^Migrated sysctl "net.ipv4.conf.eth0.log_martians" to DriverOpts/)
  await expect(create('1.48', body)).rejects.toThrow('must be supplied using driver option')
})

test('an empty list of port bindings is one binding, with a warning since 1.52', async () => {
  const body = {
    Image: 'x',
    HostConfig: { PortBindings: { '80/tcp': [], '81/tcp': null, '82/tcp': [{ HostPort: '1' }] } },
  }
  const { request, warnings } = await create('1.52', body)
  expect(request.hostConfig?.PortBindings).toEqual({ '80/tcp': [{}], '81/tcp': [{}], '82/tcp': [{ HostPort: '1' }] })
  expect(warnings[0]).toContain('80/tcp, 81/tcp')
  expect((await create('1.51', body)).warnings).toEqual([])
})

test('mounts: options of another kind, and options that are too new, are refused', async () => {
  const mount = (fields: object) => ({ Image: 'x', HostConfig: { Mounts: [{ Target: '/a', ...fields }] } })
  await expect(create('1.42', mount({ Type: 'volume', BindOptions: {} }))).rejects.toThrow(
    'BindOptions must not be specified on mount type "volume"',
  )
  await expect(create('1.44', mount({ Type: 'volume', VolumeOptions: { Subpath: 'a' } }))).rejects.toThrow(
    'VolumeOptions.Subpath needs API v1.45 or newer',
  )
  await expect(create('1.47', mount({ Type: 'image' }))).rejects.toThrow('Mount type "Image" needs API v1.48 or newer')
  const { request } = await create('1.43', mount({ Type: 'bind', Source: '/b' }))
  expect(request.hostConfig?.Mounts?.[0]?.BindOptions).toEqual({ ReadOnlyNonRecursive: true })
})
