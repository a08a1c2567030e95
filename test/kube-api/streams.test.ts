import { type ChildProcess, spawn } from 'node:child_process'
import { connect, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { type ByteStream, type NodeDialer, StatusError } from '../../src/kube/api/index.ts'
import { Cluster, hasKubectl, pod } from './cluster.ts'

/** A node that is made of functions: commands answer what they are asked. */
const node: NodeDialer = {
  async log(_pod, container, query) {
    return (async function* () {
      yield Buffer.from(`log of ${container}, tail ${query.get('tailLines') ?? 'all'}\n`)
      yield Buffer.from('second line\n')
    })()
  },
  async exec({ command, tty }, streams) {
    const [name, ...rest] = command
    if (name === 'fail') {
      await streams.stderr?.(Buffer.from('it failed\n'))
      return 7
    }
    if (name === 'missing') throw new StatusError(500, 'InternalError', 'command not found')
    if (name === 'cat') {
      let bytes = 0
      for await (const chunk of streams.stdin ?? []) {
        bytes += chunk.length
        await streams.stdout?.(chunk)
      }
      await streams.stderr?.(Buffer.from(`${bytes} bytes`))
      return 0
    }
    if (name === 'size') {
      for await (const { width, height } of streams.resize ?? []) {
        await streams.stdout?.(Buffer.from(`${width}x${height} tty=${tty}\n`))
        return 0
      }
    }
    if (name === 'flood') {
      const block = Buffer.alloc(64 * 1024, 'x')
      for (let i = 0; i < 160; i++) await streams.stdout?.(block)
      return 0
    }
    await streams.stdout?.(Buffer.from(`${rest.join(' ')}\n`))
    return 0
  },
  async attach(_request, streams) {
    await streams.stdout?.(Buffer.from('attached\n'))
    return 0
  },
  async portForward(_pod, port) {
    if (port === 9) throw new Error('connection refused')
    return echo()
  },
  async proxy(target, request, path) {
    return {
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: Buffer.from(`${target.kind} ${target.scheme} ${target.port} ${request.method} ${path}`),
    }
  },
}

/** Gives back what it gets, in capitals. */
function echo(): ByteStream {
  let push: (chunk: Uint8Array | undefined) => void = () => undefined
  const queue: (Uint8Array | undefined)[] = []
  const readable = (async function* () {
    for (;;) {
      if (queue.length === 0)
        await new Promise<void>((resolve) => {
          push = (chunk) => {
            queue.push(chunk)
            resolve()
          }
        })
      const next = queue.shift()
      push = (chunk) => queue.push(chunk)
      if (next === undefined) return
      yield next
    }
  })()
  return {
    readable,
    async write(chunk) {
      push(Buffer.from(Buffer.from(chunk).toString().toUpperCase()))
    },
    end: () => push(undefined),
    abort: () => push(undefined),
  }
}

let cluster: Cluster
beforeAll(async () => {
  cluster = await Cluster.start({ nodes: node })
  const { json } = await cluster.post('/api/v1/namespaces/default/pods', pod('p', { nodeName: 'n' }))
  await cluster.put(`${podPath}/status`, { ...json, status: { phase: 'Running' } })
})
afterAll(() => cluster[Symbol.asyncDispose]())

const podPath = '/api/v1/namespaces/default/pods/p'

test('a log flows through as plain text', async () => {
  const { headers, text } = await cluster.get(`${podPath}/log?tailLines=5`)
  expect(headers['content-type']).toBe('text/plain')
  expect(text).toBe('log of main, tail 5\nsecond line\n')
  const bad = await cluster.get(`${podPath}/log?tailLines=-1`)
  expect(bad.status).toBe(422)
  expect(bad.json.message).toBe(
    'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
  )
})

test('a proxy gets the path and the method', async () => {
  expect((await cluster.get(`${podPath}:8080/proxy/a/b?c=d`)).text).toBe('pod http 8080 GET /a/b')
  expect((await cluster.get('/api/v1/namespaces/default/services/https:kubernetes:443/proxy/')).text).toBe(
    'service https 443 GET /',
  )
})

function webSocket(path: string, protocol: string | undefined): WebSocket {
  const url = `${cluster.url.replace('https', 'wss')}${path}`
  return new WebSocket(url, protocol === undefined ? [] : [protocol], cluster.tls)
}

async function collect(socket: WebSocket): Promise<Record<number, string>> {
  const channels: Record<number, string> = {}
  socket.on('message', (raw: Buffer) => {
    const channel = raw[0] ?? 0
    channels[channel] = (channels[channel] ?? '') + raw.subarray(1).toString()
  })
  await new Promise((resolve, reject) => {
    socket.once('close', resolve)
    socket.once('error', reject)
  })
  return channels
}

describe('exec over WebSocket', () => {
  test('v4 has output, errors and how it ended in channels of their own', async () => {
    const ok = await collect(
      webSocket(`${podPath}/exec?command=echo&command=hi&stdout=1&stderr=1`, 'v4.channel.k8s.io'),
    )
    expect(ok[1]).toBe('hi\n')
    expect(JSON.parse(ok[3] ?? '')).toEqual({ metadata: {}, status: 'Success' })
    const failed = await collect(webSocket(`${podPath}/exec?command=fail&stdout=1&stderr=1`, 'v4.channel.k8s.io'))
    expect(failed[2]).toBe('it failed\n')
    expect(JSON.parse(failed[3] ?? '')).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: exit status 7',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    })
  })

  test('v5 can end the input', async () => {
    const socket = webSocket(`${podPath}/exec?command=cat&stdin=1&stdout=1&stderr=1`, 'v5.channel.k8s.io')
    socket.once('open', () => {
      socket.send(Buffer.concat([Buffer.of(0), Buffer.from('some input')]))
      socket.send(Buffer.of(255, 0))
    })
    const channels = await collect(socket)
    expect(channels[1]).toBe('some input')
    expect(channels[2]).toBe('10 bytes')
  })

  test('of an unknown protocol is refused', async () => {
    const status = await new Promise((resolve) => {
      const socket = webSocket(`${podPath}/exec?command=echo&stdout=1`, 'v9.channel.k8s.io')
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode))
      socket.on('error', () => undefined)
    })
    expect(status).toBe(403)
  })

  test('into what is not there is a plain 404', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = webSocket('/api/v1/namespaces/default/pods/none/exec?command=x&stdout=1', 'v4.channel.k8s.io')
      socket.once('unexpected-response', (_request, response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString()
        })
        response.on('end', () => resolve(`${response.statusCode} ${text}`))
      })
      socket.on('error', () => undefined)
    })
    expect(answer).toMatch(/^404 .*"message":"pods \\"none\\" not found"/)
  })
})

