import type { ApiResponse } from './contract.ts'
import { notFound, tooLargeResourceVersion } from './errors.ts'
import { keyOf, type ResourceRequest } from './request-context.ts'
import { groupResourceOf } from './resource.ts'
import { parseResourceVersion } from './resource-version.ts'
import { entryResponse } from './respond.ts'

/** GET of one object. `resourceVersion` asks for a state that is at least so new. */
export async function getObject(context: ResourceRequest): Promise<ApiResponse> {
  const { core, resource, route, query } = context
  const { entry, revision } = await core.store.get(keyOf(resource, route.namespace, route.name))
  const wanted = query.get('resourceVersion')
  if (wanted) {
    const minimum = parseResourceVersion(wanted, groupResourceOf(resource), route.name)
    if (minimum > revision) throw tooLargeResourceVersion(minimum, revision)
  }
  if (!entry) throw notFound(groupResourceOf(resource), route.name)
  return entryResponse(context, 200, entry)
}
