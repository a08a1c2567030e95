import { afterEach, describe, expect, test } from 'vitest'
import { filters } from './http.ts'
import { sharedDaemon } from './session.ts'

const api = sharedDaemon('busybox')

afterEach(async () => {
  const left = await api.docker('ps', '--all', '--quiet')
  if (left !== '') await api.docker('rm', '--force', '--volumes', ...left.split('\n'))
})

describe('docker run', () => {
  test('gives output and exit code back', async () => {
    expect(await api.docker('run', '--rm', 'busybox', 'echo', 'hello')).toBe('hello')
    const failed = await api.daemon.docker('run', '--rm', 'busybox', 'sh', '-c', 'echo wrong >&2; exit 7')
    expect(failed).toMatchObject({ exitCode: 7, stdout: '', stderr: 'wrong\n' })
    expect(await api.docker('ps', '--all', '--quiet')).toBe('')
  })

  test('takes input until its end', async () => {
    const finished = await api.daemon.dockerWith({ input: 'one\ntwo\n' }, 'run', '--rm', '-i', 'busybox', 'wc', '-l')
    expect(finished.stdout.trim()).toBe('2')
  })

  test('a program that is not there is 127, one that cannot be run 126', async () => {
    const missing = await api.daemon.docker('run', '--rm', 'busybox', 'nosuch')
    expect(missing.exitCode).toBe(127)
    expect(missing.stderr).toContain('exec: "nosuch": executable file not found in $PATH')
    const folder = await api.daemon.docker('run', '--rm', 'busybox', '/etc')
    expect(folder.exitCode).toBe(126)
  })

  test('an image that is nowhere has Docker’s sentence', async () => {
    const answer = await api.post('/containers/create', { Image: 'nosuch:1' })
    expect([answer.status, answer.json.message]).toEqual([404, 'No such image: nosuch:1'])
  })

  test('environment, user, folder, host name, labels and limits reach the container', async () => {
    const output = await api.docker(
      'run',
      '--rm',
      '-e',
      'A=1',
      '-u',
      '1000:1000',
      '-w',
      '/tmp',
      '-h',
      'guest',
      '--memory',
      '64m',
      '--cpus',
      '0.5',
      'busybox',
      'sh',
      '-c',
      'echo $A $(id -u) $PWD $(hostname)',
    )
    expect(output).toBe('1 1000 /tmp guest')
  })
})

describe('create and inspect', () => {
  test('what was asked for is shown', async () => {
    const created = await api.post('/containers/create?name=shown', {
      Image: 'busybox',
      Cmd: ['sleep', '60'],
      Env: ['A=1'],
      Labels: { a: 'b' },
      ExposedPorts: { '80/tcp': {} },
      HostConfig: {
        Memory: 64 << 20,
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        CapAdd: ['NET_ADMIN'],
      },
    })
    expect(created.status).toBe(201)
    const shown = await api.get('/containers/shown/json?size=1')
    expect(shown.json).toMatchObject({
      Id: created.json.Id,
      Name: '/shown',
      Path: 'sleep',
      Args: ['60'],
      State: { Status: 'created', Running: false, Pid: 0, StartedAt: '0001-01-01T00:00:00Z' },
      Config: {
        Env: expect.arrayContaining(['A=1']),
        Labels: { a: 'b' },
        Image: 'busybox',
        ExposedPorts: { '80/tcp': {} },
      },
      HostConfig: {
        Memory: 64 << 20,
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        NetworkMode: 'bridge',
      },
      SizeRw: expect.any(Number),
    })
    const twice = await api.post('/containers/create?name=shown', { Image: 'busybox' })
    expect([twice.status, twice.json.message]).toEqual([
      409,
      `Conflict. The container name "/shown" is already in use by container "${created.json.Id}". You have to remove (or rename) that container to be able to reuse that name.`,
    ])
  })

  test('field names may be written in any case, and JSON null says nothing', async () => {
    const created = await api.post('/containers/create', { image: 'busybox', CMD: 'true', Env: null, hostconfig: null })
    expect(created.status).toBe(201)
    expect((await api.get(`/containers/${created.json.Id}/json`)).json.Config.Cmd).toEqual(['true'])
  })

  test.each(['1.24', '1.43', '1.44', '1.47', '1.51'])('a container in the shape of %s', async (version) => {
    const id = await api.start({ Cmd: ['sleep', '60'] })
    const shown = await api.get(`/containers/${id}/json`, { version })
    expect(shown.json.NetworkSettings.IPAddress).toBe(shown.json.NetworkSettings.Networks.bridge.IPAddress)
    expect('ImageManifestDescriptor' in shown.json && version < '1.48').toBe(false)
    const newest = await api.get(`/containers/${id}/json`)
    expect('IPAddress' in newest.json.NetworkSettings).toBe(false)
  })

  test('an old client’s MAC address goes to the endpoint; a new client’s is refused by name', async () => {
    const body = { Image: 'busybox', Cmd: ['true'], MacAddress: '02:42:ac:11:00:99' }
    const old = await api.post('/containers/create', body, { version: '1.43' })
    expect(old.status).toBe(201)
    const warned = await api.post('/containers/create', body, { version: '1.44' })
    expect(warned.json.Warnings).toContain(
      'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.',
    )
  })

  test('options of one kind of mount on another are refused', async () => {
    const mount = { Type: 'bind', Source: '/tmp', Target: '/x', VolumeOptions: {} }
    const answer = await api.post('/containers/create', { Image: 'busybox', HostConfig: { Mounts: [mount] } })
    expect([answer.status, answer.json.message]).toEqual([
      400,
      'VolumeOptions must not be specified on mount type "bind"',
    ])
  })
})

