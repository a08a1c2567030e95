import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { open } from './http.ts'
import { sharedDaemon } from './session.ts'

const api = sharedDaemon('busybox')

afterEach(async () => {
  const left = await api.docker('ps', '--all', '--quiet')
  if (left !== '') await api.docker('rm', '--force', ...left.split('\n'))
})

/** Bytes of the multiplexed stream → what stood on each stream. */
function demultiplex(bytes: Buffer): { stdout: string; stderr: string } {
  const found = { stdout: '', stderr: '' }
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4)
    found[bytes[at] === 2 ? 'stderr' : 'stdout'] += bytes.subarray(at + 8, at + 8 + length).toString()
    at += 8 + length
  }
  return found
}

function upgrade(path: string, body = ''): Promise<{ socket: Duplex; type: string; read: () => Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = request({
      socketPath: api.daemon.socket,
      method: 'POST',
      path,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'tcp',
        ...(body === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': body.length }),
      },
    })
    sent.on('upgrade', (response, socket: Duplex, head) => {
      const chunks: Buffer[] = [head]
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      resolve({ socket, type: response.headers['content-type'] ?? '', read: () => Buffer.concat(chunks) })
    })
    sent.on('response', (response) => reject(new Error(`status ${response.statusCode}`)))
    sent.on('error', reject).end(body)
  })
}

describe('logs', () => {
  test('keep stdout and stderr apart, with timestamps, tail and since', async () => {
    const id = await api.start({ Cmd: ['sh', '-c', 'echo one; echo two >&2; sleep 0.2; echo three'] })
    await api.post(`/containers/${id}/wait`)
    const all = await api.get(`/containers/${id}/logs?stdout=1&stderr=1`)
    expect(all.headers['content-type']).toBe('application/vnd.docker.multiplexed-stream')
    expect(demultiplex(all.bytes)).toEqual({ stdout: 'one\nthree\n', stderr: 'two\n' })
    const old = await api.get(`/containers/${id}/logs?stdout=1`, { version: '1.41' })
    expect(old.headers['content-type']).toBe('application/vnd.docker.raw-stream')
    const last = await api.get(`/containers/${id}/logs?stdout=1&tail=1&timestamps=1`)
    expect(demultiplex(last.bytes).stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z three\n$/)
    const later = await api.get(`/containers/${id}/logs?stdout=1&since=${Math.floor(Date.now() / 1000) + 60}`)
    expect(later.bytes).toHaveLength(0)
    expect(await api.docker('logs', '--tail', '1', id)).toBe('three')
  })

  test('of a terminal are one raw stream', async () => {
    const id = await api.start({ Cmd: ['echo', 'hello'], Tty: true })
    await api.post(`/containers/${id}/wait`)
    const logs = await api.get(`/containers/${id}/logs?stdout=1`)
    expect([logs.headers['content-type'], logs.text]).toEqual(['application/vnd.docker.raw-stream', 'hello\r\n'])
  })

  test('are followed until the container ends', async () => {
    const id = await api.start({ Cmd: ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.1; done'] })
    const logs = await api.get(`/containers/${id}/logs?stdout=1&follow=1`)
    expect(demultiplex(logs.bytes).stdout).toBe('1\n2\n3\n')
  })

  test('a follower that hangs up disturbs nobody', async () => {
    const id = await api.start({ Cmd: ['sh', '-c', 'while true; do echo x; sleep 0.01; done'] })
    const response = await open(api.daemon.socket, 'GET', `/containers/${id}/logs?stdout=1&follow=1`)
    await new Promise((resolve) => response.once('data', resolve))
    response.destroy()
    expect((await api.get(`/containers/${id}/json`)).json.State.Running).toBe(true)
  })
})

describe('attach', () => {
  test('carries input, output and the end of input', async () => {
    const created = await api.post('/containers/create', {
      Image: 'busybox',
      Cmd: ['cat'],
      OpenStdin: true,
      StdinOnce: true,
    })
    const { Id } = created.json
    const { socket, type, read } = await upgrade(`/containers/${Id}/attach?stream=1&stdin=1&stdout=1&stderr=1`)
    expect(type).toBe('application/vnd.docker.multiplexed-stream')
    await api.post(`/containers/${Id}/start`)
    socket.write('hello ')
    socket.end('world\n')
    await new Promise((resolve) => socket.once('close', resolve))
    expect(demultiplex(read())).toEqual({ stdout: 'hello world\n', stderr: '' })
    expect((await api.post(`/containers/${Id}/wait`)).json).toEqual({ StatusCode: 0 })
  })

  test('replays the logs where asked to', async () => {
    const id = await api.start({ Cmd: ['echo', 'before'] })
    await api.post(`/containers/${id}/wait`)
    const { socket, read } = await upgrade(`/containers/${id}/attach?logs=1&stdout=1`)
    await new Promise((resolve) => socket.once('close', resolve))
    expect(demultiplex(read()).stdout).toBe('before\n')
  })

  test('detach keys let go of the client and leave the container running', async () => {
    const id = await api.start({ Cmd: ['cat'], OpenStdin: true, Tty: true })
    const { socket } = await upgrade(`/containers/${id}/attach?stream=1&stdin=1&stdout=1`)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.write(Buffer.from([16]))
    socket.write(Buffer.from([17]))
    await closed
    expect((await api.get(`/containers/${id}/json`)).json.State.Running).toBe(true)
  })

  test('works over a WebSocket', async () => {
    const id = await api.start({ Cmd: ['cat'], OpenStdin: true })
    const socket = new WebSocket(`ws+unix:${api.daemon.socket}:/containers/${id}/attach/ws?stream=1&stdin=1&stdout=1`)
    await new Promise((resolve) => socket.once('open', resolve))
    const received = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))))
    socket.send('hello\n')
    expect(await received).toBe('hello\n')
    socket.close()
  })

  test('resize sets the size of the terminal', async () => {
    const id = await api.start({ Cmd: ['sh', '-c', 'sleep 0.5; stty size; sleep 60'], Tty: true })
    expect((await api.post(`/containers/${id}/resize?h=33&w=111`)).status).toBe(200)
    await vi.waitFor(async () => expect(await api.docker('logs', id)).toContain('33 111'), { timeout: 5000 })
  })

  test('a megabyte a moment flows whole', async () => {
    const bytes = await new Promise<number>((resolve, reject) => {
      const child = spawn('docker', ['run', '--rm', 'busybox', 'head', '-c', '50000000', '/dev/zero'], {
        env: api.daemon.env,
      })
      let count = 0
      child.stdout.on('data', (chunk: Buffer) => {
        count += chunk.length
      })
      child.on('error', reject).on('close', () => resolve(count))
    })
    expect(bytes).toBe(50_000_000)
  })
})

