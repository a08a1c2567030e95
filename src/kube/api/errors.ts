import type { FieldError } from '../schema/index.ts'
import { StatusError } from './status-error.ts'

/** The Status errors of Kubernetes' apimachinery, with its own sentences. */

export interface GroupResource {
  readonly group: string
  readonly resource: string
}

/** `pods`, `deployments.apps`. */
export function groupResourceText({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`
}

const about = ({ group, resource }: GroupResource, name: string) => ({
  ...(name === '' ? {} : { name }),
  ...(group === '' ? {} : { group }),
  kind: resource,
})

export function notFound(resource: GroupResource, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${groupResourceText(resource)} "${name}" not found`, about(resource, name))
}

export function alreadyExists(resource: GroupResource, name: string, beingDeleted = false): StatusError {
  const text = `${groupResourceText(resource)} "${name}" already exists`
  return new StatusError(
    409,
    'AlreadyExists',
    beingDeleted ? `object is being deleted: ${text}` : text,
    about(resource, name),
  )
}

export function generateNameConflict(resource: GroupResource, name: string): StatusError {
  const text = `${groupResourceText(resource)} "${name}" already exists, the server was not able to generate a unique name for the object`
  return new StatusError(409, 'AlreadyExists', text, { ...about(resource, name), retryAfterSeconds: 1 })
}

const objectModified = 'the object has been modified; please apply your changes to the latest version and try again'

export function conflict(resource: GroupResource, name: string, why: string = objectModified): StatusError {
  const text = `Operation cannot be fulfilled on ${groupResourceText(resource)} "${name}": ${why}`
  return new StatusError(409, 'Conflict', text, about(resource, name))
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized')
}

export function forbidden(message: string, resource?: GroupResource, name = ''): StatusError {
  return new StatusError(403, 'Forbidden', message, resource ? about(resource, name) : {})
}

export function methodNotSupported(resource: GroupResource, verb: string): StatusError {
  const text = `${verb} is not supported on resources of kind "${groupResourceText(resource)}"`
  return new StatusError(405, 'MethodNotAllowed', text, about(resource, ''))
}

export function methodNotAllowed(): StatusError {
  return new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

export function resourceNotFound(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const text = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`
  return new StatusError(415, 'UnsupportedMediaType', text)
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  const text = `only the following media types are accepted: ${accepted.join(', ')}`
  return new StatusError(406, 'NotAcceptable', text)
}

export function tooLarge(message: string): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`)
}

/** A resource version that is gone; `reason` Expired is what clients look for. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message)
}

export function internal(message: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
}

export function invalid(
  kind: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const causes = errors.map(({ type, message, field }) => ({ reason: type, message, field }))
  const details = {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
  }
  const text = `${kindText(kind)} "${name}" is invalid: ${joined(errors)}`
  return new StatusError(422, 'Invalid', text, { ...details, causes })
}

const kindText = ({ group, kind }: { group: string; kind: string }) => (group === '' ? kind : `${kind}.${group}`)

/** As Kubernetes' aggregate error: one bare, several in brackets, each once. */
function joined(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ field, message }) => `${field === '' ? '<nil>' : field}: ${message}`))]
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
}

export function tooLargeResourceVersion(wanted: number, current: number): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}
