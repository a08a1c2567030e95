/**
 * The engine: containers, images, networks, volumes, exec, events. Objects are spelled as the Docker Engine API spells
 * them; every failure is an `EngineError` whose message is Docker's sentence. No word of HTTP here.
 *
 * A `ref` is what a user types: a name, a full id, or the beginning of one.
 */
import type { Readable, Writable } from 'node:stream'
import type { Linux, Log, OutputChunk, TerminalSize } from '../linux/index.ts'
import type { Content } from '../oci/index.ts'
import type { Credentials, DistributionInspect, ImageTransfer, LoginResult } from '../registry/index.ts'
import type { CreateBuilder } from './build/builder-options.ts'
import type { Builder } from './build/contract.ts'
import type * as S from './shapes/index.ts'

export interface EngineOptions {
  /** Durable: records, writable layers, volumes, logs. */
  stateDir: string
  /** Gone at the next boot; short. The one given to `openLinux`. */
  runtimeDir: string
  /** 8 characters at the most, different for each instance on the machine: names the bridges. */
  instanceId: string
  linux: Linux
  content: Content
  transfer: ImageTransfer
  log: Log
  /** Absent: `builder` refuses to build. */
  createBuilder?: CreateBuilder
  /** `--init`'s program, if not one of tini, catatonit, docker-init on the path. */
  initBinary?: string
  /** Address that `host-gateway` stands for; the default bridge's gateway if absent. */
  hostGatewayIp?: string
  /** For tests and for the workshop, which stretches time. */
  clock?: Clock
}

export interface Clock {
  now(): Date
  /** Resolves after so long, rejects when aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** Disposing stops watching; containers run on and are adopted by the next `openEngine`. */
export interface Engine extends AsyncDisposable {
  readonly id: string
  readonly containers: Containers
  readonly execs: Execs
  readonly networks: Networks
  readonly volumes: Volumes
  readonly images: Images
  readonly events: Events
  readonly builder: Builder
  /** Why starts failed, for whoever teaches. */
  readonly causes: Causes
  info(): S.SystemInfo
  diskUsage(parts: {
    images?: boolean
    containers?: boolean
    volumes?: boolean
    buildCache?: boolean
  }): Promise<S.DiskUsage>
  /** Stops every container, side by side. For `down` and for a machine's shutdown. */
  stopAll(): Promise<void>
  /** Removes everything that the engine has made; unusable afterwards. For `down --wipe`. */
  release(): Promise<void>
}

// ---------------------------------------------------------------------------------------------------- containers

export interface Containers {
  create(request: S.CreateContainerRequest): Promise<{ Id: string; Warnings: string[] }>
  inspect(ref: string, options?: { size?: boolean }): Promise<S.ContainerInspect>
  list(options?: S.ListContainersOptions): Promise<S.ContainerSummary[]>
  /** The full id behind a ref. */
  resolve(ref: string): string
  start(ref: string, options?: { detachKeys?: string }): Promise<void>
  /** Seconds; absent: the container's own StopTimeout, then 10; negative: for ever. */
  stop(ref: string, options?: { signal?: string; timeoutSeconds?: number }): Promise<void>
  restart(ref: string, options?: { signal?: string; timeoutSeconds?: number }): Promise<void>
  kill(ref: string, signal?: string): Promise<void>
  pause(ref: string): Promise<void>
  unpause(ref: string): Promise<void>
  /**
   * Registered when this returns; the promise inside resolves with the end. Where the wait is cut short by the signal, it
   * rejects with the signal's reason.
   */
  wait(
    ref: string,
    condition?: 'not-running' | 'next-exit' | 'removed',
    signal?: AbortSignal,
  ): { ended: Promise<S.WaitResult> }
  remove(ref: string, options?: { force?: boolean; volumes?: boolean; link?: boolean }): Promise<void>
  rename(ref: string, name: string): Promise<void>
  update(ref: string, request: S.UpdateContainerRequest): Promise<{ Warnings: string[] }>
  prune(filters?: S.Filters): Promise<{ ContainersDeleted: string[]; SpaceReclaimed: number }>
  /** `tty`: the chunks are one raw stream. Batches, oldest first; timestamps and details are in the data already. */
  logs(
    ref: string,
    options: S.LogsOptions,
    signal?: AbortSignal,
  ): Promise<{ tty: boolean; output: AsyncGenerator<OutputChunk[], void, undefined> }>
  /** Registered when this resolves: what the container writes from then on is seen. */
  attach(ref: string, options: S.AttachOptions): Promise<Attachment>
  resize(ref: string, size: TerminalSize): Promise<void>
  top(ref: string, psArgs?: string): Promise<{ Titles: string[]; Processes: string[][] }>
  /** One reading each second with `stream`, else one. Ends when the container is removed. */
  stats(
    ref: string,
    options?: { stream?: boolean; oneShot?: boolean },
    signal?: AbortSignal,
  ): Promise<AsyncGenerator<S.ContainerStatsResponse, void, undefined>>
  changes(ref: string): Promise<{ Path: string; Kind: 0 | 1 | 2 }[]>
  export(ref: string): Promise<Readable>
  statPath(ref: string, path: string): Promise<S.PathStat>
  getArchive(ref: string, path: string): Promise<{ stat: S.PathStat; tar: Readable }>
  putArchive(
    ref: string,
    path: string,
    tar: AsyncIterable<Uint8Array>,
    options?: { noOverwriteDirNonDir?: boolean; copyUidGid?: boolean },
  ): Promise<void>
  commit(request: S.CommitRequest): Promise<{ Id: string }>
}

/** A client's hold on a container's or an exec's streams. Disposing lets go; the process goes on. */
export interface Attachment extends AsyncDisposable {
  readonly tty: boolean
  /** Object mode, `OutputChunk`s; ends with the process, or when the client detaches by its keys. Respects back-pressure. */
  readonly output: Readable
  /** Takes nothing where stdin was not asked for. Ending it is the client's end of input. */
  readonly stdin: Writable
}

export interface Execs {
  create(ref: string, config: S.ExecConfig): Promise<{ Id: string }>
  /** null where it was started detached. Rejects where the program cannot be started (`ExecInspect.ExitCode` is 126 or 127 then). */
  start(
    id: string,
    options: { detach?: boolean; tty?: boolean; consoleSize?: [number, number] },
  ): Promise<Attachment | null>
  inspect(id: string): S.ExecInspect
  resize(id: string, size: TerminalSize): Promise<void>
}

// ------------------------------------------------------------------------------------------------------ networks

export interface Networks {
  create(request: S.CreateNetworkRequest): Promise<{ Id: string; Warning: string }>
  /** `Containers` is filled in by `inspect` only. */
  list(filters?: S.Filters): S.NetworkInspect[]
  inspect(ref: string, options?: { scope?: string }): S.NetworkInspect
  remove(ref: string): Promise<void>
  connect(ref: string, container: string, endpoint?: S.EndpointSettings): Promise<void>
  disconnect(ref: string, container: string, options?: { force?: boolean }): Promise<void>
  prune(filters?: S.Filters): Promise<{ NetworksDeleted: string[] }>
}

// ------------------------------------------------------------------------------------------------------- volumes

export interface Volumes {
  create(request: S.CreateVolumeRequest): Promise<S.Volume>
  list(filters?: S.Filters): Promise<{ Volumes: S.Volume[]; Warnings: string[] | null }>
  inspect(name: string): Promise<S.Volume>
  remove(name: string, options?: { force?: boolean }): Promise<void>
  prune(filters?: S.Filters): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }>
}

