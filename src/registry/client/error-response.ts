import { STATUS_CODES } from 'node:http'
import { parseChallenges } from './challenge.ts'
import { readSmall, type WireResponse } from './transport.ts'

/** A registry's refusal, read; the message is the one that Docker's client makes of it. */
export class ErrorResponse extends Error {
  override readonly name = 'ErrorResponse'
  readonly status: number
  /** of the first error in the body: `MANIFEST_UNKNOWN`, … */
  readonly code: string | undefined
  /** seconds, from `Retry-After` */
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, code: string | undefined, message: string, retryAfterSeconds?: number) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

interface BodyError {
  readonly code: string
  readonly message: string
}

/** What the specification says of a code whose error has no message. */
const ownWords: Readonly<Record<string, string>> = {
  UNAUTHORIZED: 'authentication required',
  DENIED: 'requested access to the resource is denied',
  UNAVAILABLE: 'service unavailable',
  TOOMANYREQUESTS: 'too many requests',
  MANIFEST_UNKNOWN: 'manifest unknown',
  NAME_UNKNOWN: 'repository name not known to registry',
  BLOB_UNKNOWN: 'blob unknown to registry',
  UNSUPPORTED: 'The operation is unsupported.',
  UNKNOWN: 'unknown error',
}

const bearerErrors: Readonly<Record<string, string>> = { invalid_token: 'UNAUTHORIZED', insufficient_scope: 'DENIED' }

/** Reads an answer of 400 and more to its end. */
export async function readErrorResponse(response: WireResponse): Promise<ErrorResponse> {
  const status = response.statusCode ?? 0
  const retryAfter = retryAfterSeconds(response.headers['retry-after'])
  if (status >= 500 || status < 400) {
    response.resume()
    const text =
      `received unexpected HTTP status: ${status} ${response.statusMessage || STATUS_CODES[status] || ''}`.trim()
    return new ErrorResponse(status, undefined, text, retryAfter)
  }
  const text = await bodyText(response)
  for (const { scheme, parameters } of parseChallenges(response.headers['www-authenticate'])) {
    const code = bearerErrors[parameters.error ?? '']
    if (scheme === 'bearer' && code)
      return fromErrors(status, [{ code, message: parameters.error_description ?? '' }], retryAfter)
  }
  const errors = parseErrors(text, status)
  if (typeof errors !== 'string') return fromErrors(status, errors, retryAfter)
  if (status === 401) return fromErrors(status, [{ code: 'UNAUTHORIZED', message: '' }], retryAfter)
  return new ErrorResponse(
    status,
    undefined,
    `error parsing HTTP ${status} response body: ${errors}: ${JSON.stringify(text)}`,
    retryAfter,
  )
}

async function bodyText(response: WireResponse): Promise<string> {
  try {
    return (await readSmall(response, 1024 * 1024)).toString('utf8')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function fromErrors(status: number, errors: readonly BodyError[], retryAfter: number | undefined): ErrorResponse {
  const sentences = errors.map(
    ({ code, message }) =>
      `${code.toLowerCase().replaceAll('_', ' ')}: ${message || ownWords[code] || 'unknown error'}`,
  )
  const text = sentences.length === 1 ? (sentences[0] ?? '') : `errors:\n${sentences.join('\n')}\n`
  return new ErrorResponse(status, errors[0]?.code, text, retryAfter)
}

/** The errors of the body, or why there are none, in Go's words. */
function parseErrors(text: string, status: number): readonly BodyError[] | string {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return goSyntaxError(text)
  }
  const details = field(body, 'details')
  const codeOfStatus = ({ 401: 'UNAUTHORIZED', 403: 'DENIED', 429: 'TOOMANYREQUESTS' } as Record<number, string>)[
    status
  ]
  if (typeof details === 'string' && details !== '' && codeOfStatus) return [{ code: codeOfStatus, message: details }]
  const errors = field(body, 'errors')
  if (!Array.isArray(errors) || errors.length === 0) return 'no error details found in HTTP response body'
  return errors.map((error: unknown) => {
    const code = field(error, 'code')
    const message = field(error, 'message')
    return { code: typeof code === 'string' ? code : 'UNKNOWN', message: typeof message === 'string' ? message : '' }
  })
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function goSyntaxError(text: string): string {
  const trimmed = text.trimStart()
  if (trimmed === '') return 'unexpected end of JSON input'
  const number = /^-?\d+(?:\.\d+)?\s+(\S)/.exec(trimmed)
  if (number) return `invalid character '${number[1]}' after top-level value`
  return /^["{[\dtfn-]/.test(trimmed)
    ? 'unexpected end of JSON input'
    : `invalid character '${trimmed.charAt(0)}' looking for beginning of value`
}

/** Seconds, or a date. */
function retryAfterSeconds(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header)
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000))
}
