import { mkdtemp, rm, stat } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Attachment, type Engine, EngineError } from '../engine/index.ts'
import type { DockerApi } from './contract.ts'
import { createDockerApi } from './docker-api.ts'
import { frame } from './streams/stdcopy.ts'

/** Only what a test puts in is there; the rest of the engine is missing on purpose. */
const containers: Record<string, unknown> = {}
const execs: Record<string, unknown> = {}
const images: Record<string, unknown> = {}
const builder: Record<string, unknown> = {}
const engine = { containers, execs, images, builder } as unknown as Engine
const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }

let folder: string
let socketPath: string
let api: DockerApi

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-api-'))
  socketPath = join(folder, 'docker.sock')
  api = createDockerApi({ engine, log, version: '1.2.3' })
  await api.listen(socketPath)
})

afterAll(async () => {
  await api.close()
  await rm(folder, { recursive: true })
})

beforeEach(() => {
  for (const part of [containers, execs, images, builder]) for (const name of Object.keys(part)) delete part[name]
  vi.clearAllMocks()
})

type Answer = { status: number; headers: IncomingMessage['headers']; body: string }

function ask(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const sent = request({ socketPath, method, path, headers: { ...type, ...headers } }, async (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) })
    })
    sent.on('error', reject).end(body)
  })
}

/** Other work on the machine must not fail a test. */
const eventually = (assertion: () => void) => vi.waitFor(assertion, { timeout: 10_000 })

const message = (answer: Answer) => (JSON.parse(answer.body) as { message: string }).message

async function rawConnection(head: string): Promise<{ socket: Socket; until: (wanted: string) => Promise<string> }> {
  const socket = connect({ path: socketPath, allowHalfOpen: true })
  let seen = ''
  // The server may hang up while this side is still sending.
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    seen += chunk.toString('latin1')
  })
  socket.write(head)
  return {
    socket,
    async until(wanted) {
      while (!seen.includes(wanted)) {
        if (socket.destroyed || socket.readableEnded) break
        await sleep(5)
      }
      return seen
    },
  }
}

function fakeAttachment(
  tty: boolean,
): Attachment & { input: () => string; push: (text: string) => void; end: () => void } {
  let input = ''
  const output = new Readable({ objectMode: true, read: () => undefined })
  const stdin = new Writable({
    write(chunk: Buffer, _encoding, done) {
      input += chunk.toString()
      done()
    },
  })
  return {
    tty,
    output,
    stdin,
    input: () => input,
    push: (data) => output.push({ stream: 'stdout', data: Buffer.from(data) }),
    end: () => output.push(null),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

describe('the socket', () => {
  test('belongs to its owner alone', async () => {
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600)
  })

  test('is not taken from a process that listens on it', async () => {
    await using second = createDockerApi({ engine, log, version: '1.2.3' })
    await expect(second.listen(socketPath)).rejects.toThrow('another process already does')
  })
})

describe('versions and paths', () => {
  test('every answer tells version and kind of the server', async () => {
    const answer = await ask('HEAD', '/_ping')
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'api-version': '1.56',
        'builder-version': '1',
        'docker-experimental': 'false',
        ostype: 'linux',
        server: 'Docker/1.2.3 (linux)',
        swarm: 'inactive',
        'cache-control': 'no-cache, no-store, must-revalidate',
        'content-length': '0',
      },
    })
    expect((await ask('GET', '/v1.30/_ping')).body).toBe('OK')
  })

  test('a version that is too new or too old is refused', async () => {
    const tooNew = await ask('GET', '/v1.99/_ping')
    expect(tooNew.status).toBe(400)
    expect(message(tooNew)).toBe('client version 1.99 is too new. Maximum supported API version is 1.56')
    const tooOld = await ask('GET', '/v1.12/_ping')
    expect(tooOld.status).toBe(400)
    expect(tooOld.body).toBe(
      'client version 1.12 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version\n',
    )
  })

  test('an operation is refused to clients older than it', async () => {
    const answer = await ask('GET', '/v1.24/distribution/busybox/json')
    expect([answer.status, message(answer)]).toEqual([
      400,
      'GET /distribution/{name:.*}/json requires minimum API version 1.30',
    ])
  })

  test('OPTIONS is answered everywhere', async () => {
    expect((await ask('OPTIONS', '/anything')).status).toBe(200)
  })

  test.each(['/', '/nothing', '/v1.44/nothing', '/containers', '/v1.44'])('%s is no page', async (path) => {
    const answer = await ask('GET', path)
    expect([answer.status, message(answer)]).toEqual([404, 'page not found'])
  })

  test('a path with dots or doubled slashes is redirected to its clean form and does nothing', async () => {
    containers.inspect = vi.fn()
    for (const path of ['/containers/../images/x/json', '/containers/%2e%2e/images/x/json', '//images/x/json']) {
      const answer = await ask('GET', path)
      expect([answer.status, answer.headers.location]).toEqual([301, '/images/x/json'])
    }
    expect(containers.inspect).not.toHaveBeenCalled()
  })

  test('a name may hold slashes, and everything that can be escaped', async () => {
    images.inspect = vi.fn(() => {
      throw new EngineError('notFound', 'No such image: x')
    })
    await ask('GET', '/images/registry:5000/a/b:c/json')
    await ask('GET', '/images/a%2Fb%20c%00d/json')
    await ask('GET', '/images/%ff/json')
    const names = vi.mocked(images.inspect as (name: string) => void).mock.calls.map(([name]) => name)
    expect(names).toEqual(['registry:5000/a/b:c', 'a/b c\0d', '\ufffd'])
  })
})