describe('files', () => {
  test('docker cp goes in and comes out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cp-'))
    try {
      await writeFile(join(folder, 'in'), 'hello')
      await api.docker('create', '--name', 'box', 'busybox')
      await api.docker('cp', join(folder, 'in'), 'box:/tmp/there')
      await api.docker('cp', 'box:/tmp/there', join(folder, 'out'))
      expect(await readFile(join(folder, 'out'), 'utf8')).toBe('hello')
      const missing = await api.daemon.docker('cp', 'box:/nosuch', folder)
      expect(missing.stderr).toContain('Could not find the file /nosuch in container box')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('the head of an archive tells what it is', async () => {
    const id = await api.start({ Cmd: ['sh', '-c', 'echo hello > /file; ln -s file /link; sleep 60'] })
    await vi.waitFor(async () => expect((await api.get(`/containers/${id}/archive?path=/link`)).status).toBe(200))
    const archive = await api.get(`/containers/${id}/archive?path=/link`)
    expect(archive.headers['content-type']).toBe('application/x-tar')
    const stat = JSON.parse(Buffer.from(String(archive.headers['x-docker-container-path-stat']), 'base64').toString())
    expect(stat).toMatchObject({ name: 'link', linkTarget: '/file' })
    const packed = await api.get(`/containers/${id}/archive?path=/file`, { headers: { 'Accept-Encoding': 'gzip' } })
    expect([packed.headers['content-encoding'], packed.bytes[0], packed.bytes[1]]).toEqual(['gzip', 0x1f, 0x8b])
  })

  test('an archive does not leave the container', async () => {
    const created = await api.post('/containers/create', { Image: 'busybox' })
    const answer = await api.put(`/containers/${created.json.Id}/archive?path=/`, { raw: 'this is no tar at all' })
    expect(answer.status).toBeGreaterThanOrEqual(400)
  })

  test('export gives the whole tree, import makes an image of it', async () => {
    await api.docker('create', '--name', 'exported', 'busybox')
    const tar = await api.get('/containers/exported/export')
    const imported = await api.post('/images/create?fromSrc=-&repo=imported&tag=1', undefined, { raw: tar.bytes })
    expect(imported.text).toContain('sha256:')
    expect(await api.docker('run', '--rm', 'imported:1', '/bin/echo', 'hello')).toBe('hello')
    await api.docker('rmi', 'imported:1')
  })
})
