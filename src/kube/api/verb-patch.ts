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
import type { ApiResponse } from './contract.ts'
import { badRequest, invalid, tooLarge, unsupportedMediaType } from './errors.ts'
import { applyConfiguration } from './managed-fields/field-manager.ts'
import { checkName, placeInNamespace } from './object-meta.ts'
import { type WriteOptions, writeOptions } from './options.ts'
import { applyJsonPatch, JsonPatchError, maxOperations } from './patch/json-patch.ts'
import { applyMergePatch } from './patch/merge-patch.ts'
import { applyStrategicMergePatch, goMap, StrategicPatchError } from './patch/strategic-merge-patch.ts'
import { maxBodyBytes } from './read-object.ts'
import { type ResourceRequest, warn } from './request-context.ts'
import { StatusError } from './status-error.ts'
import { updateObject } from './update-object.ts'
import { writtenResponse } from './verb-create.ts'
import { admitUpdate, finishUpdate } from './verb-update.ts'

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

const patchTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
  'application/apply-patch+cbor': 'apply',
}

export async function patchVerb(context: ResourceRequest): Promise<ApiResponse> {
  const { type, mediaType } = patchTypeOf(context)
  const bytes = await context.request.body(maxBodyBytes)
  const options = writeOptions(context.query, 'PatchOptions', type === 'apply')
  if (type === 'apply') return applyVerb(context, options, bytes, mediaType.endsWith('cbor'))
  const patch = parsePatch(bytes, options)
  const written = await updateObject(context, {
    options,
    async transform(live) {
      // Never without a live object: only apply creates.
      const served = await context.resource.fromStorage(live as KubeObject)
      const object = patched(context, options, type, served, patch)
      placeInNamespace(context.resource, object, context.route.namespace)
      checkName(object, context.route.name)
      return finishUpdate(context, options, live, object)
    },
  })
  return writtenResponse(context, written)
}

export function patchTypeOf({ request, resource }: Pick<ResourceRequest, 'request' | 'resource'>): {
  type: PatchType
  mediaType: string
} {
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';')
  const type = patchTypes[mediaType.trim()]
  // Custom resources have no schema that a strategic merge could be made by.
  const isCustom = resource.typedItems
  if (!type || (isCustom && type === 'strategic'))
    throw unsupportedMediaType(Object.keys(patchTypes).filter((name) => !isCustom || patchTypes[name] !== 'strategic'))
  return { type, mediaType: mediaType.trim() }
}

interface Patch {
  readonly value: Json
  readonly duplicates: readonly string[]
}

export function parsePatch(bytes: Uint8Array, { fieldValidation }: Pick<WriteOptions, 'fieldValidation'>): Patch {
  try {
    return parseBody(bytes, 'json', fieldValidation !== 'Ignore')
  } catch (error) {
    if (error instanceof BodySyntaxError) throw badRequest('invalid JSON patch')
    throw error
  }
}

