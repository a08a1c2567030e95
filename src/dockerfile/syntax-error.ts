import type { Range } from './position.ts'

const nowhere: Range = { start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 1, offset: 0 } }

interface Fields {
  range?: Range
  reason?: string | undefined
  expected?: string | undefined
  token?: string | undefined
  phase?: 'syntax' | 'instruction'
}

/**
 * The one error of this room. `message` is Docker's own sentence; the fields say where, and what would have been right.
 */
export class DockerfileError extends Error {
  readonly range: Range
  /** The sentence without the "dockerfile parse error on line N: " before it. */
  readonly reason: string
  /** What was expected there, for a reader who wants to be helped, e.g. `FROM <image> [AS <name>]`. */
  readonly expected: string | undefined
  /** The word that is at fault, where one is. */
  readonly token: string | undefined
  /** Whether cutting the text into instructions failed, or understanding one of them. */
  readonly phase: 'syntax' | 'instruction'

  constructor(message: string, fields: Fields = {}) {
    super(message)
    this.name = 'DockerfileError'
    this.range = fields.range ?? nowhere
    this.reason = fields.reason ?? message
    this.expected = fields.expected
    this.token = fields.token
    this.phase = fields.phase ?? 'syntax'
  }

  /** The same error, at its place. One that has a place keeps it. */
  at(range: Range): DockerfileError {
    if (this.range !== nowhere) return this
    return new DockerfileError(this.message, { ...this, range })
  }

  get line(): number {
    return this.range.start.line
  }

  get column(): number {
    return this.range.start.column
  }
}

/** An error whose place is not known yet: whoever knows it makes another one of it. */
export function fault(reason: string, fields: { expected?: string | undefined; token?: string | undefined } = {}) {
  return new DockerfileError(reason, fields)
}
