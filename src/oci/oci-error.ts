export type OciErrorCode =
  | 'not-found'
  | 'invalid'
  | 'conflict'
  | 'busy'
  | 'digest-mismatch'
  | 'size-mismatch'
  | 'corrupt'
  | 'unsafe-path'
  | 'unsupported'
  | 'no-space'

/** The one error of this room: a code to branch on, a sentence to show. `cause` keeps what lay beneath. */
export class OciError extends Error {
  readonly code: OciErrorCode

  constructor(code: OciErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'OciError'
    this.code = code
  }
}