describe('faults', () => {
  test('a user’s fault is answered with its sentence and leaves no stack in the log', async () => {
    containers.inspect = () => {
      throw new EngineError('notFound', 'No such container: x')
    }
    const answer = await ask('GET', '/containers/x/json')
    expect([answer.status, answer.body]).toEqual([404, '{"message":"No such container: x"}\n'])
    expect(log.error).not.toHaveBeenCalled()
  })

  test('a fault of ours is a 500 and is logged with its stack', async () => {
    const fault = new TypeError('x is not a function')
    containers.inspect = () => {
      throw fault
    }
    expect((await ask('GET', '/containers/x/json')).status).toBe(500)
    expect(log.error).toHaveBeenCalledWith(expect.objectContaining({ err: fault }), expect.any(String))
  })

  test('"not modified" has no body', async () => {
    containers.start = () => {
      throw new EngineError('notModified', 'container already started')
    }
    expect(await ask('POST', '/containers/x/start')).toMatchObject({ status: 304, body: '' })
  })

  test.each([
    ['', 'invalid JSON: got EOF while reading request body'],
    ['{', 'invalid JSON: unexpected EOF'],
    [
      '{"Image":1}',
      'invalid JSON: json: cannot unmarshal number into Go struct field CreateRequest.Image of type string',
    ],
    [
      '{"HostConfig":{"Memory":"1g"}}',
      'invalid JSON: json: cannot unmarshal string into Go struct field HostConfig.HostConfig.Memory of type int64',
    ],
    ['[]', 'invalid JSON: json: cannot unmarshal array into Go value of type container.CreateRequest'],
    ['{}', 'config cannot be empty in order to create a container'],
    ['{"Image":"x"}{}', 'unexpected content after JSON'],
    ['nonsense', "invalid JSON: invalid character 'o' in literal null (expecting 'u')"],
  ])('the body %s is refused', async (body, sentence) => {
    const answer = await ask('POST', '/containers/create', body)
    expect([answer.status, message(answer)]).toEqual([400, sentence])
  })

  test('a body that is not called JSON is refused', async () => {
    const answer = await ask('POST', '/containers/create', '{}', { 'Content-Type': 'text/plain' })
    expect(message(answer)).toBe("unsupported Content-Type header (text/plain): must be 'application/json'")
  })

  test.each(['{', '[]', '{"a":1}', '{"a":[1]}', '{"a":{"b":1}}', '"x"'])(
    'the filters %s are refused',
    async (filters) => {
      const answer = await ask('GET', `/containers/json?filters=${encodeURIComponent(filters)}`)
      expect([answer.status, message(answer)]).toEqual([400, 'invalid filter'])
    },
  )

  test('filters may be lists or maps', async () => {
    const list = vi.fn(async () => [])
    containers.list = list
    await ask('GET', `/containers/json?filters=${encodeURIComponent('{"label":["a","b"]}')}`)
    await ask('GET', `/containers/json?filters=${encodeURIComponent('{"label":{"a":true,"b":true}}')}`)
    for (const [options] of list.mock.calls as unknown[][]) {
      expect(options).toMatchObject({ filters: { label: ['a', 'b'] } })
    }
  })

  test('a gigabyte of JSON is refused without being kept', async () => {
    const announced = await ask('POST', '/containers/create', undefined, {
      'Content-Type': 'application/json',
      'Content-Length': '0',
    })
    expect(announced.status).toBe(400)
    const before = process.memoryUsage().rss
    const status = await new Promise<number>((resolve, reject) => {
      const sent = request(
        { socketPath, method: 'POST', path: '/containers/create', headers: { 'Content-Type': 'application/json' } },
        (response) => {
          resolve(response.statusCode ?? 0)
          response.resume()
          sent.destroy()
        },
      )
      sent.on('error', reject)
      const chunk = Buffer.alloc(1024 * 1024, ' ')
      const pump = () => {
        while (!sent.destroyed && sent.write(chunk));
      }
      sent.on('drain', pump)
      pump()
    })
    expect(status).toBe(413)
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
    expect((await ask('GET', '/_ping')).body).toBe('OK')
  })

  test('a flood of headers is refused, and the server lives on', async () => {
    const { until, socket } = await rawConnection(
      `GET /_ping HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(2_000_000)}\r\n\r\n`,
    )
    expect(await until('431')).toContain('HTTP/1.1 431')
    socket.destroy()
    const garbage = await rawConnection('\x16\x03\x01 not http at all\r\n\r\n')
    expect(await garbage.until('400')).toContain('HTTP/1.1 400')
    garbage.socket.destroy()
    expect((await ask('GET', '/_ping')).body).toBe('OK')
  })
})

