import { Mutex } from '../core/mutex.ts'
import { never } from '../core/timestamp.ts'
import type {
  ContainerConfig,
  ContainerStatus,
  EndpointSettings,
  Health,
  HostConfig,
  MountPoint,
  MountRequest,
  PortMap,
} from '../shapes/index.ts'

/** A mount that the container has, whatever the way it was asked for. */
export interface MountRecord extends MountPoint {
  /** Contents of the image come into an empty volume. */
  copyUp: boolean
  /** A bind's folder is made where it is missing (`-v`), or its absence is an error (`--mount`). */
  createSource: boolean
  /** Made by this container without a name: goes with `rm -v` and `--rm`. */
  anonymous: boolean
  spec: MountRequest
}

export interface EndpointRecord {
  /** As asked for at create or connect; what it became is added while the container runs. */
  settings: EndpointSettings
  /** Asked for by the user, not made up by us. */
  macAddress: string | null
  /** The place on the interfaces: eth0, eth1… */
  ifName?: string
}

/** What is on disk, one file per container. */
export interface ContainerRecord {
  version: 1
  id: string
  /** Without the slash. */
  name: string
  createdAt: string
  path: string
  args: string[]
  /** '' without an image. */
  imageId: string
  /** Folders of the image's layers, by the top's chain id. */
  chainId: string | null
  manifest: object | null
  config: ContainerConfig
  hostConfig: HostConfig
  mounts: MountRecord[]
  /** By network name. */
  endpoints: Record<string, EndpointRecord>
  /** What is published while it runs. */
  ports: PortMap
  restartCount: number
  /** `stop` and `kill` hold back the restart policy. */
  manuallyStopped: boolean
  startedBefore: boolean
  /** Of the machine's boot in which it last ran. */
  bootId: string
  state: {
    status: Exclude<ContainerStatus, 'removing'>
    pid: number
    exitCode: number
    error: string
    startedAt: string
    finishedAt: string
    oomKilled: boolean
    health: Health | null
  }
}

export interface ContainerEnd {
  exitCode: number
  error: string
}

type Waiter = (end: ContainerEnd) => void

/** A container in memory: its record, its lock, and who waits for it. */
export class Container {
  readonly record: ContainerRecord
  /** Every change of state happens under it. */
  readonly mutex = new Mutex()
  removing = false
  removed = false
  /** Set while `restart` stops it: --rm and the restart policy are held back. */
  restarting = false
  /** Cancels a restart policy's wait. */
  restartTimer: AbortController | null = null
  /** Grows with the restart policy, in milliseconds. */
  restartDelayMs = 0
  readonly execIds = new Set<string>()
  /** Resolved once the end of this run is recorded; null while not running. */
  ended: PromiseWithResolvers<ContainerEnd> | null = null
  /** Client streams that wait for the next run, or are in this one. */
  readonly streams = new Set<{ join(): Promise<void>; end(): void }>()
  health: Disposable | null = null
  /** The mounted root of this run. */
  root: Disposable | null = null
  /** Of the run before: the runtime lets go of it. */
  deleting: Promise<void> = Promise.resolve()
  readonly #removal: Waiter[] = []
  readonly #exits: Waiter[] = []

  constructor(record: ContainerRecord) {
    this.record = record
  }

  get id(): string {
    return this.record.id
  }

  /** As Docker means it: one that waits for its restart counts too. */
  get running(): boolean {
    return ['running', 'paused', 'restarting'].includes(this.record.state.status)
  }

  /** There is a process. */
  get alive(): boolean {
    return this.running && this.record.state.pid > 0
  }

  get paused(): boolean {
    return this.record.state.status === 'paused'
  }

  /** As Docker tells it. */
  get status(): ContainerStatus {
    return this.removing && !this.running ? 'removing' : this.record.state.status
  }

  onExit(waiter: Waiter): Disposable {
    return listen(this.#exits, waiter)
  }

  onRemoved(waiter: Waiter): Disposable {
    return listen(this.#removal, waiter)
  }

  tellExit(): void {
    const end = this.lastEnd()
    for (const waiter of this.#exits.splice(0)) waiter(end)
    this.ended?.resolve(end)
    this.ended = null
  }

  tellRemoved(): void {
    this.removed = true
    const end = this.lastEnd()
    for (const waiter of this.#exits.splice(0)) waiter(end)
    for (const waiter of this.#removal.splice(0)) waiter(end)
  }

  lastEnd(): ContainerEnd {
    return { exitCode: this.record.state.exitCode, error: this.record.state.error }
  }
}

function listen(waiters: Waiter[], waiter: Waiter): Disposable {
  waiters.push(waiter)
  return {
    [Symbol.dispose]: () => {
      const at = waiters.indexOf(waiter)
      if (at >= 0) waiters.splice(at, 1)
    },
  }
}

export const freshState = (): ContainerRecord['state'] => ({
  status: 'created',
  pid: 0,
  exitCode: 0,
  error: '',
  startedAt: never,
  finishedAt: never,
  oomKilled: false,
  health: null,
})
