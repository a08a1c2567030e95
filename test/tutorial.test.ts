import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root, startDaemon, type TestDaemon } from './support/daemon.ts'
import { freePort } from './support/free-port.ts'

// The Docker half of the tutorial, line by line, with the real docker command.

let daemon: TestDaemon

beforeAll(async () => {
  daemon = await startDaemon()
}, 600_000)

afterAll(async () => {
  await daemon[Symbol.asyncDispose]()
})

const hello = `${root}examples/hello`

/** The answer, as soon as there is one. */
async function answer(url: string, init?: RequestInit): Promise<Response> {
  const deadline = performance.now() + 20_000
  for (;;) {
    try {
      return await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) })
    } catch (error) {
      if (performance.now() > deadline) throw error
      await sleep(50)
    }
  }
}

async function built(args: readonly string[], cwd: string): Promise<string> {
  const build = await daemon.dockerWith({ cwd }, 'build', ...args)
  expect(build.exitCode, build.stdout + build.stderr).toBe(0)
  return build.stdout
}

test('docker pull python:3.9, docker images, a Python prompt, a shell', { timeout: 600_000 }, async () => {
  const pulled = await daemon.ok('pull', 'python:3.9')
  expect(pulled).toContain('docker.io/library/python:3.9')
  expect(await daemon.ok('images', '--format', '{{.Repository}}:{{.Tag}}')).toContain('python:3.9')
  const prompt = await daemon.dockerWith({ input: 'print(6 * 7)\n' }, 'run', '-i', '--rm', 'python:3.9')
  expect(prompt.stdout).toBe('42\n')
  const shell = await daemon.dockerWith(
    { input: 'python --version; echo $0\n' },
    'run',
    '-i',
    '--rm',
    'python:3.9',
    'bash',
  )
  expect(shell.stdout).toMatch(/^Python 3\.9\.\d+\nbash\n$/)
})

test('docker run -it opens the prompt on a terminal', async () => {
  const { spawn } = await import('@lydell/node-pty')
  const terminal = spawn('docker', ['run', '-it', '--rm', 'python:3.9'], { env: daemon.env, cols: 80, rows: 24 })
  let screen = ''
  terminal.onData((text) => {
    screen += text
  })
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)))
  const seen = async (text: string) => {
    const deadline = performance.now() + 20_000
    while (!screen.includes(text)) {
      if (performance.now() > deadline) throw new Error(`${text} is not on the screen:\n${screen}`)
      await sleep(30)
    }
  }
  await seen('>>> ')
  terminal.write('6 * 7\r')
  await seen('42')
  terminal.write('exit()\r')
  expect(await ended).toBe(0)
})

test('an image runs by its id, and by a name', async () => {
  const text = await built(['.'], `${hello}/api`)
  const id = /Successfully built ([0-9a-f]{12})/.exec(text)?.[1]
  expect(id).toBeDefined()
  const container = await daemon.ok('run', '-d', id ?? '')
  await expect
    .poll(async () => (await daemon.docker('logs', container)).stderr, { timeout: 20_000 })
    .toContain('Uvicorn running on http://0.0.0.0:5000')
  await daemon.ok('rm', '-f', container)
  await built(['-t', 'super_api', '.'], `${hello}/api`)
  expect(await daemon.ok('images', '-q', 'super_api')).toBe(id)
})