describe('list', () => {
  test('filters, limit and size', async () => {
    const running = await api.start({ Cmd: ['sleep', '60'], Labels: { a: 'b' } }, 'running')
    await api.docker('create', '--name', 'made', 'busybox')
    const names = async (query: string) =>
      ((await api.get(`/containers/json?${query}`)).json as { Names: string[] }[]).map((each) => each.Names[0])
    expect(await names('')).toEqual(['/running'])
    expect(await names('all=1')).toEqual(['/made', '/running'])
    expect(await names('limit=1')).toEqual(['/made'])
    expect(await names(`all=1&${filters({ status: ['created'] })}`)).toEqual(['/made'])
    expect(await names(filters({ label: ['a'] }))).toEqual(['/running'])
    expect(await names(filters({ id: [running.slice(0, 6)] }))).toEqual(['/running'])
    expect(await names(`all=1&${filters({ ancestor: ['busybox'] })}`)).toHaveLength(2)
    expect(await names(`all=1&${filters({ name: ['mad'] })}`)).toEqual(['/made'])
    const [summary] = (await api.get('/containers/json?size=1')).json
    expect(summary).toMatchObject({
      Id: running,
      State: 'running',
      Status: expect.stringMatching(/^Up /),
      SizeRw: expect.any(Number),
    })
    expect(await api.docker('ps', '--format', '{{.Names}} {{.Status}}')).toMatch(/^running Up /)
  })
})

