import { EventEmitter, once } from 'node:events'
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { attachTo } from './attach.ts'
import { cgroupStats, oomKills } from './cgroup-stats.ts'
import { cgroupPids, isFrozen, removeCgroup, setFrozen } from './cgroup-tree.ts'
import { conmonCreate } from './conmon.ts'
import type {
  ContainerExit,
  ContainerRuntime,
  ContainerStats,
  CreateContainer,
  CreatedContainer,
  ExecOptions,
  ExecProcess,
  FoundContainer,
  Log,
  Streams,
  TerminalSize,
} from './contract.ts'
import { runCrun } from './crun.ts'
import { CrunExec } from './crun-exec.ts'
import { Exits } from './exits.ts'
import { fitToHost } from './fit-to-host.ts'
import { parseNetDev } from './interface-counters.ts'
import { kill } from './libc.ts'
import type { OciResources } from './oci-spec.ts'
import { isAlive, startTime } from './process-status.ts'
import { requireProgram } from './programs.ts'
import { readOnlyProgram, releasePrograms } from './read-only-program.ts'
import { RuntimeError } from './runtime-error.ts'
import { SeccompCache } from './seccomp-cache.ts'

interface Known {
  id: string
  bundleDir: string
  cgroup: string
  pid: number
  /** With the pid it names one process for ever, where the pid alone may be given to another. */
  startedAt: string | null
  ownNetwork: boolean
  exit: ContainerExit | null
  oomKillsSeen: number
}

const SIGKILL = 9

export class CrunRuntime implements ContainerRuntime, AsyncDisposable {
  readonly #crunRoot: string
  readonly #cgroupParent: string
  readonly #exits: Exits
  readonly #exec: CrunExec
  readonly #log: Log
  readonly #known = new Map<string, Known>()
  readonly #events = new EventEmitter<{ exit: [ContainerExit] }>()
  readonly #conmon = requireProgram('conmon')
  readonly #crun: string
  readonly #runtimeDir: string
  readonly #seccomp: SeccompCache
  /** conmon could be killed before it records an exit; nothing else would ever tell. */
  readonly #lostCheck: NodeJS.Timeout

