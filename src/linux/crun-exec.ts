/**
 * Runs a further program in a container by `crun exec`, which stays until the program ends and ends with its code.
 * Without a terminal the program has three pipes of ours; with one, crun hands over the terminal's other end.
 *
 * crun writes the pid file after everything but execve(2) has succeeded: that file is the sign that it runs, and crun
 * ending without it is the sign that it does not.
 */
import { closeSync, type FSWatcher, mkdirSync, openSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConsoleSocket } from './console-socket.ts'
import type { ExecOptions, ExecProcess } from './contract.ts'
import { ExecPipes } from './exec-pipes.ts'
import { execTerminal } from './exec-terminal.ts'
import { fitProcess } from './fit-to-host.ts'
import { RuntimeError } from './runtime-error.ts'
import { type Spawned, spawn } from './spawn.ts'

export class CrunExec implements AsyncDisposable {
  readonly #crun: string
  readonly #crunRoot: string
  readonly #folder: string
  readonly #watcher: FSWatcher
  readonly #waiting = new Map<string, () => void>()
  #last = 0

  constructor(options: { crun: string; crunRoot: string; folder: string }) {
    this.#crun = options.crun
    this.#crunRoot = options.crunRoot
    this.#folder = options.folder
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    this.#watcher = watch(this.#folder, (_event, name) => this.#waiting.get(name ?? '')?.())
  }

  async run(id: string, options: ExecOptions): Promise<ExecProcess> {
    const name = `${process.pid}-${++this.#last}`
    const path = (kind: string) => join(this.#folder, `${name}.${kind}`)
    const terminal = options.process.terminal === true
    const fitted = fitProcess(options.process, [])
    writeFileSync(path('process'), JSON.stringify(fitted))
    using cleanup = new DisposableStack()
    cleanup.defer(() => {
      for (const kind of ['process', 'pid', 'log', 'tty']) rmSync(path(kind), { force: true })
    })
    const args = [
      '--root',
      this.#crunRoot,
      '--log',
      path('log'),
      'exec',
      '--process',
      path('process'),
      '--pid-file',
      path('pid'),
    ]
    const consoleSocket = terminal ? cleanup.use(new ConsoleSocket(path('tty'))) : null
    if (consoleSocket !== null) args.push('--console-socket', consoleSocket.path)
    const pipes = terminal ? null : new ExecPipes(options.stdin)
    let child: Spawned
    const nothing = openSync('/dev/null', 'r+')
    try {
      const fds = pipes?.childFds(nothing) ?? new Map([0, 1, 2].map((fd) => [fd, nothing]))
      child = spawn({ program: this.#crun, args: [...args, id], env: { LC_ALL: 'C' }, cwd: '/', fds })
    } catch (error) {
      pipes?.closeOurs()
      throw error
    } finally {
      closeSync(nothing)
      pipes?.closeTheirs()
    }
    const pid = await this.#started(name, child)
    if (pid === null) {
      pipes?.closeOurs()
      throw RuntimeError.from('exec', readIfThere(path('log')) ?? '')
    }
    if (pipes !== null) return pipes.process(pid, child.exited)
    if (consoleSocket === null) throw new Error('Cannot run a program without pipes and without a terminal')
    return execTerminal(consoleSocket.receive(), pid, child.exited)
  }

  /** The pid once the program runs; null when crun has given up. */
  async #started(name: string, child: Spawned): Promise<number | null> {
    const file = join(this.#folder, `${name}.pid`)
    const { promise, resolve } = Promise.withResolvers<number | null>()
    const check = () => {
      const text = readIfThere(file)
      if (text) resolve(Number(text))
      return Boolean(text)
    }
    this.#waiting.set(`${name}.pid`, check)
    child.exited.then(() => check() || resolve(null))
    try {
      check()
      return await promise
    } finally {
      this.#waiting.delete(`${name}.pid`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher.close()
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
