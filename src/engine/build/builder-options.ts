import type { Linux, Log } from '../../linux/index.ts'
import type { Content } from '../../oci/index.ts'
import type { CacheStore } from './cache-store.ts'
import type { ContextStore } from './context-store.ts'
import type { Builder } from './contract.ts'
import type { BuildHost } from './host.ts'
import type { CacheMounts } from './run-mounts.ts'
import type { Removals } from './working-root.ts'

export interface BuilderOptions {
  /** A folder that belongs to the builder alone: cache records, cache mounts, half-made steps. */
  readonly folder: string
  readonly host: BuildHost
  readonly content: Content
  readonly linux: Linux
  readonly log: Log
}

/** Opens the cache and the folder. */
export type CreateBuilder = (options: BuilderOptions) => Promise<Builder>

/** What the builder has opened. */
export interface BuildParts extends BuilderOptions {
  readonly store: CacheStore
  readonly contexts: ContextStore
  readonly caches: CacheMounts
  readonly steps: string
  readonly removals: Removals
  readonly initLayer: string
}