/** The live object with the patch on it, read again as the kind that it is. */
function patched(
  context: ResourceRequest,
  options: WriteOptions,
  type: PatchType,
  live: KubeObject,
  { value, duplicates }: Patch,
): KubeObject {
  const raw = applyPatch(type, live as unknown as JsonObject, value, context.resource.schema)
  const text = () => (type === 'strategic' ? goMap(value) : JSON.stringify(raw))
  const refuse = (why: string) =>
    invalid({ group: '', kind: '' }, '', [
      { type: 'FieldValueInvalid', field: 'patch', message: `Invalid value: ${goQuote(text())}: ${why}` },
    ])
  let decoded: ReturnType<ResourceRequest['resource']['decode']>
  try {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
      throw new DecodeError('json: cannot unmarshal into Go value')
    decoded = context.resource.decode(raw)
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message)
    throw error
  }
  const problems = [
    ...duplicates.map((text) => (type === 'json' ? `json patch ${text}` : text)),
    ...decoded.strictProblems,
  ]
  if (problems.length > 0 && options.fieldValidation === 'Strict') throw refuse(strictDecodingMessage(problems))
  if (options.fieldValidation === 'Warn') warn(context, problems)
  const { object } = decoded
  const { info } = context.resource
  if (object.kind !== info.kind || object.apiVersion !== apiVersionOf(info))
    throw badRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersionOf(info)})`,
    )
  context.resource.setDefaults(object)
  return object
}

export function applyPatch(
  type: PatchType,
  live: JsonObject,
  value: Json,
  schema: ResourceRequest['resource']['schema'],
): Json {
  if (type === 'json') return jsonPatched(live, value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (type === 'merge') throw badRequest('Invalid JSON Patch')
    const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
    throw badRequest(`json: cannot unmarshal ${found} into Go value of type map[string]interface {}`)
  }
  if (type === 'merge') return applyMergePatch(live, value)
  try {
    return applyStrategicMergePatch(live, value, schema)
  } catch (error) {
    if (!(error instanceof StrategicPatchError)) throw error
    if (error.code === 400) throw badRequest(error.message)
    throw error.code === 422 ? rejectedPatch() : new StatusError(error.code, '', error.message)
  }
}

/** Kubernetes keeps to itself why such a patch does not apply. */
const rejectedPatch = () =>
  new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})

function jsonPatched(live: JsonObject, value: Json): Json {
  if (!Array.isArray(value)) {
    const found = value === null ? 'null' : typeof value
    throw badRequest(`json: cannot unmarshal ${found} into Go value of type jsonpatch.Patch`)
  }
  if (value.length > maxOperations)
    throw tooLarge(`The allowed maximum operations in a JSON patch is ${maxOperations}, got ${value.length}`)
  try {
    return applyJsonPatch(live, value)
  } catch (error) {
    if (error instanceof JsonPatchError) throw rejectedPatch()
    throw error
  }
}

async function applyVerb(
  context: ResourceRequest,
  options: WriteOptions,
  bytes: Uint8Array,
  isCbor: boolean,
): Promise<ApiResponse> {
  const { core, resource, route } = context
  const { value, duplicates } = parseConfiguration(bytes, isCbor)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest('error decoding patch: expected an object')
  checkConfigurationType(context, value)
  const config = value as unknown as KubeObject
  config.metadata ??= {}
  if (duplicates.length > 0 && options.fieldValidation === 'Strict')
    throw badRequest(`error strict decoding patch: ${duplicates.join(', ')}`)
  if (options.fieldValidation === 'Warn') warn(context, duplicates)
  const written = await updateObject(context, {
    options,
    allowCreate: true,
    async transform(live) {
      const servedLive = live && (await resource.fromStorage(live))
      const writer = { resource, subresource: route.subresource, name: options.fieldManager, nowMs: core.clock.nowMs() }
      const merged = await applyConfiguration(writer, servedLive, structuredClone(config), options.force)
      const object = decodeMerged(context, merged)
      if (!servedLive && !object.metadata.name) object.metadata.name = route.name
      resource.setDefaults(object)
      placeInNamespace(resource, object, route.namespace)
      checkName(object, route.name)
      return admitUpdate(context, options, servedLive, object)
    },
  })
  return writtenResponse(context, written)
}

function parseConfiguration(bytes: Uint8Array, isCbor: boolean): Patch {
  try {
    return isCbor ? parseBody(bytes, 'cbor', false) : parseBody(bytes, 'yaml', true)
  } catch (error) {
    if (error instanceof BodySyntaxError)
      throw badRequest(`error ${isCbor ? 'decoding' : 'encoding'} patch: ${error.message}`)
    throw error
  }
}

function checkConfigurationType({ resource }: ResourceRequest, { apiVersion, kind }: JsonObject): void {
  const { info } = resource
  if (apiVersion === apiVersionOf(info) && kind === info.kind) return
  if (kind === undefined || kind === '') throw badRequest('invalid object type: /, Kind=')
  if (kind === info.kind)
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${String(apiVersion ?? '')}, expected: ${apiVersionOf(info)}`,
    )
  throw badRequest(`invalid object type: ${String(apiVersion ?? '')}, Kind=${String(kind)}`)
}

/** Fields that the schema does not have are an error of apply, under every field validation. */
function decodeMerged(context: ResourceRequest, merged: KubeObject): KubeObject {
  const subject = `${merged.metadata.namespace ?? ''}/${merged.metadata.name ?? ''}; ${merged.apiVersion}, Kind=${merged.kind}`
  const refuse = (why: string) => new StatusError(500, '', `failed to create typed patch object (${subject}): ${why}`)
  let decoded: ReturnType<ResourceRequest['resource']['decode']>
  try {
    decoded = context.resource.decode(merged as unknown as JsonObject)
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message)
    throw error
  }
  const unknown = decoded.strictProblems.flatMap((problem) => {
    const field = /^unknown field "(.*)"$/.exec(problem)?.[1]
    return field === undefined ? [] : [`.${field}: field not declared in schema`]
  })
  if (unknown.length === 1) throw refuse(unknown[0] ?? '')
  if (unknown.length > 1) throw refuse(`errors:\n${unknown.map((line) => `  ${line}`).join('\n')}`)
  return decoded.object
}
