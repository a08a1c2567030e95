import type { JsonObject } from './contract.ts'

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** The API's one kind of refusal; thrown anywhere, turned into a Status response in one place. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly code: number
  readonly reason: string
  readonly details: StatusDetails | undefined
  /** Of a list that cannot go on as it began: where it can go on. */
  continueToken: string | undefined
  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }

  /** As `kind: Status` of meta.k8s.io/v1, fields in the order in which Kubernetes writes them. */
  toStatus(): JsonObject {
    const status: JsonObject = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
    }
    if (this.continueToken !== undefined) status.metadata = { continue: this.continueToken }
    if (this.reason) status.reason = this.reason
    if (this.details) status.details = JSON.parse(JSON.stringify(this.details))
    status.code = this.code
    return status
  }
}
