import { familiarName, familiarString, type NamedReference, OciError } from '../../oci/index.ts'
import { AuthorizationError } from './authorization.ts'
import { ErrorResponse } from './error-response.ts'
import { TransferError } from './transfer-error.ts'
import { TransportError } from './transport-error.ts'

/** What went wrong in a pull, in Docker's sentences. */
export function pullFailure(error: unknown, reference: NamedReference): unknown {
  if (error instanceof ErrorResponse) {
    switch (error.code) {
      case 'DENIED':
        return accessDenied(reference, error.message, error)
      case 'MANIFEST_UNKNOWN':
        return manifestNotFound(reference, error.message, error)
      case 'NAME_UNKNOWN':
        return new TransferError('not-found', `repository ${familiarName(reference)} not found: ${error.message}`, {
          cause: error,
        })
    }
  }
  return transferFailure(error)
}

export function accessDenied(reference: NamedReference, told: string, cause?: unknown): TransferError {
  const text = `pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login'`
  return new TransferError('not-found', `${text}: ${told}`, { cause })
}

export function manifestNotFound(reference: NamedReference, told: string, cause?: unknown): TransferError {
  return new TransferError('not-found', `manifest for ${familiarString(reference)} not found: ${told}`, { cause })
}

/** What went wrong elsewhere; an error that is a fault of ours passes unchanged. */
export function transferFailure(error: unknown): unknown {
  // Docker answers 500 for whatever a registry refuses, the sentence being the registry's.
  if (error instanceof ErrorResponse)
    return new TransferError(kindOf(error), error.message, { cause: error, statusCode: 500 })
  if (error instanceof AuthorizationError)
    return new TransferError('unauthorized', error.message, { cause: error, statusCode: 500 })
  if (error instanceof TransportError) return new TransferError('unreachable', error.message, { cause: error })
  if (error instanceof OciError) return new TransferError('invalid', error.message, { cause: error, statusCode: 500 })
  if (error instanceof Error && error.name === 'AbortError')
    return new TransferError('cancelled', 'context canceled', { cause: error })
  return error
}

function kindOf({ status, code }: ErrorResponse): TransferError['kind'] {
  if (status === 429 || code === 'TOOMANYREQUESTS') return 'too-many-requests'
  if (status === 401 || code === 'UNAUTHORIZED') return 'unauthorized'
  if (status === 403 || code === 'DENIED') return 'forbidden'
  if (status === 404) return 'not-found'
  return status >= 500 ? 'unavailable' : 'invalid'
}
