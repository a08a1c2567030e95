/** Exit codes of `manufacture`, documented in the README. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** The machine lacks something that `manufacture doctor` names. */
  missing: 3,
  /** Nothing runs for this state folder. */
  notRunning: 4,
} as const

/** A failure that the user can act on: its first line is the message, `next` is what to type now. */
export class CliError extends Error {
  override name = 'CliError'
  readonly exitCode: number
  readonly next: string | undefined

  constructor(message: string, options: { exitCode?: number; next?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.exitCode = options.exitCode ?? exitCodes.failed
    this.next = options.next
  }
}
