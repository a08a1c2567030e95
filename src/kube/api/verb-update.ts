import type { KubeObject } from '../schema/index.ts'
import { admissionRequest } from './admit.ts'
import type { ApiResponse } from './contract.ts'
import { trackUpdate } from './managed-fields/field-manager.ts'
import { checkName, dedupOwnerReferences, managerName, placeInNamespace } from './object-meta.ts'
import { type WriteOptions, writeOptions } from './options.ts'
import { readObject } from './read-object.ts'
import type { ResourceRequest } from './request-context.ts'
import { updateObject } from './update-object.ts'
import { writtenResponse } from './verb-create.ts'

/** PUT of an object or of one of its subresources that have the object's own shape. */
export async function updateVerb(context: ResourceRequest): Promise<ApiResponse> {
  const { resource, route, query } = context
  const options = writeOptions(query, 'UpdateOptions')
  const read = await readObject(context, options.fieldValidation)
  const prepared = () => {
    const object = read()
    resource.setDefaults(object)
    placeInNamespace(resource, object, route.namespace)
    checkName(object, route.name)
    dedupOwnerReferences(context, object, false)
    return object
  }
  let first: KubeObject | undefined = prepared()
  const { uid } = first.metadata
  const written = await updateObject(context, {
    options,
    ...(uid ? { preconditions: { uid } } : {}),
    async transform(live) {
      const object = first ?? prepared()
      first = undefined
      return finishUpdate(context, options, live, object)
    },
  })
  return writtenResponse(context, written)
}

/** Tracks whose fields changed, and lets admission change more. Takes the live object in storage form. */
export async function finishUpdate(
  context: ResourceRequest,
  options: WriteOptions,
  live: KubeObject | undefined,
  object: KubeObject,
): Promise<KubeObject> {
  const { core, request, resource, route } = context
  const servedLive = live && (await resource.fromStorage(live))
  const name = managerName(options.fieldManager, request.headers['user-agent'])
  await trackUpdate({ resource, subresource: route.subresource, name, nowMs: core.clock.nowMs() }, servedLive, object)
  return admitUpdate(context, options, servedLive, object)
}

export async function admitUpdate(
  context: ResourceRequest,
  options: WriteOptions,
  servedLive: KubeObject | undefined,
  object: KubeObject,
): Promise<KubeObject> {
  const operation = servedLive ? 'UPDATE' : 'CREATE'
  await context.core.admission.mutate(admissionRequest(context, operation, object, servedLive, options))
  dedupOwnerReferences(context, object, true)
  return context.resource.toStorage(object)
}
