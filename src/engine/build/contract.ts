import type { Readable } from 'node:stream'

/** `docker build`, decoded: one request of POST /build. Units are the Docker API's own. */
export interface BuildRequest {
  /** The context as a tar stream (plain, gzip, bzip2, xz or zstd); absent where `remote` names it. */
  readonly context?: Readable
  /** A tar or a Dockerfile by http(s) address; git addresses need a git command on the machine. */
  readonly remote?: string
  /** Path of the Dockerfile in the context. Default `Dockerfile`. */
  readonly dockerfile?: string
  readonly tags?: readonly string[]
  readonly target?: string
  readonly platform?: string
  /** A null value is "taken from the builder's environment", i.e. unset. */
  readonly buildArgs?: Readonly<Record<string, string | null>>
  readonly labels?: Readonly<Record<string, string>>
  readonly cacheFrom?: readonly string[]
  readonly noCache?: boolean
  readonly pull?: boolean
  /** Remove the intermediate container after a successful step. Default true. */
  readonly remove?: boolean
  readonly forceRemove?: boolean
  readonly quiet?: boolean
  readonly squash?: boolean
  readonly networkMode?: string
  readonly extraHosts?: readonly string[]
  readonly memoryBytes?: number
  readonly memorySwapBytes?: number
  readonly cpuShares?: number
  readonly cpuPeriod?: number
  readonly cpuQuota?: number
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  readonly cgroupParent?: string
  readonly shmSizeBytes?: number
  readonly ulimits?: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[]
  readonly securityOpt?: readonly string[]
  /** Registry address → credentials (X-Registry-Config). */
  readonly auths?: Readonly<Record<string, RegistryAuth>>
  /** Secrets by id for `RUN --mount=type=secret`. */
  readonly secrets?: Readonly<Record<string, Uint8Array>>
}

export interface RegistryAuth {
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
  readonly registrytoken?: string
  readonly auth?: string
  readonly serveraddress?: string
}

/** Why a step had to be run, or why it had not. */
export type CacheReason =
  | { readonly kind: 'hit'; readonly from: 'local' | 'cache-from'; readonly record: string }
  | { readonly kind: 'no-cache-asked' }
  | { readonly kind: 'never-built' }
  | { readonly kind: 'parent-changed'; readonly parent: string }
  | { readonly kind: 'base-image-changed'; readonly from: string; readonly to: string }
  | { readonly kind: 'instruction-changed'; readonly before: string; readonly after: string }
  | { readonly kind: 'argument-changed'; readonly name: string; readonly before?: string; readonly after?: string }
  | { readonly kind: 'environment-changed'; readonly name: string }
  | {
      readonly kind: 'files-changed'
      readonly added: readonly string[]
      readonly changed: readonly string[]
      readonly removed: readonly string[]
    }
  | { readonly kind: 'source-changed'; readonly source: string }
  | { readonly kind: 'record-pruned' }

export interface Vertex {
  /** The content key: `sha256:…`. */
  readonly digest: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly stage: string
  readonly stageIndex: number
  /** Position in the stage and count, as in `[build 2/5]`. */
  readonly step: number
  readonly steps: number
  /** The instruction's keyword in lower case; `from`, `global-arg` and `image` (of COPY --from) are kinds, too. */
  readonly kind: string
  readonly line?: number
  readonly endLine?: number
  /** Run because of ONBUILD in the base image. */
  readonly trigger?: boolean
  /** `Note: …` lines. */
  readonly notes?: readonly string[]
}

/** What the solver tells while it works. The legacy stream and the BuildKit protocol are both drawn from these. */
export type BuildEvent =
  | { readonly type: 'context'; readonly bytes: number; readonly files: number }
  | { readonly type: 'plan'; readonly vertexes: readonly Vertex[]; readonly totalSteps: number }
  | { readonly type: 'started'; readonly vertex: string; readonly at: number }
  | { readonly type: 'running'; readonly vertex: string; readonly container: string }
  | { readonly type: 'removed'; readonly vertex: string; readonly container: string }
  | { readonly type: 'cached'; readonly vertex: string; readonly at: number; readonly reason: CacheReason }
  | { readonly type: 'log'; readonly vertex: string; readonly stream: 1 | 2; readonly data: Uint8Array }
  | {
      readonly type: 'progress'
      readonly vertex: string
      readonly id: string
      readonly status: string
      readonly current?: number
      readonly total?: number
    }
  | {
      readonly type: 'completed'
      readonly vertex: string
      readonly at: number
      /** The image that this step made. */
      readonly image: string
      readonly layer?: string
      readonly bytes: number
      readonly reason: CacheReason
    }
  | { readonly type: 'error'; readonly vertex: string; readonly at: number; readonly message: string }
  | {
      readonly type: 'warning'
      readonly vertex?: string
      readonly rule: string
      readonly message: string
      readonly detail: string
      readonly url: string
      readonly line: number
    }
  | { readonly type: 'image'; readonly id: string }
  | { readonly type: 'tagged'; readonly reference: string; readonly id: string }

