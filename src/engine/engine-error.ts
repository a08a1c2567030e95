export type EngineErrorKind =
  | 'notFound'
  | 'conflict'
  | 'invalid'
  | 'notModified'
  | 'forbidden'
  | 'unauthorized'
  | 'tooManyRequests'
  | 'notImplemented'
  | 'unavailable'
  | 'system'

/** The one error of this room: `kind` to branch on, `message` is Docker's own sentence. `cause` keeps what lay beneath. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly kind: EngineErrorKind

  constructor(kind: EngineErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

export const notFound = (message: string, options?: ErrorOptions) => new EngineError('notFound', message, options)
export const conflict = (message: string, options?: ErrorOptions) => new EngineError('conflict', message, options)
export const invalid = (message: string, options?: ErrorOptions) => new EngineError('invalid', message, options)
export const notModified = (message: string, options?: ErrorOptions) => new EngineError('notModified', message, options)
export const forbidden = (message: string, options?: ErrorOptions) => new EngineError('forbidden', message, options)
export const unavailable = (message: string, options?: ErrorOptions) => new EngineError('unavailable', message, options)
export const system = (message: string, options?: ErrorOptions) => new EngineError('system', message, options)
