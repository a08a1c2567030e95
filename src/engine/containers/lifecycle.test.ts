import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LogsOptions } from '../shapes/index.ts'
import { collect, type TestEngine, testEngine } from '../testing/test-engine.ts'

let house: TestEngine
beforeAll(async () => {
  house = await testEngine()
}, 60_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
}, 60_000)

const containers = () => house.engine.containers

async function text(id: string, options: LogsOptions): Promise<string> {
  let all = ''
  for await (const batch of (await containers().logs(id, options)).output) for (const { data } of batch) all += data
  return all
}

test('a container runs its program, and its output and exit code come back', async () => {
  const { id, ...result } = await house.run(['sh', '-c', 'echo out; echo err >&2; exit 3'])
  expect(result).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' })
  const inspect = await containers().inspect(id)
  expect(inspect.State).toMatchObject({ Status: 'exited', Running: false, ExitCode: 3, Pid: 0 })
  expect(inspect.Config.Labels).toEqual({ from: 'image' })
  await containers().remove(id)
  await expect(containers().inspect(id)).rejects.toMatchObject({
    kind: 'notFound',
    message: `No such container: ${id}`,
  })
})

test('the environment is the image’s, the user’s and Docker’s own', async () => {
  const { stdout } = await house.run(['env'], {
    config: { Env: ['MINE=1'], Hostname: 'here' },
    hostConfig: { AutoRemove: true },
  })
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(['COLOR=blue', 'MINE=1', 'HOSTNAME=here', 'HOME=/root']))
})

test('what the client types reaches the program, and its end is the end of input', async () => {
  const { Id } = await containers().create({
    config: { Image: 'tools', Cmd: ['cat'], OpenStdin: true, StdinOnce: true },
    hostConfig: { NetworkMode: 'none', AutoRemove: true },
  })
  const client = await containers().attach(Id, { stdin: true, stdout: true, stream: true })
  const output = collect(client)
  await containers().start(Id)
  client.stdin.end('typed\n')
  expect((await output).stdout).toBe('typed\n')
})

test('--rm leaves nothing, and a wait for the removal tells the exit code', async () => {
  const { Id } = await containers().create({
    config: { Image: 'tools', Cmd: ['sh', '-c', 'exit 4'] },
    hostConfig: { NetworkMode: 'none', AutoRemove: true },
  })
  const removed = containers().wait(Id, 'removed')
  await containers().start(Id)
  expect(await removed.ended).toEqual({ StatusCode: 4 })
  expect(() => containers().resolve(Id)).toThrow('No such container')
})

const head =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: '

test.each([
  [['nosuch'], {}, `${head}exec: "nosuch": executable file not found in $PATH: unknown`, 127],
  [['/nosuch'], {}, `${head}exec: "/nosuch": stat /nosuch: no such file or directory: unknown`, 127],
  [['/etc/passwd'], {}, `${head}exec: "/etc/passwd": permission denied: unknown`, 126],
  [['/etc'], {}, `${head}exec: "/etc": is a directory: unknown: permission denied`, 126],
  [['true'], { User: 'nobody-here' }, 'unable to find user nobody-here: no matching entries in passwd file', 128],
])(
  'a program that cannot be started gets Docker’s sentence and exit code: %j %j',
  async (Cmd, config, message, exitCode) => {
    const { Id } = await containers().create({
      config: { Image: 'tools', Cmd, ...config },
      hostConfig: { NetworkMode: 'none' },
    })
    await expect(containers().start(Id)).rejects.toThrow(message)
    const { State } = await containers().inspect(Id)
    expect(State).toMatchObject({ Status: 'created', ExitCode: exitCode, Error: message })
    expect(house.engine.causes.of(Id)).toMatchObject({ exitCode, message })
    await containers().remove(Id)
  },
)

test('a name is one container’s alone', async () => {
  const id = await house.start(['sleep', '60'], { name: 'taken' })
  await expect(containers().create({ name: 'taken', config: { Image: 'tools' } })).rejects.toMatchObject({
    kind: 'conflict',
    message: `Conflict. The container name "/taken" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
  })
  await containers().rename('taken', 'free')
  expect(containers().resolve('free')).toBe(id)
  await expect(containers().remove('free')).rejects.toThrow(
    'cannot remove container "free": container is running: stop the container before removing or force remove',
  )
  await containers().remove('free', { force: true })
})

test('stop asks first and kills after its time; a stopped one is not stopped again', async () => {
  const id = await house.start(['sh', '-c', 'trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done'])
  await expect.poll(() => text(id, { stdout: true, stderr: false })).toBe('ready\n')
  await containers().stop(id, { timeoutSeconds: 5 })
  expect((await containers().inspect(id)).State.ExitCode).toBe(7)
  await expect(containers().stop(id)).rejects.toMatchObject({ kind: 'notModified' })
  await containers().start(id)
  await expect(containers().start(id)).rejects.toMatchObject({ kind: 'notModified' })
  await containers().stop(id, { timeoutSeconds: 0, signal: 'SIGUSR2' })
  expect((await containers().inspect(id)).State.ExitCode).toBeGreaterThan(128)
  await containers().remove(id)
})

test('on-failure restarts so often and no more', async () => {
  const id = await house.start(['sh', '-c', 'exit 2'], {
    hostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
  })
  await expect.poll(async () => (await containers().inspect(id)).State.Status, { timeout: 10_000 }).toBe('exited')
  const { RestartCount, State } = await containers().inspect(id)
  expect([RestartCount, State.ExitCode]).toEqual([2, 2])
  await containers().remove(id)
})

test('many operations at once on one container leave it whole', async () => {
  const id = await house.start(['sleep', '60'])
  const work = [
    containers().stop(id, { timeoutSeconds: 0 }),
    containers().restart(id, { timeoutSeconds: 0 }),
    containers().kill(id),
    containers().start(id),
    containers().pause(id),
    containers().restart(id, { timeoutSeconds: 0 }),
    containers().unpause(id),
  ]
  await Promise.allSettled(work)
  const { State } = await containers().inspect(id)
  expect(['running', 'exited', 'paused']).toContain(State.Status)
  await containers().remove(id, { force: true })
  expect(await containers().list({ all: true, filters: { id: [id] } })).toEqual([])
})

test('logs give the last lines, with their times, of one stream', async () => {
  const { id } = await house.run(['sh', '-c', 'echo one; echo two >&2; echo three'])
  expect((await text(id, { stdout: true, stderr: true, tail: 1 })).split('\n')).toHaveLength(2)
  expect(await text(id, { stdout: false, stderr: true })).toBe('two\n')
  expect(await text(id, { stdout: true, stderr: false, timestamps: true })).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one\n\S+ three\n$/,
  )
  await expect(containers().logs(id, { stdout: false, stderr: false })).rejects.toThrow(
    'You must choose at least one stream',
  )
  await containers().remove(id)
})

test('the events of a run come in Docker’s order', async () => {
  const seen: string[] = []
  using _listening = house.engine.events.listen((event) => seen.push(`${event.Type} ${event.Action}`))
  await house.run(['true'], { hostConfig: { AutoRemove: true, Binds: ['events-volume:/v'] } })
  await expect.poll(() => seen.at(-1)).toBe('container destroy')
  expect(seen).toEqual([
    'volume create',
    'container create',
    'container attach',
    'network connect',
    'volume mount',
    'container start',
    'network disconnect',
    'volume unmount',
    'container die',
    'container destroy',
  ])
})
