/** A build that failed through the user's doing; `message` is Docker's own sentence. */
export class BuildError extends Error {
  /** The HTTP status where no byte of the answer has been sent. */
  readonly status: number
  /** The exit code of the command that failed. */
  readonly code: number | undefined
  readonly line: number | undefined

  constructor(message: string, fields: { status?: number; code?: number; line?: number | undefined } = {}) {
    super(message)
    this.name = 'BuildError'
    this.status = fields.status ?? 500
    this.code = fields.code
    this.line = fields.line
  }
}
