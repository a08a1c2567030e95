import type { ApiResponse } from '../contract.ts'
import { methodNotAllowed, resourceNotFound } from '../errors.ts'
import type { ResourceRequest } from '../request-context.ts'
import { getObject } from '../verb-get.ts'
import { patchVerb } from '../verb-patch.ts'
import { updateVerb } from '../verb-update.ts'
import { bindPod } from './binding.ts'
import { evictPod } from './eviction.ts'
import { connectors } from './pod-streams.ts'
import { answerScale } from './scale.ts'
import { requestToken } from './token.ts'

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

const creates: Readonly<Record<string, (context: ResourceRequest) => Promise<ApiResponse>>> = {
  binding: bindPod,
  eviction: evictPod,
  token: requestToken,
}

/**
 * Subresources are views of the object (status, resize, ephemeralcontainers, approval, finalize), of a part of it
 * (scale), things to do with it (binding, eviction, token), or streams to its node (log, exec, attach, portforward,
 * proxy).
 */
export async function answerSubresource(context: ResourceRequest): Promise<ApiResponse> {
  const { resource, route, request } = context
  const info = resource.info.subresources.find(({ name }) => name === route.subresource)
  if (!info) throw resourceNotFound()
  const connect = connectors[route.subresource]
  if (connect) return connect(context)
  const verb = verbs[request.method] ?? ''
  if (!info.verbs.includes(verb)) throw methodNotAllowed()
  if (route.subresource === 'scale') return answerScale(context, verb)
  switch (verb) {
    case 'get':
      return getObject(context)
    case 'update':
      return updateVerb(context)
    case 'patch':
      return patchVerb(context)
    default: {
      const create = creates[route.subresource]
      if (!create) throw methodNotAllowed()
      return create(context)
    }
  }
}
