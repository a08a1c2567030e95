import type { Range } from './position.ts'

/**
 * The one error of this room. `message` is Docker's own sentence; the fields say where, and what would have been right.
 */
export class DockerfileError extends Error {
  readonly range: Range
  /** The sentence without the "dockerfile parse error on line N: " before it. */
  readonly reason: string
  /** What was expected there, for a reader who wants to be helped, e.g. `FROM <image> [AS <name>]`. */
  readonly expected: string | undefined

  constructor(message: string, fields: { range: Range; reason?: string; expected?: string | undefined }) {
    super(message)
    this.name = 'DockerfileError'
    this.range = fields.range
    this.reason = fields.reason ?? message
    this.expected = fields.expected
  }

  get line(): number {
    return this.range.start.line
  }

  get column(): number {
    return this.range.start.column
  }
}
