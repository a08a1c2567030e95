import type { Linux, Log } from '../../linux/index.ts'
import type { Content } from '../../oci/index.ts'
import type { Builder } from './contract.ts'
import type { BuildHost } from './host.ts'

export interface BuilderOptions {
  /** A folder that belongs to the builder alone: cache records, cache mounts, half-made steps. */
  readonly folder: string
  readonly host: BuildHost
  readonly content: Content
  readonly linux: Linux
  readonly log: Log
}

export type CreateBuilder = (options: BuilderOptions) => Promise<Builder>
