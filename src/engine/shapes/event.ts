import type { Filters } from './container.ts'

export interface EventMessage {
  /** The three old fields, for container and image events only. */
  status?: string
  id?: string
  from?: string
  Type: 'container' | 'image' | 'network' | 'volume' | 'daemon' | 'builder' | 'plugin'
  Action: string
  Actor: { ID: string; Attributes: Record<string, string> }
  scope: 'local'
  /** Unix seconds. */
  time: number
  /** Nanoseconds; beyond what a number holds exactly, so a bigint: write its digits. */
  timeNano: bigint
}

export interface EventsOptions {
  since?: Date
  /** Ends there; in the past: only what has been. */
  until?: Date
  filters?: Filters
}
