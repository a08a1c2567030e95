import type { Builder } from './contract.ts'
import type { BuildHost } from './host.ts'

export interface Log {
  debug(obj: object, msg?: string): void
  info(obj: object, msg?: string): void
  warn(obj: object, msg?: string): void
  error(obj: object, msg?: string): void
}

export interface BuilderOptions {
  /** A folder that belongs to the builder alone: cache records, cache mounts, half-made steps. */
  readonly folder: string
  readonly host: BuildHost
  readonly log: Log
}

export type CreateBuilder = (options: BuilderOptions) => Promise<Builder>
