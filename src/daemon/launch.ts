import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launchArgv } from '../linux/index.ts'
import type { Instance } from './instance.ts'
import type { DaemonStatus } from './status.ts'

export interface LaunchOptions {
  /** Stay attached to the terminal until the daemon ends. */
  foreground: boolean
  kubernetes: boolean
  workshop: boolean
  /** PATH of the workshop's terminals. */
  path: string
  /** Fixed port of the registry; default: the port of last time, else 5001, else any free one. */
  registryPort?: number
  registryMirrors?: readonly string[]
  insecureRegistries?: readonly string[]
  debianArchive?: string
  language: 'en' | 'fr'
}

export type Launched =
  | { kind: 'ready'; status: DaemonStatus; milliseconds: number }
  | { kind: 'failed'; logTail: string; timeoutSeconds?: number }
  /** Foreground only: the daemon ran and ended. */
  | { kind: 'exited'; exitCode: number }

const readyLimitSeconds = 60
const logLimitBytes = 10 * 1024 * 1024

/** Files that make a folder a state folder; see {@link looksLikeStateDir}. */
export const stateMarker = 'manufacture-state'

/** Makes the state folder with its marker: from then on `down --wipe` may remove it, whatever else was interrupted. */
export async function prepareStateDir(instance: Instance): Promise<void> {
  await mkdir(instance.stateDir, { recursive: true, mode: 0o711 })
  const marker = await open(join(instance.stateDir, stateMarker), 'a')
  await marker.close()
  const size = await stat(instance.logFile).then(
    (file) => file.size,
    () => 0,
  )
  if (size > logLimitBytes) await rename(instance.logFile, `${instance.logFile}.1`)
}

/** The argument vector of a daemon (or of its clean-up) in the instance's own mount namespace. */
export function daemonArgv(instance: Instance, args: readonly string[]): string[] {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  return launchArgv(instance.runtimeDir, [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    main,
    '--state',
    instance.stateDir,
    ...args,
  ])
}

async function logTail(instance: Instance, from: number): Promise<string> {
  const text = await readFile(instance.logFile, 'utf8')
  return text.slice(from).trimEnd().split('\n').slice(-8).join('\n')
}

/** Resolves with the first line on the pipe, or undefined when the pipe closes without one. */
async function firstLine(child: ChildProcess, fd: number): Promise<string | undefined> {
  const pipe = child.stdio[fd]
  if (!pipe || !('setEncoding' in pipe)) throw new Error(`no pipe on file descriptor ${fd}`)
  pipe.setEncoding('utf8')
  let text = ''
  for await (const chunk of pipe) {
    text += chunk
    if (text.includes('\n')) return text.slice(0, text.indexOf('\n'))
  }
  return undefined
}

export async function launchDaemon(instance: Instance, options: LaunchOptions): Promise<Launched> {
  const started = performance.now()
  await prepareStateDir(instance)
  const args = ['--language', options.language]
  args.push('--path', options.path)
  if (!options.kubernetes) args.push('--no-kubernetes')
  if (!options.workshop) args.push('--no-workshop')
  if (options.registryPort !== undefined) args.push('--registry-port', String(options.registryPort))
  for (const mirror of options.registryMirrors ?? []) args.push('--registry-mirror', mirror)
  for (const host of options.insecureRegistries ?? []) args.push('--insecure-registry', host)
  if (options.debianArchive !== undefined) args.push('--debian-archive', options.debianArchive)
  const [program = '', ...rest] = daemonArgv(instance, args)

  if (options.foreground) {
    const child = spawn(program, rest, { stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => resolve(code ?? 1))
    })
    return { kind: 'exited', exitCode }
  }

  const log = openSync(instance.logFile, 'a')
  const logStart = await stat(instance.logFile).then((file) => file.size)
  const child = spawn(program, rest, { stdio: ['ignore', log, log, 'pipe'], detached: true, cwd: '/' })
  closeSync(log)
  const spawnFailed = new Promise<never>((_resolve, reject) => child.once('error', reject))
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), readyLimitSeconds * 1000)
  })
  const line = await Promise.race([firstLine(child, 3), late, spawnFailed])
  clearTimeout(timer)
  if (line === 'late') {
    child.kill('SIGTERM')
    return { kind: 'failed', logTail: await logTail(instance, logStart), timeoutSeconds: readyLimitSeconds }
  }
  if (line === undefined) return { kind: 'failed', logTail: await logTail(instance, logStart) }
  child.unref()
  const pipe = child.stdio[3]
  if (pipe) pipe.destroy()
  return { kind: 'ready', status: JSON.parse(line) as DaemonStatus, milliseconds: performance.now() - started }
}