describe.each([
  ['Python', 'api', 'super_api'],
  ['TypeScript', 'api-ts', 'super_api_ts'],
])('the API in %s', (_language, folder, image) => {
  let port: number
  const container = () => `${folder}-hello`

  beforeAll(async () => {
    await built(['-t', image, '.'], `${hello}/${folder}`)
    port = await freePort()
    await daemon.ok('run', '-d', '--name', container(), '-e', 'API_KEY=k', '-p', `${port}:5000`, image)
  }, 600_000)

  test('says Hello Unknown on its published port', async () => {
    expect(await (await answer(`http://localhost:${port}/`)).text()).toBe('Hello Unknown')
    expect(await (await answer(`http://127.0.0.1:${port}/`)).text()).toBe('Hello Unknown')
  })

  test('says who it is, that it is well, and keeps a guestbook and a secret', async () => {
    const who = (await (await answer(`http://localhost:${port}/whoami`)).json()) as {
      hostname: string
      version: string
    }
    expect(who).toEqual({
      hostname: (await daemon.ok('ps', '-qf', `name=${container()}`)).slice(0, 12),
      version: '1.0',
    })
    expect(await (await answer(`http://localhost:${port}/healthz`)).text()).toBe('ok')
    expect((await answer(`http://localhost:${port}/ready`)).status).toBe(200)
    const signed = await answer(`http://localhost:${port}/guestbook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Ada' }),
    })
    expect(signed.status).toBe(201)
    expect(await (await answer(`http://localhost:${port}/guestbook`)).json()).toEqual({ entries: ['Ada'] })
    expect((await answer(`http://localhost:${port}/guestbook`, { method: 'POST', body: '{}' })).status).toBe(422)
    expect((await answer(`http://localhost:${port}/secret`)).status).toBe(401)
    expect((await answer(`http://localhost:${port}/secret`, { headers: { 'x-api-key': 'k' } })).status).toBe(200)
    expect(await (await answer(`http://localhost:${port}/burn?ms=5`)).text()).toBe('burned 5 ms')
    expect((await answer(`http://localhost:${port}/nothing`)).status).toBe(404)
  })

  test('says Hello SUPERDEVOPS when built with ARG and ENV', async () => {
    await built(['-t', image, '--build-arg', 'PRENOM=SUPERDEVOPS', '.'], `${hello}/${folder}`)
    await daemon.ok('rm', '-f', container())
    await daemon.ok('run', '-d', '--name', container(), '-p', `${port}:5000`, image)
    expect(await (await answer(`http://localhost:${port}/`)).text()).toBe('Hello SUPERDEVOPS')
  })

  test('stops at once when it is asked to, and can be looked at and removed', async () => {
    expect(await daemon.ok('exec', container(), 'sh', '-c', 'echo inside')).toBe('inside')
    const started = performance.now()
    await daemon.ok('stop', container())
    expect(performance.now() - started).toBeLessThan(9_000)
    expect(await daemon.ok('ps', '-a', '--format', '{{.Names}} {{.State}}')).toContain(`${container()} exited`)
    await daemon.ok('rm', container())
  })
})

test('an HTML front calls the API by name on a network', { timeout: 600_000 }, async () => {
  await built(['-t', 'super_front', '.'], `${hello}/front`)
  await daemon.ok('network', 'create', 'atelier')
  await daemon.ok('run', '-d', '--name', 'api', '--network', 'atelier', 'super_api')
  const port = await freePort()
  await daemon.ok('run', '-d', '--name', 'front', '--network', 'atelier', '-p', `${port}:80`, 'super_front')
  expect(await (await answer(`http://localhost:${port}/`)).text()).toContain('<title>Manufacture</title>')
  await expect
    .poll(async () => await (await answer(`http://localhost:${port}/api/`)).text(), { timeout: 20_000 })
    .toBe('Hello SUPERDEVOPS')
  await daemon.ok('rm', '-f', 'api', 'front')
  await daemon.ok('network', 'rm', 'atelier')
})

test('a volume keeps what a container wrote; ENTRYPOINT takes the arguments of run', async () => {
  await daemon.ok('run', '--rm', '-v', 'livre:/data', 'super_api', 'sh', '-c', 'echo Ada > /data/guestbook.txt')
  expect(await daemon.ok('run', '--rm', '-v', 'livre:/data', 'super_api', 'cat', '/data/guestbook.txt')).toBe('Ada')
  const dockerfile = 'FROM python:3.9\nENTRYPOINT ["echo", "bonjour"]\nCMD ["tout le monde"]\n'
  const build = await daemon.dockerWith({ input: dockerfile }, 'build', '-q', '-t', 'dire-bonjour', '-')
  expect(build.exitCode, build.stderr).toBe(0)
  expect(await daemon.ok('run', '--rm', 'dire-bonjour')).toBe('bonjour tout le monde')
  expect(await daemon.ok('run', '--rm', 'dire-bonjour', 'Ada')).toBe('bonjour Ada')
})

test('tag, push to the registry, pull by digest', async () => {
  const name = `${daemon.status.addresses.registry.replace('127.0.0.1', 'localhost')}/super_api:1.0`
  await daemon.ok('tag', 'super_api', name)
  const pushed = await daemon.ok('push', name)
  const digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed)?.[1]
  expect(digest, pushed).toBeDefined()
  await daemon.ok('rmi', name)
  const byDigest = `${name.replace(/:1\.0$/, '')}@${digest}`
  expect(await daemon.ok('pull', byDigest)).toContain(byDigest)
  expect(await daemon.ok('images', '--digests', '--format', '{{.Digest}}')).toContain(digest)
})

test('compose builds and starts both, and the page answers', { timeout: 600_000 }, async () => {
  const port = await freePort()
  const compose = (...args: string[]) =>
    daemon.dockerWith({ cwd: hello, env: { FRONT_PORT: String(port) } }, 'compose', ...args)
  const up = await compose('up', '-d', '--build')
  expect(up.exitCode, up.stdout + up.stderr).toBe(0)
  await expect
    .poll(async () => await (await answer(`http://localhost:${port}/api/`)).text(), { timeout: 20_000 })
    .toBe('Hello SUPERDEVOPS')
  const services = await compose('ps', '--format', 'json')
  expect(
    services.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { Service: string }).Service)
      .sort(),
  ).toEqual(['api', 'front'])
  const down = await compose('down', '-v')
  expect(down.exitCode, down.stderr).toBe(0)
})

test('docker system df and prune tell and free', async () => {
  await daemon.ok('run', '--name', 'spent', 'super_api', 'true')
  expect(await daemon.ok('system', 'df')).toMatch(/^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\nImages /)
  const pruned = await daemon.ok('system', 'prune', '-f')
  expect(pruned).toContain('Deleted Containers:')
  expect(pruned).toMatch(/Total reclaimed space: /)
  expect(await daemon.ok('ps', '-aq', '-f', 'name=spent')).toBe('')
})
