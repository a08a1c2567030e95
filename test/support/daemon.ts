import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DaemonStatus } from '../../src/daemon/index.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const launcher = join(root, 'manufacture')

/** Base images are assembled once for all tests; the folder is not in the repository. */
export const sharedLibrary = process.env.MANUFACTURE_LIBRARY ?? join(root, '.cache/library')

export interface Finished {
  exitCode: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd?: string
  input?: string | Buffer
  env?: NodeJS.ProcessEnv
  timeoutMs?: number
}

/** Runs a program to its end; a failing exit code is a result, not an error. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
  if (options.input !== undefined) child.stdin?.end(options.input)
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 128))
  })
  return { exitCode, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }
}

export interface TestDaemon extends AsyncDisposable {
  /** Path of the unix socket. */
  socket: string
  /** The state folder. */
  state: string
  /** The environment in which docker and manufacture talk to this daemon. */
  env: NodeJS.ProcessEnv
  status: DaemonStatus
  /** Runs the real docker command; see {@link run}. */
  docker(...args: string[]): Promise<Finished>
  /** The same, and an error with docker's own words where it fails. Gives stdout without the last line feed. */
  ok(...args: string[]): Promise<string>
  dockerWith(options: RunOptions, ...args: string[]): Promise<Finished>
  /** Runs `manufacture` on this state folder. */
  manufacture(...args: string[]): Promise<Finished>
  /** kill -9 of the daemon, nothing else. */
  kill(): Promise<void>
  /** `manufacture up` again on the same state folder. */
  up(): Promise<DaemonStatus>
}

/** Starts a daemon of its own: own state folder, own docker configuration, free ports. Disposing wipes it. */
export async function startDaemon(
  upArgs: readonly string[] = ['--no-kubernetes', '--no-workshop'],
): Promise<TestDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'manufacture-test-'))
  const state = join(folder, 'state')
  await mkdir(sharedLibrary, { recursive: true })
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    LC_ALL: 'C.UTF-8',
    MANUFACTURE_STATE: state,
    MANUFACTURE_LIBRARY: sharedLibrary,
    MANUFACTURE_CLIENTS: join(root, '.cache/clients'),
    DOCKER_CONFIG: join(folder, 'docker'),
    KUBECONFIG: join(folder, 'kubeconfig'),
    DOCKER_BUILDKIT: '0',
  }
  delete env.DOCKER_HOST
  delete env.DOCKER_CONTEXT
  const manufacture = (...args: string[]) => run(launcher, args, { env })
  const up = async (): Promise<DaemonStatus> => {
    const started = await manufacture('up', '--registry-port', '0', ...upArgs)
    if (started.exitCode !== 0) throw new Error(`manufacture up: ${started.stdout}${started.stderr}`)
    return JSON.parse(await readFile(join(state, 'daemon.json'), 'utf8')) as DaemonStatus
  }
  const status = await up()
  env.DOCKER_HOST = status.addresses.docker
  const dockerWith = (options: RunOptions, ...args: string[]) =>
    run('docker', args, { ...options, env: { ...env, ...options.env } })
  const daemon: TestDaemon = {
    socket: status.addresses.docker.replace('unix://', ''),
    state,
    env,
    status,
    docker: (...args) => dockerWith({}, ...args),
    async ok(...args) {
      const finished = await dockerWith({}, ...args)
      if (finished.exitCode !== 0) {
        throw new Error(`docker ${args.join(' ')}: exit ${finished.exitCode}\n${finished.stdout}${finished.stderr}`)
      }
      return finished.stdout.replace(/\n$/, '')
    },
    dockerWith,
    manufacture,
    async kill() {
      process.kill(daemon.status.pid, 'SIGKILL')
      while (await run('kill', ['-0', String(daemon.status.pid)]).then((probe) => probe.exitCode === 0));
    },
    async up() {
      daemon.status = await up()
      return daemon.status
    },
    async [Symbol.asyncDispose]() {
      const wiped = await manufacture('down', '--wipe')
      await rm(folder, { recursive: true, force: true })
      if (wiped.exitCode !== 0) throw new Error(`manufacture down --wipe: ${wiped.stdout}${wiped.stderr}`)
    },
  }
  return daemon
}

/** Output of a command on this machine, for comparing before and after. */
export async function output(program: string, ...args: string[]): Promise<string> {
  return await new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 64 << 20 }, (error, stdout) => (error ? reject(error) : resolve(stdout)))
  })
}
