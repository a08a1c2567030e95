import {
  apiVersionOf,
  DecodeError,
  goQuote,
  type Json,
  type JsonObject,
  type KubeObject,
  strictDecodingMessage,
} from '../schema/index.ts'
import { BodySyntaxError, parseBody } from './body.ts'
import { badRequest } from './errors.ts'
import { inputEncoding } from './negotiate.ts'
import { type ResourceRequest, warn } from './request-context.ts'
import type { FieldValidation, ServedResource } from './resource.ts'

/** The most bytes that a body may have, as Kubernetes has it. */
export const maxBodyBytes = 3 * 1024 * 1024

/**
 * Reads the object of a create or an update. Every call of the answer makes a new object of the same body, for writers
 * that change it and have to begin again.
 * @throws StatusError 400, 413, 415
 */
export async function readObject(context: ResourceRequest, validation: FieldValidation): Promise<() => KubeObject> {
  const { request, resource } = context
  const encoding = inputEncoding(request.headers['content-type'])
  const bytes = await request.body(maxBodyBytes)
  try {
    const { value, duplicates } = parseBody(bytes, encoding, validation !== 'Ignore')
    return () => decodeBody(context, value, duplicates, validation, () => summary(bytes))
  } catch (error) {
    if (!(error instanceof BodySyntaxError)) throw error
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.info.kind}): couldn't get version/kind; json parse error: ${error.message} (${summary(bytes)})`,
    )
  }
}

/** Makes an object of the resource's kind out of a parsed body. */
function decodeBody(
  context: ResourceRequest,
  value: Json,
  duplicates: readonly string[],
  validation: FieldValidation,
  summarize: () => string,
): KubeObject {
  const { info } = context.resource
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
    throw badRequest(
      `the object provided is unrecognized (must be of type ${info.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (${summarize()})`,
    )
  }
  const typed = withType(context.resource, value)
  checkType(context, typed)
  const refuse = (why: string) =>
    badRequest(`${typed.kind} in version ${goQuote(info.version)} cannot be handled as a ${info.kind}: ${why}`)
  let decoded: ReturnType<ServedResource['decode']>
  try {
    decoded = context.resource.decode(typed)
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message)
    throw error
  }
  const problems = [...duplicates, ...decoded.strictProblems]
  if (problems.length > 0 && validation === 'Strict') throw refuse(strictDecodingMessage(problems))
  if (validation === 'Warn') warn(context, problems)
  const { object } = decoded
  object.metadata ??= {}
  return object
}

/** Where a body does not say what it is, the path does. */
function withType({ info }: ServedResource, value: JsonObject): JsonObject {
  const { kind, apiVersion, ...rest } = value
  return {
    kind: kind === undefined || kind === '' ? info.kind : kind,
    apiVersion: apiVersion === undefined || apiVersion === '' ? apiVersionOf(info) : apiVersion,
    ...rest,
  }
}

function checkType({ core, resource }: ResourceRequest, { kind, apiVersion }: JsonObject): void {
  const { info } = resource
  const expected = apiVersionOf(info)
  if (kind === info.kind && apiVersion === expected) return
  if (typeof kind !== 'string' || typeof apiVersion !== 'string')
    throw badRequest(
      `${info.kind} in version ${goQuote(info.version)} cannot be handled as a ${info.kind}: json: cannot unmarshal ${typeof (typeof kind === 'string' ? apiVersion : kind)} into Go struct field .${typeof kind === 'string' ? 'apiVersion' : 'kind'} of type string`,
    )
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  const version = apiVersion.slice(slash + 1)
  const refuse = (why: string) =>
    badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${info.kind}: ${why}`)
  const other = core.resources.findKind(group, version, kind)
  if (!other)
    throw refuse(
      `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"`,
    )
  if (kind === info.kind && other.keyPrefix === resource.keyPrefix)
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    )
  throw refuse(
    `converting (${version}.${kind}) to (${info.group === '' ? 'core' : info.group.split('.')[0]}.${info.kind}): unknown conversion`,
  )
}

/** The beginning of a body that is no object, as Kubernetes shows it. */
function summary(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>'
  const head = bytes.subarray(0, 30)
  const more = bytes.length > 30 ? ' ...' : ''
  if (bytes[0] === 0x7b) return new TextDecoder().decode(head) + more
  return Array.from(head, (byte) => byte.toString(16).padStart(2, '0')).join('') + more
}
