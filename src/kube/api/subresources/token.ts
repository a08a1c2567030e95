import type { JsonObject } from '../../schema/index.ts'
import type { ApiResponse } from '../contract.ts'
import { methodNotAllowed, notFound } from '../errors.ts'
import { writeOptions } from '../options.ts'
import { keyOf, type ResourceRequest } from '../request-context.ts'
import { groupResourceOf } from '../resource.ts'
import { valueResponse } from '../respond.ts'
import { readSubresource } from './read-subresource.ts'

/** POST of a TokenRequest to a service account; who signs tokens is handed in. */
export async function requestToken(context: ResourceRequest): Promise<ApiResponse> {
  const { core, resource, route, user, query } = context
  const run = core.virtual?.[`${resource.info.group}/${resource.info.plural}/${route.subresource}`]
  if (!run) throw methodNotAllowed()
  const { dryRun } = writeOptions(query, 'CreateOptions')
  const object = await readSubresource(context, 'TokenRequest', 'authentication.k8s.io/v1')
  const { entry } = await core.store.get(keyOf(resource, route.namespace, route.name))
  if (!entry) throw notFound(groupResourceOf(resource), route.name)
  const answer = await run({ user, namespace: route.namespace, name: route.name, object: object as JsonObject, dryRun })
  return valueResponse(context, 201, answer)
}
