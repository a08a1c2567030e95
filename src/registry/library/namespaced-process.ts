import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

export interface NamespacedProcess {
  readonly command: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** lines of standard output and standard error */
  readonly onLine?: (line: string) => void
  /** lines written to file descriptor 3 */
  readonly onStatus?: (line: string) => void
}

/** A command that failed, with the last that it said. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly lines: readonly string[]

  constructor(command: string, outcome: string, lines: readonly string[]) {
    super(`${command} ${outcome}: ${lines.slice(-5).join('; ')}`)
    this.lines = lines
  }
}

const keptLines = 200

/**
 * Runs a command in mount and process namespaces of its own, which die with it, and with us: no mount and no process is
 * left behind, whatever happens. Resolves when it has ended well. @throws CommandError
 */
export async function runNamespaced({ command, env, signal, onLine, onStatus }: NamespacedProcess): Promise<void> {
  signal?.throwIfAborted()
  const namespaces = [
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'private',
  ]
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...namespaces, '--', ...command], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', onStatus ? 'pipe' : 'ignore'],
  })
  const lines: string[] = []
  const take = (line: string) => {
    if (lines.push(line) > keptLines) lines.shift()
    onLine?.(line)
  }
  for (const output of [child.stdout, child.stderr]) createInterface({ input: output as Readable }).on('line', take)
  if (onStatus) createInterface({ input: child.stdio[3] as Readable }).on('line', onStatus)
  const kill = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill)
  try {
    const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; by: NodeJS.Signals | null }>()
    child.once('error', reject)
    child.once('close', (code, by) => resolve({ code, by }))
    const { code, by } = await promise
    signal?.throwIfAborted()
    if (code !== 0) throw new CommandError(command[0], by ? `was ended by ${by}` : `failed with status ${code}`, lines)
  } finally {
    signal?.removeEventListener('abort', kill)
  }
}
