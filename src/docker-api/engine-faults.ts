import { BuildError, EngineError, type EngineErrorKind } from '../engine/index.ts'
import { DockerError } from './http/docker-error.ts'

const statuses: Record<EngineErrorKind, number> = {
  notFound: 404,
  conflict: 409,
  invalid: 400,
  notModified: 304,
  forbidden: 403,
  unauthorized: 401,
  tooManyRequests: 429,
  notImplemented: 501,
  unavailable: 503,
  system: 500,
}

/** Gives what the engine and its builder throw an HTTP status; anything else is a fault of ours. */
export function translate(error: unknown): DockerError | undefined {
  if (error instanceof EngineError) return new DockerError(statuses[error.kind], error.message, { cause: error })
  if (error instanceof BuildError) return new DockerError(error.status, error.message, { cause: error })
  return undefined
}
