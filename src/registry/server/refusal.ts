import { OciError } from '../../oci/index.ts'
import type { Log } from '../contract.ts'
import { answerJson, type Exchange } from './exchange.ts'
import { RegistryError, RegistryErrors } from './registry-error.ts'

/** Turns what a handler threw into the answer. A client's fault has no stack in the log, ours always has one. */
export function refusal(log: Log, exchange: Exchange, error: unknown): void {
  const { request, response } = exchange
  const errors = toRegistryErrors(error)
  const [first] = errors
  if (first.status >= 500)
    log.error({ err: error, method: request.method, url: request.url }, 'registry: request failed')
  else log.debug({ code: first.code, method: request.method, url: request.url }, 'registry: request refused')
  if (response.headersSent) {
    // Half of a body is out: only a broken connection tells the client that it is half.
    response.destroy()
    return
  }
  answerJson(exchange, first.status, { errors }, first.headers)
}

function toRegistryErrors(error: unknown): readonly [RegistryError, ...RegistryError[]] {
  if (error instanceof RegistryErrors) return error.errors
  if (error instanceof RegistryError) return [error]
  const cause = { cause: error }
  if (error instanceof OciError) {
    if (error.code === 'digest-mismatch') return [new RegistryError('DIGEST_INVALID', error.message, cause)]
    if (error.code === 'size-mismatch') return [new RegistryError('SIZE_INVALID', error.message, cause)]
    if (error.code === 'not-found') return [new RegistryError('BLOB_UNKNOWN', error.message, cause)]
    if (error.code === 'no-space')
      return [new RegistryError('UNKNOWN', 'no space left on device', { ...cause, status: 507 })]
  }
  return [new RegistryError('UNKNOWN', undefined, cause)]
}