  constructor(options: { runtimeDir: string; instance: string; log: Log }) {
    this.#runtimeDir = options.runtimeDir
    this.#crunRoot = join(options.runtimeDir, 'crun')
    this.#crun = readOnlyProgram(requireProgram('crun'), options.runtimeDir)
    this.#cgroupParent = `/manufacture-${options.instance}`
    this.#log = options.log
    mkdirSync(this.#crunRoot, { recursive: true, mode: 0o700 })
    this.#seccomp = new SeccompCache(this.#crunRoot)
    this.#exits = new Exits(join(options.runtimeDir, 'exits'))
    this.#exits.onExit((id, { exitCode, finishedAt }) => this.#ended(id, exitCode, finishedAt))
    this.#exec = new CrunExec({ crun: this.#crun, crunRoot: this.#crunRoot, folder: join(options.runtimeDir, 'exec') })
    this.#events.setMaxListeners(0)
    this.#lostCheck = setInterval(() => this.#findLost(), 5000)
    this.#lostCheck.unref()
  }

  async create(options: CreateContainer): Promise<CreatedContainer> {
    const { id, bundleDir } = options
    if (this.#known.has(id)) throw new RuntimeError('create', `container ${id} exists already`)
    const { spec, adjustments } = fitToHost(options.spec)
    const cgroup = spec.linux.cgroupsPath ?? `${options.cgroupParent ?? this.#cgroupParent}/${id}`
    const config = this.#seccomp.apply({ ...spec, linux: { ...spec.linux, cgroupsPath: cgroup } })
    // The largest unsigned number stands for "unlimited" and is not one of JavaScript's.
    const json = JSON.stringify(config).replace(
      /"(soft|hard)":(-1|18446744073709552000)\b/g,
      '"$1":18446744073709551615',
    )
    writeFileSync(join(bundleDir, 'config.json'), json)
    rmSync(join(bundleDir, 'oom'), { force: true })
    this.#exits.forget(id)
    const pid = await conmonCreate({
      conmon: this.#conmon,
      crun: this.#crun,
      crunRoot: this.#crunRoot,
      id,
      bundleDir,
      exitDir: this.#exits.folder,
      logPath: options.logPath,
      ...(options.logSizeMaxBytes === undefined ? {} : { logSizeMaxBytes: options.logSizeMaxBytes }),
      terminal: options.terminal,
      stdin: options.stdin,
    }).catch(async (error: unknown) => {
      await this.#removeTraces(id, cgroup)
      throw error
    })
    const network = spec.linux.namespaces.some((namespace) => namespace.type === 'network')
    this.#remember({ id, bundleDir, cgroup, pid, ownNetwork: network })
    try {
      this.#seccomp.settle(id, spec)
    } catch (error) {
      await this.delete(id)
      throw error
    }
    return { pid, adjustments }
  }

  async attach(id: string): Promise<Streams> {
    const known = this.#get(id, 'attach')
    return attachTo(join(known.bundleDir, 'attach'))
  }

  /**
   * What `crun start` does, without the process: the container's first process waits for a byte in this pipe. Where
   * the pipe is elsewhere (another crun), crun does it.
   */
  async start(id: string): Promise<void> {
    const known = this.#get(id, 'start')
    const fifo = join(this.#crunRoot, id, 'exec.fifo')
    if (!existsSync(fifo)) {
      if (known.exit !== null) throw new RuntimeError('start', `container ${id} has ended already`)
      await runCrun(this.#crun, this.#crunRoot, 'start', [id])
      return
    }
    let fd: number
    try {
      fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENXIO') {
        throw new RuntimeError('start', `container ${id} has ended before it was started`)
      }
      throw error
    }
    try {
      unlinkSync(fifo)
      writeSync(fd, Buffer.alloc(1))
    } finally {
      closeSync(fd)
    }
  }

  async signal(id: string, signal: number, options: { all?: boolean } = {}): Promise<void> {
    const known = this.#get(id, 'signal')
    if (options.all) for (const pid of cgroupPids(known.cgroup)) kill(pid, signal)
    else if (this.#isAlive(known)) kill(known.pid, signal)
    // A frozen process takes its death only when it is thawed.
    if (signal === SIGKILL && known.exit === null && isFrozen(known.cgroup)) await setFrozen(known.cgroup, false)
  }

  async pause(id: string): Promise<void> {
    await setFrozen(this.#get(id, 'pause').cgroup, true)
  }

  async resume(id: string): Promise<void> {
    await setFrozen(this.#get(id, 'resume').cgroup, false)
  }

  async update(id: string, resources: OciResources): Promise<void> {
    const file = join(this.#get(id, 'update').bundleDir, 'update.json')
    writeFileSync(file, JSON.stringify(resources))
    try {
      await runCrun(this.#crun, this.#crunRoot, 'update', ['--resources', file, id])
    } finally {
      rmSync(file, { force: true })
    }
  }

  async resize(id: string, { rows, columns }: TerminalSize): Promise<void> {
    const known = this.#get(id, 'resize')
    const WIN_RESIZE_EVENT = 1
    const fd = openSync(join(known.bundleDir, 'ctl'), constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      writeSync(fd, `${WIN_RESIZE_EVENT} ${rows} ${columns}\n`)
    } finally {
      closeSync(fd)
    }
  }

  async pids(id: string): Promise<number[]> {
    return cgroupPids(this.#get(id, 'pids').cgroup)
  }

  async stats(id: string): Promise<ContainerStats> {
    const known = this.#get(id, 'stats')
    const interfaces =
      known.ownNetwork && this.#isAlive(known) ? parseNetDev(readFileSync(`/proc/${known.pid}/net/dev`, 'utf8')) : {}
    return { ...cgroupStats(known.cgroup), interfaces }
  }

  async exec(id: string, options: ExecOptions): Promise<ExecProcess> {
    this.#get(id, 'exec')
    return this.#exec.run(id, options)
  }

  async wait(id: string, signal?: AbortSignal): Promise<ContainerExit> {
    const known = this.#get(id, 'wait')
    while (known.exit === null) {
      signal?.throwIfAborted()
      await once(this.#events, 'exit', signal ? { signal } : {})
    }
    return known.exit
  }

  onExit(listener: (exit: ContainerExit) => void): Disposable {
    this.#events.on('exit', listener)
    return { [Symbol.dispose]: () => this.#events.off('exit', listener) }
  }

  async delete(id: string): Promise<void> {
    const known = this.#known.get(id)
    if (known === undefined) return
    if (known.exit === null) {
      await this.signal(id, SIGKILL, { all: true })
      await this.wait(id)
    }
    await this.#removeTraces(id, known.cgroup)
    this.#known.delete(id)
    for (const name of ['pidfile', 'attach', 'ctl', 'winsz', 'oom'])
      rmSync(join(known.bundleDir, name), { force: true })
  }

  async reopen(): Promise<FoundContainer[]> {
    const found: FoundContainer[] = []
    for (const id of readdirSync(this.#crunRoot)) {
      const status = this.#readStatus(id)
      if (status === null) continue
      const known = this.#remember(status)
      this.#exits.check(id)
      const alive = known.exit === null && this.#isAlive(known)
      const created = existsSync(join(this.#crunRoot, id, 'exec.fifo'))
      const state = !alive ? 'stopped' : created ? 'created' : isFrozen(known.cgroup) ? 'paused' : 'running'
      found.push({ id, pid: alive ? known.pid : null, bundleDir: known.bundleDir, state, exit: known.exit })
    }
    return found
  }

  rootView(id: string): string | null {
    const known = this.#known.get(id)
    return known !== undefined && this.#isAlive(known) ? `/proc/${known.pid}/root` : null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#lostCheck)
    this.#exits[Symbol.dispose]()
    await this.#exec[Symbol.asyncDispose]()
    this.#events.removeAllListeners()
  }

  async release(): Promise<void> {
    for (const id of [...this.#known.keys()]) await this.delete(id)
    await removeCgroup(this.#cgroupParent)
    releasePrograms(this.#runtimeDir, [this.#crun])
  }

  #get(id: string, operation: string): Known {
    const known = this.#known.get(id)
    if (known === undefined) throw new RuntimeError(operation, `container ${id} does not exist`)
    return known
  }

  #remember(options: Pick<Known, 'id' | 'bundleDir' | 'cgroup' | 'pid' | 'ownNetwork'>): Known {
    const known: Known = { ...options, startedAt: startTime(options.pid), exit: null, oomKillsSeen: 0 }
    this.#known.set(known.id, known)
    this.#exits.expect(known.id)
    this.#exits.check(known.id)
    return known
  }

  #isAlive(known: Known): boolean {
    return known.exit === null && isAlive(known.pid, known.startedAt)
  }

  #ended(id: string, exitCode: number, finishedAt: Date): void {
    const known = this.#known.get(id)
    if (known === undefined || known.exit !== null) return
    const oomKilled = existsSync(join(known.bundleDir, 'oom')) || oomKills(known.cgroup) > 0
    known.exit = { id, exitCode, finishedAt, oomKilled }
    this.#events.emit('exit', known.exit)
  }

  /** The container's record as crun has it in <root>/<id>/status. */
  #readStatus(id: string): Pick<Known, 'id' | 'bundleDir' | 'cgroup' | 'pid' | 'ownNetwork'> | null {
    const file = join(this.#crunRoot, id, 'status')
    if (!existsSync(file)) return null
    const status: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (
      typeof status !== 'object' ||
      status === null ||
      !('pid' in status) ||
      !('bundle' in status) ||
      !('cgroup-path' in status)
    ) {
      this.#log.warn({ file }, 'a container record of crun cannot be read')
      return null
    }
    const bundleDir = String(status.bundle)
    const config = join(bundleDir, 'config.json')
    const ownNetwork = existsSync(config) && readFileSync(config, 'utf8').includes('"type":"network"')
    return { id, bundleDir, cgroup: String(status['cgroup-path']), pid: Number(status.pid), ownNetwork }
  }

  async #removeTraces(id: string, cgroup: string): Promise<void> {
    await removeCgroup(cgroup)
    rmSync(join(this.#crunRoot, id), { recursive: true, force: true })
    this.#exits.forget(id)
  }

  #findLost(): void {
    for (const known of this.#known.values()) {
      if (known.exit !== null || isAlive(known.pid, known.startedAt)) continue
      this.#exits.check(known.id)
      if (known.exit !== null) continue
      // Twice in a row: conmon may still be writing the last of the log.
      known.startedAt ??= 'gone'
      if (known.startedAt === 'lost') {
        this.#log.warn({ id: known.id, pid: known.pid }, 'a container has ended and its conmon has not told how')
        this.#ended(known.id, 128 + SIGKILL, new Date())
      }
      known.startedAt = 'lost'
    }
  }
}