describe('a container’s life', () => {
  test('start, pause, unpause, stop, start again, kill, remove', async () => {
    const id = await api.start({ Cmd: ['sleep', '600'] })
    const status = async () => (await api.get(`/containers/${id}/json`)).json.State.Status
    expect((await api.post(`/containers/${id}/start`)).status).toBe(304)
    expect((await api.post(`/containers/${id}/pause`)).status).toBe(204)
    expect(await status()).toBe('paused')
    const twice = await api.post(`/containers/${id}/pause`)
    expect([twice.status, twice.json.message]).toEqual([409, `container ${id} is already paused`])
    expect((await api.post(`/containers/${id}/unpause`)).status).toBe(204)
    expect((await api.post(`/containers/${id}/stop?t=0`)).status).toBe(204)
    expect(await status()).toBe('exited')
    expect((await api.post(`/containers/${id}/stop`)).status).toBe(304)
    expect((await api.post(`/containers/${id}/start`)).status).toBe(204)
    const running = await api.delete(`/containers/${id}`)
    expect([running.status, running.json.message]).toEqual([
      409,
      `cannot remove container "${id}": container is running: stop the container before removing or force remove`,
    ])
    expect((await api.post(`/containers/${id}/kill?signal=KILL`)).status).toBe(204)
    const waited = await api.post(`/containers/${id}/wait`)
    expect(waited.json).toEqual({ StatusCode: 137 })
    const killed = await api.post(`/containers/${id}/kill`)
    expect([killed.status, killed.json.message]).toEqual([
      409,
      `cannot kill container: ${id}: container ${id} is not running`,
    ])
    expect((await api.delete(`/containers/${id}`)).status).toBe(204)
    expect((await api.get(`/containers/${id}/json`)).status).toBe(404)
  })

  test('wait is answered at once and ends with the container', async () => {
    const id = await api.start({ Cmd: ['sh', '-c', 'sleep 0.3; exit 3'] })
    const [next, stopped] = await Promise.all([
      api.post(`/containers/${id}/wait?condition=next-exit`),
      api.post(`/containers/${id}/wait?condition=not-running`),
    ])
    expect([next.json, stopped.json]).toEqual([{ StatusCode: 3 }, { StatusCode: 3 }])
  })

  test('restart keeps the container and counts nothing', async () => {
    const id = await api.start({ Cmd: ['sleep', '600'] })
    const pid = async () => (await api.get(`/containers/${id}/json`)).json.State.Pid
    const before = await pid()
    expect((await api.post(`/containers/${id}/restart?t=0`)).status).toBe(204)
    expect(await pid()).not.toBe(before)
  })

  test('rename and update', async () => {
    const id = await api.start({ Cmd: ['sleep', '60'] }, 'before')
    expect((await api.post(`/containers/${id}/rename?name=after`)).status).toBe(204)
    expect((await api.get('/containers/after/json')).json.Name).toBe('/after')
    const updated = await api.post('/containers/after/update', {
      Memory: 128 << 20,
      MemorySwap: 256 << 20,
      RestartPolicy: { Name: 'always' },
    })
    expect([updated.status, updated.json.Warnings ?? []]).toEqual([200, []])
    expect((await api.get('/containers/after/json')).json.HostConfig).toMatchObject({
      Memory: 128 << 20,
      RestartPolicy: { Name: 'always' },
    })
  })

  test('top, changes, stats', async () => {
    const id = await api.start({ Cmd: ['sh', '-c', 'echo hello > /new; sleep 60'] })
    const top = await api.get(`/containers/${id}/top`)
    expect(top.json.Processes.flat().join(' ')).toContain('sleep 60')
    expect((await api.get(`/containers/${id}/changes`)).json).toContainEqual({ Path: '/new', Kind: 1 })
    const stats = await api.get(`/containers/${id}/stats?stream=0&one-shot=1`)
    expect(stats.json).toMatchObject({ id, os_type: 'linux', pids_stats: { current: 1 } })
    expect(await api.docker('stats', '--no-stream', '--format', '{{.PIDs}}', id)).toBe('1')
  })

  test('prune removes what has ended', async () => {
    const id = await api.start({ Cmd: ['true'], Labels: { a: 'b' } })
    await api.post(`/containers/${id}/wait`)
    await api.start({ Cmd: ['sleep', '60'] })
    expect((await api.post(`/containers/prune?${filters({ label: ['x'] })}`)).json.ContainersDeleted).toBeNull()
    expect((await api.post('/containers/prune')).json.ContainersDeleted).toEqual([id])
  })
})

describe('commit', () => {
  test('makes an image of what a container changed', async () => {
    await api.docker('run', '--name', 'source', 'busybox', 'sh', '-c', 'echo hello > /file')
    const changes = `changes=${encodeURIComponent('CMD ["cat", "/file"]')}`
    const committed = await api.post(`/commit?container=source&repo=committed&tag=1&comment=why&author=me&${changes}`)
    expect(committed.status).toBe(201)
    expect(await api.docker('run', '--rm', 'committed:1')).toBe('hello')
    expect((await api.get('/images/committed:1/json')).json).toMatchObject({
      Id: committed.json.Id,
      Author: 'me',
      Comment: 'why',
    })
    await api.docker('rmi', 'committed:1')
  })
})
