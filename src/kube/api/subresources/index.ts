import type { ApiResponse } from '../contract.ts'
import { methodNotAllowed, resourceNotFound } from '../errors.ts'
import type { ResourceRequest } from '../request-context.ts'
import { getObject } from '../verb-get.ts'
import { patchVerb } from '../verb-patch.ts'
import { updateVerb } from '../verb-update.ts'

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Subresources that are views of the object itself: status, resize, ephemeralcontainers, approval, finalize. */
export async function answerSubresource(context: ResourceRequest): Promise<ApiResponse> {
  const { resource, route, request } = context
  const info = resource.info.subresources.find(({ name }) => name === route.subresource)
  if (!info) throw resourceNotFound()
  const verb = verbs[request.method] ?? ''
  if (!info.verbs.includes(verb)) throw methodNotAllowed()
  switch (verb) {
    case 'get':
      return getObject(context)
    case 'update':
      return updateVerb(context)
    case 'patch':
      return patchVerb(context)
    default:
      throw methodNotAllowed()
  }
}
