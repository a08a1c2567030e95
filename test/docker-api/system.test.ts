import { readFile, stat } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { filters, jsonLines, open } from './http.ts'
import { sharedDaemon } from './session.ts'

const api = sharedDaemon('busybox')
const root = new URL('../..', import.meta.url)

describe('ping, version, info', () => {
  test('the socket belongs to its owner alone', async () => {
    expect((await stat(api.daemon.socket)).mode & 0o777).toBe(0o600)
  })

  test('ping answers OK and tells what it is', async () => {
    const answer = await api.get('/_ping')
    expect(answer.text).toBe('OK')
    expect(answer.headers).toMatchObject({ 'api-version': '1.56', ostype: 'linux', swarm: 'inactive' })
  })

  test('docker version shows client and server', async () => {
    const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'))
    expect(
      await api.docker('version', '--format', '{{.Server.Version}} {{.Server.APIVersion}} {{.Server.MinAPIVersion}}'),
    ).toBe(`${version} 1.56 1.24`)
    const answer = await api.get('/version')
    expect(answer.json.Components[0]).toMatchObject({ Name: 'Engine', Version: version })
  })

  test('docker info counts containers and images', async () => {
    const id = await api.start({ Cmd: ['sleep', '60'] })
    const info = await api.get('/info')
    expect(info.json).toMatchObject({
      Containers: 1,
      ContainersRunning: 1,
      Images: 1,
      OSType: 'linux',
      Driver: 'overlay2',
    })
    expect(await api.docker('info', '--format', '{{.ContainersRunning}} {{.Swarm.LocalNodeState}}')).toBe('1 inactive')
    await api.docker('rm', '-f', id)
  })

  test.each(['1.24', '1.40', '1.46', '1.48', '1.51'])('info in the shape of %s', async (version) => {
    const info = await api.get('/info', { version })
    expect('BridgeNfIptables' in info.json).toBe(version < '1.50')
    expect('FirewallBackend' in info.json).toBe(version >= '1.49')
    expect('Expected' in info.json.RuncCommit).toBe(version < '1.49')
  })

  test('a version that is too new or too old is refused', async () => {
    const tooNew = await api.get('/version', { version: '1.99' })
    expect([tooNew.status, tooNew.json.message]).toEqual([
      400,
      'client version 1.99 is too new. Maximum supported API version is 1.56',
    ])
    expect((await api.get('/version', { version: '1.12' })).text).toMatch(/^client version 1.12 is too old\. /)
  })
})

describe('events', () => {
  test('tell what happened to a container, in order', async () => {
    const since = Date.now() / 1000
    const id = await api.start({ Cmd: ['true'], Labels: { purpose: 'events' } }, 'eventful')
    await api.post(`/containers/${id}/wait`)
    await api.delete(`/containers/${id}`)
    const query = `since=${since}&until=${Date.now() / 1000 + 0.01}&${filters({ type: ['container'], label: ['purpose=events'] })}`
    const answer = await api.get(`/events?${query}`)
    expect(answer.headers['content-type']).toBe('application/jsonl')
    const events = jsonLines(answer.text)
    expect(events.map((each) => each.Action)).toEqual(['create', 'start', 'die', 'destroy'])
    expect(events[2].Actor).toMatchObject({
      ID: id,
      Attributes: { name: 'eventful', image: 'busybox', exitCode: '0', purpose: 'events' },
    })
    expect(events[0].status).toBeUndefined()
    const old = await api.get(`/events?${query}`, { version: '1.44' })
    expect(old.headers['content-type']).toBe('application/json')
    expect(jsonLines(old.text)[0]).toMatchObject({ status: 'create', id, from: 'busybox' })
  })

  test('arrive while one listens, until the client leaves', async () => {
    const response = await open(
      api.daemon.socket,
      'GET',
      `/events?${filters({ event: ['create'], type: ['network'] })}`,
    )
    const first = new Promise<string>((resolve) => response.once('data', (chunk) => resolve(chunk.toString())))
    await api.docker('network', 'create', 'listened')
    expect(JSON.parse(await first)).toMatchObject({
      Type: 'network',
      Action: 'create',
      Actor: { Attributes: { name: 'listened' } },
    })
    response.destroy()
    await api.docker('network', 'rm', 'listened')
  })

  test('come as a JSON sequence where the client asks for one', async () => {
    const answer = await api.get(`/events?since=0&until=${Math.floor(Date.now() / 1000) + 1}`, {
      headers: { Accept: 'application/json-seq' },
    })
    expect(answer.headers['content-type']).toBe('application/json-seq')
    expect(answer.text.startsWith('\x1e{')).toBe(true)
  })

  test('a wrong time or filter is refused', async () => {
    const time = await api.get('/events?since=yesterday')
    expect([time.status, time.json.message]).toEqual([
      400,
      'invalid value for \'since\': invalid timestamp "yesterday": invalid seconds "yesterday": invalid syntax',
    ])
    const order = await api.get('/events?since=20&until=10')
    expect(order.json.message).toBe('`since` time (20) cannot be after `until` time (10)')
    expect((await api.get('/events?until=1&filters=nonsense')).json.message).toBe('invalid filter')
  })
})

describe('disk usage', () => {
  test('is told in both shapes', async () => {
    const both = await api.get('/system/df', { version: '1.52' })
    expect(both.json.Images).toHaveLength(1)
    expect(both.json.ImageUsage).toMatchObject({ TotalCount: 1 })
    const verbose = await api.get('/system/df?verbose=1')
    expect(verbose.json.Images).toBeUndefined()
    expect(verbose.json.ImageUsage.Items[0].Id).toMatch(/^sha256:/)
    const old = await api.get('/system/df', { version: '1.43' })
    expect(old.json.ImageUsage).toBeUndefined()
    expect(old.json.Images[0].VirtualSize).toBe(old.json.Images[0].Size)
  })

  test('may be asked for by type', async () => {
    const some = await api.get('/system/df?type=volume&type=container&verbose=1')
    expect(Object.keys(some.json).sort()).toEqual(['ContainerUsage', 'VolumeUsage'])
    const wrong = await api.get('/system/df?type=nonsense')
    expect([wrong.status, wrong.json.message]).toEqual([400, 'unknown object type: nonsense'])
  })

  test('docker system df draws it', async () => {
    expect(await api.docker('system', 'df')).toMatch(/^Images +1 +/m)
    expect(await api.docker('system', 'df', '-v')).toContain('busybox')
  })
})
