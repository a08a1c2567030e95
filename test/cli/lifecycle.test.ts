import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { instanceAt } from '../../src/daemon/index.ts'
import { output, startDaemon, type TestDaemon } from '../support/daemon.ts'

type Traces = Record<'mounts' | 'links' | 'rules' | 'processes' | 'cgroups' | 'files', string[]>

/**
 * What the machine has of one instance, wherever its id or its state folder is named. Other instances may run beside it
 * and change the rest meanwhile.
 */
async function traces(state: string): Promise<Traces> {
  const { id, runtimeDir } = instanceAt(state)
  const own = (text: string) => text.split('\n').filter((line) => [id, `${state}/`].some((mark) => line.includes(mark)))
  // A process that has ended and that init has not yet looked at holds nothing.
  const processes = own(await output('ps', '-eo', 'args=')).filter((line) => !line.endsWith('<defunct>'))
  return {
    mounts: own(await output('cat', '/proc/self/mounts')),
    links: own(await output('ip', '-o', 'link')),
    rules: own(await output('nft', 'list', 'tables')),
    processes: processes.filter((line) => !line.startsWith('ps ')),
    cgroups: own(await output('find', '/sys/fs/cgroup', '-type', 'd', '-name', `*${id}*`)),
    files: [state, runtimeDir].filter((path) => existsSync(path)),
  }
}

const nothing: Traces = { mounts: [], links: [], rules: [], processes: [], cgroups: [], files: [] }

async function makeALot(daemon: TestDaemon): Promise<void> {
  await daemon.ok('pull', 'busybox')
  await daemon.ok('network', 'create', 'atelier')
  await daemon.ok('run', '-d', '--network', 'atelier', '-p', '0:80', '-v', 'livre:/data', 'busybox', 'sleep', '600')
  await daemon.ok('run', '-d', '--restart', 'always', '--memory', '64m', 'busybox', 'sleep', '600')
  await daemon.ok('create', 'busybox')
  const during = await traces(daemon.state)
  for (const [kind, found] of Object.entries(during)) expect(found.length, kind).toBeGreaterThan(0)
}

test('down --wipe leaves no mount, link, rule, process, cgroup or file behind', async () => {
  const daemon = await startDaemon()
  try {
    await makeALot(daemon)
  } finally {
    await daemon[Symbol.asyncDispose]()
  }
  expect(await traces(daemon.state)).toEqual(nothing)
})

test('down --wipe removes everything after the daemon was killed, too', async () => {
  const daemon = await startDaemon()
  try {
    await makeALot(daemon)
    await daemon.kill()
  } finally {
    await daemon[Symbol.asyncDispose]()
  }
  expect(await traces(daemon.state)).toEqual(nothing)
})

test('down keeps images and containers for the next up', async () => {
  await using daemon = await startDaemon()
  await daemon.ok('pull', 'busybox')
  await daemon.ok('run', '-d', '--name', 'kept', '--restart', 'unless-stopped', 'busybox', 'sleep', '600')
  expect((await daemon.manufacture('down')).exitCode).toBe(0)
  expect((await daemon.manufacture('status')).exitCode).toBe(4)
  await daemon.up()
  expect(await daemon.ok('images', '--format', '{{.Repository}}')).toContain('busybox')
  await expect.poll(async () => await daemon.ok('ps', '--format', '{{.Names}}'), { timeout: 20_000 }).toContain('kept')
})

test('containers outlive a killed daemon, with their port, log and exit code', async () => {
  await using daemon = await startDaemon()
  await daemon.ok('pull', 'busybox')
  await daemon.ok('run', '-d', '--name', 'lives', '-p', '0:80', 'busybox', 'sh', '-c', 'echo born; exec httpd -f -p 80')
  await daemon.ok('run', '-d', '--name', 'ends', 'busybox', 'sh', '-c', 'sleep 3; exit 7')
  const port = (await daemon.ok('port', 'lives', '80')).split('\n')[0]?.split(':').at(-1)
  await daemon.kill()
  const { pid } = daemon.status
  await daemon.up()
  expect(daemon.status.pid).not.toBe(pid)
  expect(await daemon.ok('logs', 'lives')).toBe('born')
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
  expect(await daemon.ok('wait', 'ends')).toBe('7')
  expect(await daemon.ok('exec', 'lives', 'echo', 'inside')).toBe('inside')
})
