import type { JsonObject } from '../schema/index.ts'
import type { ApiResponse } from './contract.ts'
import { throwIfInvalid, writeContext } from './create-object.ts'
import { methodNotAllowed } from './errors.ts'
import { placeInNamespace } from './object-meta.ts'
import { writeOptions } from './options.ts'
import { readObject } from './read-object.ts'
import type { ResourceRequest } from './request-context.ts'
import { valueResponse } from './respond.ts'

/** A create of a kind that is never stored: the answer is worked out and forgotten. */
export async function createVirtual(context: ResourceRequest): Promise<ApiResponse> {
  const { core, resource, route, user, query } = context
  const { info } = resource
  const run = core.virtual?.[`${info.group}/${info.plural}`]
  if (!run) throw methodNotAllowed()
  const options = writeOptions(query, 'CreateOptions')
  const object = (await readObject(context, options.fieldValidation))()
  resource.setDefaults(object)
  placeInNamespace(resource, object, route.namespace)
  const strategy = resource.strategy('')
  if (strategy) {
    const errors = strategy.validateCreate(object, writeContext(context, options))
    // What is never stored needs no name.
    const counting = errors.filter(({ field }) => field !== 'metadata.name' && field !== 'metadata.namespace')
    throwIfInvalid(context, object, counting)
  }
  const { name = '' } = object.metadata
  const { dryRun } = options
  const answer = await run({ user, namespace: route.namespace, name, object: object as JsonObject, dryRun })
  return valueResponse(context, 201, answer)
}
