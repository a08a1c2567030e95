import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const launcher = fileURLToPath(new URL('../../manufacture', import.meta.url))

/** One engine under measurement: the command that drives it, and what stands behind. */
export interface Peer extends AsyncDisposable {
  name: string
  /** Program and first arguments, with the environment, of its command line. */
  cli: readonly string[]
  env: NodeJS.ProcessEnv
  /** Pids whose memory counts, without the containers' own processes. */
  pids(): Promise<number[]>
  /** Starts it from nothing until `version` answers; in milliseconds. Absent where there is no daemon. */
  start?(): Promise<number>
  stop?(): Promise<void>
}

async function answers(peer: Pick<Peer, 'cli' | 'env'>): Promise<boolean> {
  const [program = '', ...args] = peer.cli
  try {
    await run(program, [...args, 'version'], { env: peer.env })
    return true
  } catch {
    return false
  }
}

async function untilItAnswers(peer: Pick<Peer, 'cli' | 'env'>, limitMs = 30_000): Promise<number> {
  const started = performance.now()
  while (!(await answers(peer))) {
    if (performance.now() - started > limitMs) throw new Error(`${peer.cli.join(' ')} does not answer`)
  }
  return performance.now() - started
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('exit', resolve))
}

async function descendants(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,ppid='])
  const children = new Map<number, number[]>()
  for (const line of stdout.split('\n')) {
    const [child, parent] = line.trim().split(/\s+/).map(Number)
    if (child === undefined || parent === undefined) continue
    children.set(parent, [...(children.get(parent) ?? []), child])
  }
  const all = [pid]
  for (const next of all) all.push(...(children.get(next) ?? []))
  return all
}

export async function manufacture(): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-ours-'))
  const state = join(folder, 'state')
  const env = {
    ...process.env,
    MANUFACTURE_STATE: state,
    MANUFACTURE_LIBRARY: process.env.MANUFACTURE_LIBRARY ?? join(folder, 'library'),
    DOCKER_CONFIG: join(folder, 'docker'),
    DOCKER_HOST: `unix://${state}/docker.sock`,
  }
  const peer: Peer = {
    name: 'ours',
    cli: ['docker'],
    env,
    async pids() {
      const { stdout } = await run(launcher, ['status', '--json'], { env })
      return [(JSON.parse(stdout) as { pid: number }).pid]
    },
    async start() {
      const child = spawn(
        launcher,
        ['up', '--foreground', '--no-kubernetes', '--no-workshop', '--registry-port', '0'],
        {
          env,
          stdio: 'ignore',
        },
      )
      child.unref()
      return await untilItAnswers(peer)
    },
    async stop() {
      await run(launcher, ['down'], { env })
    },
    async [Symbol.asyncDispose]() {
      await run(launcher, ['down', '--wipe'], { env })
      await rm(folder, { recursive: true, force: true })
    },
  }
  return peer
}

export async function dockerd(): Promise<Peer | undefined> {
  if (!existsSync('/usr/sbin/dockerd')) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'bench-dockerd-'))
  const host = `unix://${folder}/docker.sock`
  const env = { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: join(folder, 'config'), DOCKER_BUILDKIT: '0' }
  let daemon: ChildProcess | undefined
  const peer: Peer = {
    name: 'dockerd',
    cli: ['docker'],
    env,
    async pids() {
      const all = daemon?.pid === undefined ? [] : await descendants(daemon.pid)
      return all
    },
    async start() {
      daemon = spawn(
        '/usr/sbin/dockerd',
        [
          '-H',
          host,
          '--data-root',
          join(folder, 'data'),
          '--exec-root',
          join(folder, 'run'),
          '-p',
          join(folder, 'pid'),
        ],
        { stdio: 'ignore' },
      )
      return await untilItAnswers(peer)
    },
    async stop() {
      daemon?.kill('SIGTERM')
      if (daemon) await gone(daemon)
    },
    async [Symbol.asyncDispose]() {
      await peer.stop?.()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return peer
}

export async function podman(): Promise<Peer | undefined> {
  if (!existsSync('/usr/bin/podman')) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'bench-podman-'))
  // podman asks for more open files than this process may give where the hard limit is low.
  const configuration = join(folder, 'containers.conf')
  await writeFile(configuration, '[containers]\ndefault_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]\n')
  const cli = [
    'podman',
    '--root',
    join(folder, 'root'),
    '--runroot',
    join(folder, 'run'),
    '--cgroup-manager',
    'cgroupfs',
    // crun 1.8 refuses cgroups in hybrid mode; runc takes them.
    ...(existsSync('/sys/fs/cgroup/unified') && existsSync('/usr/sbin/runc') ? ['--runtime', '/usr/sbin/runc'] : []),
  ]
  return {
    name: 'podman',
    cli,
    env: { ...process.env, CONTAINERS_CONF: configuration },
    async pids() {
      return []
    },
    async [Symbol.asyncDispose]() {
      const [program = '', ...args] = cli
      await run(program, [...args, 'rm', '-af', '-t', '0'])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
