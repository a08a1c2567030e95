import { apiVersionOf, type Json, type JsonObject, type KubeObject, parseApiVersion } from '../../schema/index.ts'
import { BodySyntaxError, parseBody } from '../body.ts'
import { badRequest } from '../errors.ts'
import { inputEncoding } from '../negotiate.ts'
import { maxBodyBytes } from '../read-object.ts'
import type { ResourceRequest } from '../request-context.ts'

/** Reads the object that is posted to a subresource, of a kind that is served nowhere else. @throws StatusError 400 */
export async function readSubresource(
  { request }: ResourceRequest,
  kind: string,
  apiVersion: string,
): Promise<KubeObject> {
  const bytes = await request.body(maxBodyBytes)
  let value: Json
  try {
    value = parseBody(bytes, inputEncoding(request.headers['content-type']), false).value
  } catch (error) {
    if (error instanceof BodySyntaxError)
      throw badRequest(
        `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${error.message}`,
      )
    throw error
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest(`the object provided is unrecognized (must be of type ${kind})`)
  const { group } = parseApiVersion(apiVersion)
  const said = value as JsonObject
  if (said.kind !== undefined && said.kind !== '' && said.kind !== kind)
    throw badRequest(
      `${String(said.kind)} in version ${JSON.stringify(String(said.apiVersion ?? ''))} cannot be handled as a ${kind}`,
    )
  const saidGroup =
    typeof said.apiVersion === 'string' && said.apiVersion !== '' ? parseApiVersion(said.apiVersion).group : group
  if (saidGroup !== group)
    throw badRequest(
      `the API version in the data (${String(said.apiVersion)}) does not match the expected API version (${apiVersionOf(parseApiVersion(apiVersion))})`,
    )
  const object = { ...said, kind, apiVersion } as unknown as KubeObject
  object.metadata ??= {}
  return object
}
