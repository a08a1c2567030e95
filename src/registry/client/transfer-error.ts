export type TransferErrorKind =
  | 'not-found'
  | 'unauthorized'
  | 'forbidden'
  | 'too-many-requests'
  | 'unavailable'
  | 'unreachable'
  | 'invalid'
  | 'cancelled'
  | 'system'

const statusOf: Record<TransferErrorKind, number> = {
  'not-found': 404,
  unauthorized: 401,
  forbidden: 403,
  'too-many-requests': 429,
  unavailable: 503,
  unreachable: 500,
  invalid: 400,
  cancelled: 499,
  system: 500,
}

/** A pull, push, login or inspection that failed; the message is Docker's own sentence where Docker has one. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly kind: TransferErrorKind
  /** HTTP status that the Docker Engine API answers with */
  readonly statusCode: number

  constructor(kind: TransferErrorKind, message: string, options?: { cause?: unknown; statusCode?: number }) {
    super(message, options)
    this.kind = kind
    this.statusCode = options?.statusCode ?? statusOf[kind]
  }
}
