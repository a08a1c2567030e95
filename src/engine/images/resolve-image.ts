import { type Image, OciError } from '../../oci/index.ts'
import type { Core } from '../core/core.ts'
import { EngineError, invalid, notFound } from '../engine-error.ts'

/** An image by name, digest, id or the beginning of one. @throws Docker's `No such image: x:latest` */
export function resolveImage(core: Core, ref: string): Image {
  try {
    return core.content.images.resolve(ref)
  } catch (error) {
    throw imageError(error)
  }
}

/** What the content store says, in the engine's terms. */
export function imageError(error: unknown): unknown {
  if (!(error instanceof OciError)) return error
  switch (error.code) {
    case 'not-found':
      return notFound(error.message, { cause: error })
    case 'invalid':
    case 'unsupported':
      return invalid(error.message, { cause: error })
    case 'conflict':
      return new EngineError('conflict', error.message, { cause: error })
    default:
      return new EngineError('system', error.message, { cause: error })
  }
}
