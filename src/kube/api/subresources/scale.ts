import { apiVersionOf, type Json, type JsonObject, type KubeObject } from '../../schema/index.ts'
import type { Entry } from '../../store/index.ts'
import { BodySyntaxError, parseBody } from '../body.ts'
import type { ApiResponse } from '../contract.ts'
import { badRequest, invalid, notFound, resourceNotFound } from '../errors.ts'
import { applyConfiguration } from '../managed-fields/field-manager.ts'
import { inputEncoding } from '../negotiate.ts'
import { type WriteOptions, writeOptions } from '../options.ts'
import { maxBodyBytes } from '../read-object.ts'
import { keyOf, type ResourceRequest } from '../request-context.ts'
import { groupResourceOf, type ServedResource } from '../resource.ts'
import { valueResponse } from '../respond.ts'
import { decodeObject } from '../stored-object.ts'
import { updateObject } from '../update-object.ts'
import { applyPatch, parsePatch, patchTypeOf } from '../verb-patch.ts'
import { admitUpdate, finishUpdate } from '../verb-update.ts'

interface Scale {
  readonly replicas: number
  readonly resourceVersion: string
  readonly uid: string
}

/** /scale: a view of an object that shows and sets only how many there are. */
export async function answerScale(context: ResourceRequest, verb: string): Promise<ApiResponse> {
  const { resource, core, route } = context
  if (!resource.scale) throw resourceNotFound()
  if (verb === 'get') {
    const { entry } = await core.store.get(keyOf(resource, route.namespace, route.name))
    if (!entry) throw notFound(groupResourceOf(resource), route.name)
    return valueResponse(context, 200, scaleOf(resource, decodeObject(entry), entry.revision))
  }
  return verb === 'update' ? putScale(context) : patchScale(context)
}

function scaleOf({ scale }: ServedResource, object: KubeObject, revision: number): JsonObject {
  const { name, namespace, uid, creationTimestamp } = object.metadata
  const metadata: JsonObject = { name, uid, resourceVersion: String(revision), creationTimestamp }
  if (namespace !== undefined) metadata.namespace = namespace
  const selector = scale?.selector(object) ?? ''
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: scale?.specReplicas(object) === 0 ? {} : { replicas: scale?.specReplicas(object) ?? 0 },
    status: { replicas: scale?.statusReplicas(object) ?? 0, ...(selector === '' ? {} : { selector }) },
  }
}

async function putScale(context: ResourceRequest): Promise<ApiResponse> {
  const { request, query, route } = context
  const options = writeOptions(query, 'UpdateOptions')
  const bytes = await request.body(maxBodyBytes)
  let value: Json
  try {
    value = parseBody(bytes, inputEncoding(request.headers['content-type']), false).value
  } catch (error) {
    if (error instanceof BodySyntaxError)
      throw badRequest(`the object provided is unrecognized (must be of type Scale): ${error.message}`)
    throw error
  }
  const wanted = readScale(value, route.name)
  return write(context, options, () => wanted)
}

async function patchScale(context: ResourceRequest): Promise<ApiResponse> {
  const { request, query, route, resource } = context
  const { type, mediaType } = patchTypeOf(context)
  const options = writeOptions(query, 'PatchOptions', type === 'apply')
  const bytes = await request.body(maxBodyBytes)
  if (type === 'apply') {
    const config = parseBody(bytes, mediaType.endsWith('cbor') ? 'cbor' : 'yaml', false).value
    return applyScale(context, options, readScale(config, route.name))
  }
  const { value } = parsePatch(bytes, options)
  return write(context, options, (live, revision) =>
    readScale(applyPatch(type, scaleOf(resource, live, revision), value, undefined), route.name),
  )
}

/** @throws StatusError 400, 422 */
function readScale(value: Json, name: string): Scale {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest('the object provided is unrecognized (must be of type Scale)')
  const { kind, metadata, spec } = value
  if (kind !== undefined && kind !== 'Scale') throw badRequest(`${String(kind)} cannot be handled as a Scale`)
  const meta = (metadata ?? {}) as JsonObject
  if (meta.name !== undefined && meta.name !== name)
    throw badRequest(`the name of the object (${String(meta.name)}) does not match the name on the URL (${name})`)
  const { replicas = 0 } = (spec ?? {}) as JsonObject
  if (typeof replicas !== 'number' || !Number.isInteger(replicas))
    throw badRequest(
      `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    )
  if (replicas < 0)
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
      {
        type: 'FieldValueInvalid',
        field: 'spec.replicas',
        message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
      },
    ])
  const text = (field: Json | undefined) => (typeof field === 'string' ? field : '')
  return { replicas, resourceVersion: text(meta.resourceVersion), uid: text(meta.uid) }
}

async function write(
  context: ResourceRequest,
  options: WriteOptions,
  wanted: (live: KubeObject, revision: number) => Scale,
): Promise<ApiResponse> {
  const { resource } = context
  return answered(
    context,
    await updateObject(mainStrategy(context), {
      options,
      async transform(live, entry) {
        const object = structuredClone(live as KubeObject)
        const { replicas, resourceVersion, uid } = wanted(object, entry?.revision ?? 0)
        if (uid !== '') object.metadata.uid = uid
        if (resourceVersion === '') delete object.metadata.resourceVersion
        else object.metadata.resourceVersion = resourceVersion
        resource.scale?.setReplicas(object, replicas)
        return finishUpdate(context, options, live, await resource.fromStorage(object))
      },
    }),
  )
}

async function applyScale(context: ResourceRequest, options: WriteOptions, { replicas }: Scale): Promise<ApiResponse> {
  const { resource, route, core } = context
  return answered(
    context,
    await updateObject(mainStrategy(context), {
      options,
      async transform(live) {
        const served = await resource.fromStorage(live as KubeObject)
        const config: KubeObject = {
          apiVersion: apiVersionOf(resource.info),
          kind: resource.info.kind,
          metadata: {},
          spec: { replicas },
        }
        const writer = {
          resource,
          subresource: route.subresource,
          name: options.fieldManager,
          nowMs: core.clock.nowMs(),
        }
        const object = await applyConfiguration(writer, served, config, options.force)
        return admitUpdate(context, options, served, resource.decode(object as unknown as JsonObject).object)
      },
    }),
  )
}

/** The object itself is written, by its own rules. */
function mainStrategy(context: ResourceRequest): ResourceRequest {
  return { ...context, route: { ...context.route, subresource: '' } }
}

function answered(
  context: ResourceRequest,
  { entry, object }: { entry?: Entry | undefined; object?: KubeObject | undefined },
): ApiResponse {
  const { resource } = context
  if (entry) return valueResponse(context, 200, scaleOf(resource, decodeObject(entry), entry.revision))
  const dry = object as KubeObject
  return valueResponse(context, 200, scaleOf(resource, dry, Number(dry.metadata.resourceVersion ?? 0)))
}