export interface BuildResult {
  /** `sha256:…` of the image's configuration. */
  readonly imageId: string
  readonly tags: readonly string[]
  readonly warnings: number
  /** Names the record in `buildHistory`. */
  readonly record: string
  /** `--build-arg`s that no ARG asked for. */
  readonly unused: readonly string[]
}

/** One line of the stream that POST /build answers with. */
export interface LegacyBuildMessage {
  readonly stream?: string
  readonly status?: string
  readonly id?: string
  readonly progress?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly aux?: { readonly ID: string }
  readonly error?: string
  readonly errorDetail?: { readonly code?: number; readonly message: string }
}

/** One record of GET /system/df's BuildCache. */
export interface BuildCacheRecord {
  readonly ID: string
  readonly Parents?: readonly string[]
  readonly Type: 'regular' | 'source.local' | 'exec.cachemount' | 'internal' | 'frontend' | 'source.git.checkout'
  readonly Description: string
  readonly InUse: boolean
  readonly Shared: boolean
  readonly Size: number
  readonly CreatedAt: string
  readonly LastUsedAt: string | null
  readonly UsageCount: number
}

export interface PruneRequest {
  readonly all?: boolean
  readonly keepStorageBytes?: number
  readonly reservedSpaceBytes?: number
  readonly maxUsedSpaceBytes?: number
  readonly minFreeSpaceBytes?: number
  readonly filters?: Readonly<Record<string, readonly string[]>>
}

/** A build that was, for the workshop: which line made which layer, and why it was or was not cached. */
export interface BuildRecord {
  readonly id: string
  readonly startedAt: string
  readonly endedAt?: string
  readonly outcome: 'running' | 'succeeded' | 'failed' | 'cancelled'
  readonly error?: string
  readonly imageId?: string
  readonly tags: readonly string[]
  readonly dockerfile: string
  /** The Dockerfile's text, so that lines can be shown. */
  readonly source: string
  readonly contextBytes: number
  readonly steps: readonly BuildStepRecord[]
  readonly warnings: readonly { readonly rule: string; readonly message: string; readonly line: number }[]
}

export interface BuildStepRecord {
  readonly key: string
  readonly stage: string
  readonly step: number
  readonly instruction: string
  readonly line?: number
  readonly endLine?: number
  readonly outcome: 'cached' | 'ran' | 'failed' | 'cancelled'
  readonly reason: CacheReason
  readonly layer?: string
  readonly bytes: number
  readonly durationMs: number
  readonly image?: string
  /** What the reason was found from, and what the next build is compared with. */
  readonly inputs: BuildStepInputs
}

export interface BuildStepInputs {
  /** What the step stands on: the step's content, not its name. */
  readonly parent: string
  /** With all variables replaced, without the files' hash. */
  readonly effective: string
  readonly args: Readonly<Record<string, string>>
  readonly environment: readonly string[]
  /** Paths in the context and what is in them. */
  readonly files: Readonly<Record<string, string>>
  /** Digest of all sources. */
  readonly source: string
}

/** The door that engine/index.ts re-exports. */
export interface Builder {
  /** Builds; `emit` hears every event in order. Rejects with a BuildError in Docker's own sentence. */
  build(request: BuildRequest, emit: (event: BuildEvent) => void, signal: AbortSignal): Promise<BuildResult>
  /**
   * Builds, and gives the lines of POST /build's answer. A fault before the first line (a bad Dockerfile, an unknown
   * platform) is thrown, to be answered with a status; one after it is the last line.
   */
  buildLegacy(request: BuildRequest, signal: AbortSignal): AsyncGenerator<LegacyBuildMessage, void, undefined>
  cacheRecords(): Promise<readonly BuildCacheRecord[]>
  prune(request: PruneRequest): Promise<{ readonly deleted: readonly string[]; readonly reclaimedBytes: number }>
  /** Newest first. */
  history(): readonly BuildRecord[]
  historyOf(imageId: string): BuildRecord | undefined
  /** Takes away what builds that a killed daemon left half-made. Called once at start. */
  recover(): Promise<void>
  close(): Promise<void>
}
