/** Error codes of the distribution specification, and what they answer: status and sentence. */
const table = {
  BLOB_UNKNOWN: [404, 'blob unknown to registry'],
  BLOB_UPLOAD_INVALID: [400, 'blob upload invalid'],
  BLOB_UPLOAD_UNKNOWN: [404, 'blob upload unknown to registry'],
  DIGEST_INVALID: [400, 'provided digest did not match uploaded content'],
  MANIFEST_BLOB_UNKNOWN: [400, 'blob unknown to registry'],
  MANIFEST_INVALID: [400, 'manifest invalid'],
  MANIFEST_UNKNOWN: [404, 'manifest unknown'],
  NAME_INVALID: [400, 'invalid repository name'],
  NAME_UNKNOWN: [404, 'repository name not known to registry'],
  PAGINATION_NUMBER_INVALID: [400, 'invalid number of results requested'],
  RANGE_INVALID: [416, 'invalid content range'],
  SIZE_INVALID: [400, 'provided length did not match content length'],
  TAG_INVALID: [400, 'manifest tag did not match URI'],
  TOOMANYREQUESTS: [429, 'too many requests'],
  UNSUPPORTED: [405, 'The operation is unsupported.'],
  UNKNOWN: [500, 'unknown error'],
} as const satisfies Record<string, readonly [status: number, message: string]>

export type RegistryErrorCode = keyof typeof table

/** A refusal in the registry's dialect: `{"errors":[{code,message,detail}]}`. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: RegistryErrorCode
  readonly status: number
  readonly detail: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: RegistryErrorCode,
    detail?: unknown,
    options: { status?: number; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(table[code][1], { cause: options.cause })
    this.code = code
    this.status = options.status ?? table[code][0]
    this.detail = detail
    this.headers = options.headers ?? {}
  }

  toJSON(): object {
    return { code: this.code, message: this.message, ...(this.detail === undefined ? {} : { detail: this.detail }) }
  }
}

/** Several missing blobs are told in one answer. */
export class RegistryErrors extends Error {
  override readonly name = 'RegistryErrors'
  readonly errors: readonly [RegistryError, ...RegistryError[]]

  constructor(errors: readonly [RegistryError, ...RegistryError[]]) {
    super(errors[0].message)
    this.errors = errors
  }
}
