import { admissionRequest } from './admit.ts'
import type { ApiResponse } from './contract.ts'
import { createObject, type Written } from './create-object.ts'
import { trackUpdate } from './managed-fields/field-manager.ts'
import { dedupOwnerReferences, managerName, placeInNamespace, wipeSystemFields } from './object-meta.ts'
import { writeOptions } from './options.ts'
import { readObject } from './read-object.ts'
import type { ResourceRequest } from './request-context.ts'
import { entryResponse, objectResponse } from './respond.ts'

export async function createVerb(context: ResourceRequest): Promise<ApiResponse> {
  const { core, request, resource, route, query } = context
  const options = writeOptions(query, 'CreateOptions')
  const object = (await readObject(context, options.fieldValidation))()
  resource.setDefaults(object)
  wipeSystemFields(object)
  placeInNamespace(resource, object, route.namespace)
  dedupOwnerReferences(context, object, false)
  const name = managerName(options.fieldManager, request.headers['user-agent'])
  await trackUpdate({ resource, subresource: '', name, nowMs: core.clock.nowMs() }, undefined, object)
  await core.admission.mutate(admissionRequest(context, 'CREATE', object, undefined, options))
  dedupOwnerReferences(context, object, true)
  const written = await createObject(context, await resource.toStorage(object), options)
  return writtenResponse(context, written)
}

export async function writtenResponse(context: ResourceRequest, written: Written): Promise<ApiResponse> {
  const status = written.created ? 201 : 200
  if (written.entry) return entryResponse(context, status, written.entry)
  return objectResponse(context, status, await context.resource.fromStorage(written.object))
}