test('a port is forwarded over WebSocket by two channels', async () => {
  const socket = webSocket(`${podPath}/portforward?ports=80`, 'v4.channel.k8s.io')
  const received: Buffer[] = []
  const done = new Promise<void>((resolve) => {
    socket.on('message', (raw: Buffer) => {
      received.push(raw)
      if (received.length === 2) socket.send(Buffer.concat([Buffer.of(0), Buffer.from('hello')]))
      if (received.length === 3) resolve()
    })
  })
  await done
  expect([...(received[0] ?? [])]).toEqual([0, 80, 0])
  expect([...(received[1] ?? [])]).toEqual([1, 80, 0])
  expect(received[2]?.subarray(1).toString()).toBe('HELLO')
  socket.close()
})

/** A port of this machine that is free now. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe.runIf(hasKubectl)('kubectl', () => {
  // Its own choice between WebSocket and SPDY, and SPDY alone.
  const ways = [
    ['over WebSocket', {}],
    ['over SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }],
  ] as const

  function start(args: string[], env: Record<string, string>): ChildProcess {
    return spawn('kubectl', ['--kubeconfig', cluster.kubeconfigPath, ...args], {
      env: { ...process.env, HOME: cluster.stateDir, ...env },
    })
  }

  async function run(args: string[], env: Record<string, string>, input?: string | Buffer) {
    const child = start(args, env)
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
    const code = await new Promise((resolve) => child.once('close', resolve))
    return { stdout, stderr, code }
  }

  test('reads logs', async () => {
    expect((await run(['logs', 'p', '--tail=3'], {})).stdout).toBe('log of main, tail 3\nsecond line\n')
  })

  describe.each(ways)('%s', (_name, env) => {
    test('runs a command and ends as it did', async () => {
      expect(await run(['exec', 'p', '--', 'echo', 'a', 'b'], env)).toEqual({ stdout: 'a b\n', stderr: '', code: 0 })
      const failed = await run(['exec', 'p', '--', 'fail'], env)
      expect(failed).toEqual({ stdout: '', stderr: 'it failed\ncommand terminated with exit code 7\n', code: 7 })
    })

    test('gives it input and brings back all of its output', async () => {
      const input = Buffer.alloc(300_000, 'abc')
      const { stdout, stderr } = await run(['exec', '-i', 'p', '--', 'cat'], env, input)
      expect(stdout.length).toBe(input.length)
      expect(stderr).toBe('300000 bytes')
      const flood = await run(['exec', 'p', '--', 'flood'], env)
      expect(flood.stdout.length).toBe(160 * 64 * 1024)
    })

    test('attaches', async () => {
      expect((await run(['attach', 'p'], env)).stdout).toBe('attached\n')
    })

    test('forwards a port', async () => {
      const port = await freePort()
      const child = start(['port-forward', 'pod/p', `${port}:80`], env)
      try {
        await new Promise<void>((resolve, reject) => {
          child.stdout?.on('data', (chunk: Buffer) => {
            if (chunk.toString().includes('Forwarding from 127.0.0.1')) resolve()
          })
          child.once('close', () => reject(new Error('kubectl ended')))
        })
        for (let i = 0; i < 3; i++) {
          const answer = await new Promise<string>((resolve, reject) => {
            const socket: Socket = connect(port, '127.0.0.1', () => socket.write(`hello ${i}`))
            socket.once('data', (chunk) => {
              resolve(chunk.toString())
              socket.end()
            })
            socket.once('error', reject)
          })
          expect(answer).toBe(`HELLO ${i}`)
        }
      } finally {
        child.kill()
        if (child.exitCode === null && child.signalCode === null)
          await new Promise((resolve) => child.once('close', resolve))
      }
    })
  })
})