describe('attach and exec', () => {
  const upgradeHead = 'Host: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n'

  test('an upgraded connection carries frames one way, input the other, and half a close', async () => {
    const attachment = fakeAttachment(false)
    containers.attach = async () => attachment
    const { socket, until } = await rawConnection(
      `POST /v1.44/containers/x/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\n${upgradeHead}\r\nfirst `,
    )
    const head = await until('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1.1 101 UPGRADED\r\nContent-Type: application\/vnd.docker.multiplexed-stream\r\n/)
    socket.write('second')
    socket.end()
    await eventually(() => expect(attachment.stdin.writableFinished).toBe(true))
    expect(attachment.input()).toBe('first second')
    attachment.push('hello')
    attachment.end()
    expect(await until('hello')).toContain(frame(1, Buffer.from('hello')).toString('latin1'))
    await eventually(() => expect(socket.readableEnded).toBe(true))
  })

  test('a terminal is one raw stream', async () => {
    const attachment = fakeAttachment(true)
    containers.attach = async () => attachment
    const { until } = await rawConnection(`POST /containers/x/attach?stream=1&stdout=1 HTTP/1.1\r\n${upgradeHead}\r\n`)
    attachment.push('hello')
    attachment.end()
    const seen = await until('hello')
    expect(seen).toContain('Content-Type: application/vnd.docker.raw-stream\r\n')
    expect(seen.endsWith('\r\n\r\nhello')).toBe(true)
  })

  test('a client that does not ask for an upgrade gets 200 and the same stream', async () => {
    const attachment = fakeAttachment(false)
    containers.attach = async () => attachment
    const { socket, until } = await rawConnection(
      'POST /containers/x/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: docker\r\n\r\n',
    )
    expect(await until('\r\n\r\n')).toMatch(/^HTTP\/1.1 200 OK\r\nContent-Type: application\/vnd.docker.raw-stream\r\n/)
    socket.write('GET /_ping HTTP/1.1\r\n\r\n')
    socket.end()
    await eventually(() => expect(attachment.stdin.writableFinished).toBe(true))
    expect(attachment.input()).toBe('GET /_ping HTTP/1.1\r\n\r\n')
    attachment.push('hello')
    attachment.end()
    expect(await until('hello')).toContain(frame(1, Buffer.from('hello')).toString('latin1'))
  })

  test('the body of an exec’s start ends where its input begins', async () => {
    const attachment = fakeAttachment(false)
    execs.inspect = () => ({ OpenStdin: true, ContainerID: 'c' })
    containers.inspect = async () => ({ Id: 'c', State: { Running: true } })
    execs.start = vi.fn(async () => attachment)
    const body = '{"Detach":false,"Tty":false}'
    const { socket, until } = await rawConnection(
      `POST /exec/x/start HTTP/1.1\r\n${upgradeHead}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}input`,
    )
    await until('\r\n\r\n')
    socket.end()
    await eventually(() => expect(attachment.stdin.writableFinished).toBe(true))
    expect(attachment.input()).toBe('input')
    attachment.end()
    await eventually(() => expect(socket.readableEnded).toBe(true))
  })

  test('an exec that fails to start says so in its stream; one in a stopped container is refused', async () => {
    execs.inspect = () => ({ OpenStdin: false, ContainerID: 'c' })
    containers.inspect = async () => ({ Id: 'c', State: { Running: true } })
    execs.start = async () => {
      throw new EngineError('invalid', 'no such program')
    }
    const begun = await rawConnection(`POST /exec/x/start HTTP/1.1\r\n${upgradeHead}\r\n`)
    const seen = await begun.until('program')
    expect(seen).toMatch(/^HTTP\/1.1 101 UPGRADED/)
    expect(seen).toContain(frame(1, Buffer.from('no such program\r\n')).toString('latin1'))
    containers.inspect = async () => ({ Id: 'c', State: { Running: false } })
    const refused = await ask('POST', '/exec/x/start')
    expect([refused.status, message(refused)]).toEqual([409, 'container c is not running'])
  })

  test('options that a client sends as a body too are no input', async () => {
    for (const head of [upgradeHead, 'Host: docker\r\n']) {
      const attachment = fakeAttachment(false)
      containers.attach = async () => attachment
      const body = '{"stream":true,"stdin":true}'
      const { socket, until } = await rawConnection(
        `POST /containers/x/attach?stream=1&stdin=1 HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`,
      )
      await until('\r\n\r\n')
      socket.end('input')
      await eventually(() => expect(attachment.stdin.writableFinished).toBe(true))
      expect(attachment.input()).toBe('input')
      attachment.end()
    }
  })

  test("BuildKit's doors say how to build without it", async () => {
    for (const path of ['/grpc', '/session']) {
      const answer = await ask('POST', path)
      expect(answer.status).toBe(501)
      expect(message(answer)).toContain('DOCKER_BUILDKIT=0')
      const { socket, until } = await rawConnection(
        `POST ${path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
      )
      const seen = await until('DOCKER_BUILDKIT=0')
      socket.destroy()
      expect(seen).toContain('HTTP/1.1 501 ')
      expect(seen).toContain('DOCKER_BUILDKIT=0')
    }
    const version2 = await ask('POST', '/build?version=2')
    expect(version2.status).toBe(400)
    expect(message(version2)).toContain('DOCKER_BUILDKIT=0')
  })

  test('a refusal of an upgrade is an ordinary answer', async () => {
    containers.attach = async () => {
      throw new EngineError('notFound', 'No such container: x')
    }
    const { until } = await rawConnection(`POST /containers/x/attach?stream=1 HTTP/1.1\r\n${upgradeHead}\r\n`)
    const seen = await until('}')
    expect(seen).toMatch(/^HTTP\/1.1 404 Not Found\r\n/)
    expect(seen).toContain('{"message":"No such container: x"}')
  })

  test('a slow reader slows the process down', async () => {
    const attachment = fakeAttachment(true)
    containers.attach = async () => attachment
    const socket = connect({ path: socketPath, allowHalfOpen: true })
    socket.write(`POST /containers/x/attach?stream=1&stdout=1 HTTP/1.1\r\n${upgradeHead}\r\n`)
    await eventually(() => expect(attachment.output.listenerCount('readable')).toBeGreaterThan(0))
    const piece = 'x'.repeat(64 * 1024)
    for (let count = 0; count < 400; count++) attachment.push(piece)
    await sleep(100)
    expect(attachment.output.readableLength).toBeGreaterThan(300)
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
    })
    attachment.end()
    await eventually(() => expect(socket.readableEnded).toBe(true))
    expect(bytes).toBeGreaterThanOrEqual(400 * piece.length)
  })

  test('a WebSocket carries both directions', async () => {
    const attachment = fakeAttachment(false)
    containers.attach = async () => attachment
    const socket = new WebSocket(`ws+unix:${socketPath}:/containers/x/attach/ws?stream=1&stdin=1&stdout=1`)
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send('in')
    const received = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))))
    attachment.push('out')
    expect(await received).toBe('out')
    await eventually(() => expect(attachment.input()).toBe('in'))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    attachment.end()
    await closed
  })
})

describe('streams of progress', () => {
  test('a fault before the first line is a status, one after it the last line', async () => {
    images.pull = async () => {
      throw new EngineError('notFound', 'pull access denied')
    }
    const before = await ask('POST', '/images/create?fromImage=x&tag=latest')
    expect([before.status, message(before)]).toEqual([404, 'pull access denied'])
    images.pull = async (_options: object, emit: (line: object) => void) => {
      emit({ status: 'Pulling from x' })
      throw new EngineError('system', 'unexpected EOF')
    }
    const after = await ask('POST', '/images/create?fromImage=x&tag=latest')
    expect(after.status).toBe(200)
    expect(after.body).toBe(
      '{"status":"Pulling from x"}\r\n{"errorDetail":{"message":"unexpected EOF"},"error":"unexpected EOF"}\r\n',
    )
  })

  test('credentials come from the header; a broken header counts as none', async () => {
    const pull = vi.fn(async (_options: object) => undefined)
    images.pull = pull
    const auth = Buffer.from('{"username":"u","password":"p","serveraddress":"s"}').toString('base64url')
    await ask('POST', '/images/create?fromImage=x', undefined, { 'X-Registry-Auth': auth })
    await ask('POST', '/images/create?fromImage=x', undefined, { 'X-Registry-Auth': '!!' })
    expect(pull.mock.calls.map(([options]) => options)).toEqual([
      { image: 'x', credentials: { username: 'u', password: 'p', serverAddress: 's' } },
      { image: 'x' },
    ])
  })

  test('a client that hangs up ends what it asked for', async () => {
    let signal: AbortSignal | undefined
    containers.logs = async (_ref: string, _options: object, given: AbortSignal) => {
      signal = given
      const output = new PassThrough({ objectMode: true })
      given.addEventListener('abort', () => output.destroy(given.reason))
      return { tty: true, output }
    }
    const { socket } = await rawConnection('GET /containers/x/logs?follow=1&stdout=1 HTTP/1.1\r\nHost: x\r\n\r\n')
    await eventually(() => expect(signal).toBeDefined())
    socket.destroy()
    await eventually(() => expect(signal?.aborted).toBe(true))
    expect(log.error).not.toHaveBeenCalled()
  })

  test('a build that its client named can be cancelled', async () => {
    builder.buildLegacy = async function* (_request: object, signal: AbortSignal) {
      yield { stream: 'Step 1/1' }
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      throw new EngineError('system', 'context canceled')
    }
    const build = ask('POST', '/build?buildid=b1')
    await sleep(50)
    expect((await ask('POST', '/build/cancel?id=b1')).status).toBe(200)
    expect((await build).body).toContain('context canceled')
  })
})
