/** Starts conmon, which runs `crun create` and then stays with the container: its log, its streams, its exit code. */
import { closeSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { close, pipe } from './libc.ts'
import { RuntimeError } from './runtime-error.ts'
import { spawn } from './spawn.ts'

export interface ConmonOptions {
  conmon: string
  crun: string
  /** crun's --root. */
  crunRoot: string
  id: string
  bundleDir: string
  exitDir: string
  logPath: string | null
  logSizeMaxBytes?: number
  terminal: boolean
  stdin: 'none' | 'open' | 'once'
}

function conmonArgs(options: ConmonOptions): string[] {
  const { id, bundleDir } = options
  const args = [
    '--cid',
    id,
    '--cuuid',
    id,
    '--name',
    id,
    '--runtime',
    options.crun,
    '--runtime-arg',
    '--root',
    '--runtime-arg',
    options.crunRoot,
  ]
  args.push('--bundle', bundleDir, '--container-pidfile', join(bundleDir, 'pidfile'), '--exit-dir', options.exitDir)
  args.push('--sync', '--full-attach', '--no-sync-log', '--log-level', 'error', '--log-path')
  args.push(options.logPath === null ? 'none' : `k8s-file:${options.logPath}`)
  if (options.logSizeMaxBytes !== undefined) args.push('--log-size-max', String(options.logSizeMaxBytes))
  if (options.terminal) args.push('--terminal')
  if (options.stdin !== 'none') args.push('--stdin')
  // A terminal's input never ends by itself: a client that leaves can come back to it.
  if (options.stdin === 'open' || (options.stdin === 'once' && options.terminal)) args.push('--leave-stdin-open')
  return args
}

async function readAll(fd: number): Promise<string> {
  const socket = new Socket({ fd, readable: true, writable: false })
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}

/** conmon closes the sync pipe only when it ends, so its one line is the answer. */
async function readLine(fd: number): Promise<string> {
  const socket = new Socket({ fd, readable: true, writable: false })
  let text = ''
  for await (const chunk of socket) {
    text += chunk
    if (text.includes('\n')) break
  }
  return text
}

/** The container's process id on the host, once it waits for its start. */
export async function conmonCreate(options: ConmonOptions): Promise<number> {
  const sync = pipe()
  const stderr = pipe()
  const nothing = openSync('/dev/null', 'r+')
  const SYNC_FD = 3
  try {
    spawn({
      program: options.conmon,
      args: conmonArgs(options),
      env: {
        _OCI_SYNCPIPE: String(SYNC_FD),
        TZ: 'UTC0',
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C',
      },
      cwd: options.bundleDir,
      background: true,
      fds: new Map([
        [0, nothing],
        [1, nothing],
        [2, stderr.write],
        [SYNC_FD, sync.write],
      ]),
    })
  } catch (error) {
    close(sync.read)
    close(stderr.read)
    throw error
  } finally {
    closeSync(nothing)
    close(sync.write)
    close(stderr.write)
  }
  const complaints = readAll(stderr.read)
  const line = await readLine(sync.read)
  const match = /"(?:pid|data)": (-?\d+)/.exec(line)
  const pid = Number(match?.[1] ?? -1)
  if (pid > 0) return pid
  const message = match === null ? await complaints : messageOf(line)
  throw RuntimeError.from('create', message || (await complaints))
}

function messageOf(line: string): string {
  try {
    const report: unknown = JSON.parse(line)
    return typeof report === 'object' && report !== null && 'message' in report ? String(report.message) : ''
  } catch (error) {
    // conmon escapes control characters wrongly (\u001b is written \u0027): the text as it is says more than nothing.
    if (error instanceof SyntaxError) return line
    throw error
  }
}