// -------------------------------------------------------------------------------------------------------- images

export type EmitMessage = (message: S.JsonMessage) => void

export interface Images {
  list(options?: {
    all?: boolean
    filters?: S.Filters
    sharedSize?: boolean
    /** Fills in `Containers`. */
    containerCount?: boolean
    manifests?: boolean
    digests?: boolean
  }): Promise<S.ImageSummary[]>
  inspect(ref: string, options?: { manifests?: boolean; platform?: string }): Promise<S.ImageInspect>
  history(ref: string, options?: { platform?: string }): Promise<S.ImageHistoryItem[]>
  tag(ref: string, repo: string, tag?: string): Promise<void>
  remove(ref: string, options?: { force?: boolean; noPrune?: boolean; platforms?: string[] }): Promise<S.ImageRemoval[]>
  prune(filters?: S.Filters): Promise<{ ImagesDeleted: S.ImageRemoval[] | null; SpaceReclaimed: number }>
  /** A fault before the first message is thrown; the caller makes one after it the last line of the stream. */
  pull(
    options: { image: string; tag?: string; platform?: string; credentials?: Credentials; language?: 'en' | 'fr' },
    emit: EmitMessage,
    signal?: AbortSignal,
  ): Promise<void>
  push(
    options: { image: string; tag?: string; platform?: string; credentials?: Credentials },
    emit: EmitMessage,
    signal?: AbortSignal,
  ): Promise<void>
  /** `source`: the tar's bytes, or an http(s) address. */
  import(
    options: {
      source: AsyncIterable<Uint8Array> | string
      repo?: string
      tag?: string
      message?: string
      changes?: string[]
      platform?: string
    },
    emit: EmitMessage,
    signal?: AbortSignal,
  ): Promise<void>
  load(
    tar: AsyncIterable<Uint8Array>,
    options: { quiet?: boolean; platforms?: string[] },
    emit: EmitMessage,
    signal?: AbortSignal,
  ): Promise<void>
  save(refs: string[], options?: { platforms?: string[] }): Promise<Readable>
  search(options: {
    term: string
    limit?: number
    filters?: S.Filters
    credentials?: Credentials
  }): Promise<S.SearchResult[]>
  distribution(ref: string, credentials?: Credentials): Promise<DistributionInspect>
  login(credentials: Credentials): Promise<LoginResult>
}

// -------------------------------------------------------------------------------------------------------- events

export interface Events {
  /** Listening begins with the call, not with the first `next()`. Ends at `until` or with the signal. */
  subscribe(options?: S.EventsOptions, signal?: AbortSignal): AsyncGenerator<S.EventMessage, void, undefined>
  /** Called with each event from now on. */
  listen(listener: (event: S.EventMessage) => void): Disposable
  /** Those still in the buffer, oldest first. */
  recent(): readonly S.EventMessage[]
}

// -------------------------------------------------------------------------------------------------------- causes

/** Why a container could not start: the sentence taken apart. */
export interface StartCause {
  containerId: string
  at: string
  stage: 'image' | 'volume' | 'network' | 'port' | 'runtime' | 'program'
  /** Which word of the request is to blame: a command, a path, a port. */
  subject: string
  reason:
    | 'not-found'
    | 'permission-denied'
    | 'is-a-directory'
    | 'exec-format'
    | 'port-in-use'
    | 'address-in-use'
    | 'mount-failed'
    | 'no-such-user'
    | 'other'
  message: string
  exitCode: number
}

export interface Causes {
  /** Of the last failed start of this container. */
  of(ref: string): StartCause | undefined
  /** Newest first. */
  list(): readonly StartCause[]
}
