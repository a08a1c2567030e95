import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CreateContainer, type LogRecord, readLog } from './index.ts'
import { collect, openKernel, sha256, type TestKernel } from './testing/kernel.ts'

let kernel: TestKernel
beforeAll(async () => {
  kernel = await openKernel()
})
afterAll(async () => {
  await kernel[Symbol.asyncDispose]()
})

let last = 0
async function created(args: string[], options: Partial<CreateContainer> = {}): Promise<string> {
  const id = `c${++last}`
  await kernel.linux.containers.create({
    id,
    bundleDir: kernel.bundle(id),
    spec: kernel.spec(args),
    logPath: join(kernel.runtimeDir, `${id}.log`),
    terminal: false,
    stdin: 'none',
    ...options,
  })
  return id
}

async function running(args: string[], options: Partial<CreateContainer> = {}): Promise<string> {
  const id = await created(args, options)
  await kernel.linux.containers.start(id)
  return id
}

async function logOf(id: string): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const batch of readLog(join(kernel.runtimeDir, `${id}.log`))) records.push(...batch)
  return records
}

test('a client attached before the start sees everything, and so does the log', async () => {
  const { containers } = kernel.linux
  const id = await created(['sh', '-c', 'echo out; echo err >&2; cat; exit 7'], { stdin: 'once' })
  await using streams = await containers.attach(id)
  const seen = collect(streams.output)
  await containers.start(id)
  streams.stdin.end('typed\n')
  expect(await seen).toEqual({ stdout: 'out\ntyped\n', stderr: 'err\n' })
  const exit = await containers.wait(id)
  expect(exit).toMatchObject({ id, exitCode: 7, oomKilled: false })
  expect(Date.now() - exit.finishedAt.getTime()).toBeLessThan(10_000)
  const records = await logOf(id)
  expect(records.map((record) => `${record.stream} ${record.data}`).sort()).toEqual([
    'stderr err\n',
    'stdout out\n',
    'stdout typed\n',
  ])
  expect(records[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
  await containers.delete(id)
})

test('a flood of output arrives complete at a slow client, and large input arrives whole', async () => {
  const { containers } = kernel.linux
  const id = await created(['sh', '-c', 'sha256sum; head -c 8000000 /dev/zero | tr "\\0" x'], {
    stdin: 'once',
    logPath: null,
  })
  await using streams = await containers.attach(id)
  const input = Buffer.alloc(3_000_000, 'abcdefghij')
  await containers.start(id)
  streams.stdin.end(input)
  let text = ''
  let chunks = 0
  for await (const chunk of streams.output) {
    if (++chunks % 100 === 0) await sleep(2)
    text += chunk.data
  }
  expect(text.slice(0, 64)).toBe(sha256(input))
  expect(text.length).toBe('  -\n'.length + 64 + 8_000_000)
  await containers.delete(id)
})

test('a terminal has its size, its echo and one stream', async () => {
  const { containers } = kernel.linux
  const id = `c${++last}`
  const spec = kernel.spec(['sh', '-c', 'read line; stty size; echo "got $line" >&2'], { terminal: true })
  await containers.create({ id, bundleDir: kernel.bundle(id), spec, logPath: null, terminal: true, stdin: 'once' })
  await using streams = await containers.attach(id)
  const seen = collect(streams.output)
  await containers.resize(id, { rows: 33, columns: 101 })
  await containers.start(id)
  streams.stdin.write('hello\n')
  expect(await seen).toEqual({ stdout: 'hello\r\n33 101\r\ngot hello\r\n', stderr: '' })
  await containers.delete(id)
})

test('a program that is not there is refused with the runtime’s sentence and code, and nothing stays', async () => {
  await expect(created(['no-such-program'])).rejects.toMatchObject({
    name: 'RuntimeError',
    operation: 'create',
    code: 'ENOENT',
    message: 'executable file `no-such-program` not found in $PATH: No such file or directory',
  })
  const id = `c${last}`
  await kernel.linux.containers.create({
    id,
    bundleDir: kernel.bundle(id),
    spec: kernel.spec(['true']),
    logPath: null,
    terminal: false,
    stdin: 'none',
  })
  await kernel.linux.containers.delete(id)
})

test('signals end it, and the exit tells which', async () => {
  const { containers } = kernel.linux
  const id = await running(['sleep', '1000'])
  await containers.signal(id, 9)
  expect((await containers.wait(id)).exitCode).toBe(137)
  await containers.signal(id, 15)
  await containers.delete(id)
  await containers.delete(id)
})

test('a paused container stands still, refuses programs, and can still be killed', async () => {
  const { containers } = kernel.linux
  const id = await running(['sleep', '1000'])
  await containers.pause(id)
  const process = kernel.spec(['true']).process
  await expect(containers.exec(id, { process, stdin: false })).rejects.toThrow(`the container \`${id}\` is paused`)
  await containers.resume(id)
  await using exec = await containers.exec(id, { process, stdin: false })
  expect(await exec.exited).toBe(0)
  await containers.pause(id)
  await containers.signal(id, 9)
  expect((await containers.wait(id)).exitCode).toBe(137)
  await containers.delete(id)
})

test('limits are applied, changed and told by the counters', async () => {
  const { containers } = kernel.linux
  const spec = kernel.spec(['sleep', '1000'])
  spec.linux.resources = { memory: { limit: 64 * 1024 * 1024 }, pids: { limit: 50 } }
  const id = await running([], { spec })
  const before = await containers.stats(id)
  expect(before.memory.limit).toBe(64 * 1024 * 1024)
  expect(before.pids).toEqual({ current: 1, limit: 50 })
  expect(before.cpu.totalNs).toBeGreaterThan(0n)
  expect(before.host.cpuTotalNs).toBeGreaterThan(before.cpu.totalNs)
  expect(before.interfaces).toEqual({})
  expect(await containers.pids(id)).toHaveLength(1)
  await containers.update(id, { memory: { limit: 32 * 1024 * 1024 } })
  expect((await containers.stats(id)).memory.limit).toBe(32 * 1024 * 1024)
  await containers.delete(id)
})

test('a process killed for want of memory is told', async () => {
  const { containers } = kernel.linux
  const spec = kernel.spec(['sh', '-c', 'head -c 60000000 /dev/zero | tail | wc -c'])
  spec.linux.resources = { memory: { limit: 16 * 1024 * 1024, swap: 16 * 1024 * 1024 } }
  const id = await running([], { spec })
  expect((await containers.wait(id)).oomKilled).toBe(true)
  await containers.delete(id)
})

test('after a restart of this process everything is found again, and what ended meanwhile has its code', async () => {
  const alive = await running(['sh', '-c', 'read line; echo "read $line"; exit 4'], { stdin: 'open' })
  const waiting = await created(['true'])
  const ended = await running(['sh', '-c', 'sleep 0.2; exit 5'])
  await kernel.linux[Symbol.asyncDispose]()
  await sleep(500)
  await kernel.reopen()
  const { containers } = kernel.linux
  const told: string[] = []
  using _ = containers.onExit((exit) => told.push(exit.id))
  const found = new Map((await containers.reopen()).map((container) => [container.id, container]))
  expect(found.get(alive)).toMatchObject({ state: 'running', exit: null })
  expect(found.get(waiting)).toMatchObject({ state: 'created', exit: null })
  expect(found.get(ended)).toMatchObject({ state: 'stopped', pid: null, exit: { exitCode: 5 } })
  expect((await containers.wait(ended)).exitCode).toBe(5)
  await using streams = await containers.attach(alive)
  const seen = collect(streams.output)
  streams.stdin.write('again\n')
  expect((await seen).stdout).toBe('read again\n')
  expect((await containers.wait(alive)).exitCode).toBe(4)
  expect(told).toContain(alive)
  for (const id of [alive, waiting, ended]) await containers.delete(id)
})

test('the root of a running container can be seen with its mounts', async () => {
  const { containers } = kernel.linux
  const id = await running(['sleep', '1000'])
  const view = containers.rootView(id)
  expect(readFileSync(join(view ?? '', 'proc/1/status'), 'utf8')).toContain('NSpid:')
  await containers.delete(id)
  expect(containers.rootView(id)).toBeNull()
})

test('more open files than this machine allows are lowered and said', async () => {
  const { containers } = kernel.linux
  const id = `c${++last}`
  const spec = kernel.spec(['sh', '-c', 'ulimit -n'], {
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 2 ** 40, hard: 2 ** 40 }],
  })
  const { adjustments } = await containers
    .create({ id, bundleDir: kernel.bundle(id), spec, logPath: null, terminal: false, stdin: 'none' })
    .catch(() => ({ adjustments: null }))
  // With CAP_SYS_RESOURCE the kernel itself decides (fs.nr_open), and then nothing is lowered.
  if (adjustments !== null && adjustments.length > 0) expect(adjustments[0]).toMatch(/^RLIMIT_NOFILE is lowered to \d+/)
  await containers.delete(id)
})

test('seccomp rules hold for the first container, which compiles them, and for the next, which does not', async () => {
  const { containers } = kernel.linux
  const seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }],
  }
  for (const n of [1, 2, 3]) {
    const spec = kernel.spec(['sh', '-c', 'grep Seccomp: /proc/self/status; mkdir /tmp/x 2>&1'])
    spec.linux.seccomp = n < 3 ? seccomp : structuredClone(seccomp)
    const id = await created([], { spec })
    await using streams = await containers.attach(id)
    const seen = collect(streams.output)
    await containers.start(id)
    const { stdout } = await seen
    expect(stdout).toMatch(/^Seccomp:\s+2\n/)
    expect(stdout).toContain('No space left on device')
    const config = readFileSync(join(kernel.bundle(id), 'config.json'), 'utf8')
    expect(config.includes('run.oci.seccomp_bpf_data')).toBe(n > 1)
    await containers.delete(id)
  }
})
