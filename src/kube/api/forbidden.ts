import { goQuote } from '../schema/index.ts'
import type { Attributes, Decision } from './contract.ts'
import { forbidden, groupResourceText } from './errors.ts'
import type { StatusError } from './status-error.ts'

/** The refusal of an authorizer, in Kubernetes' own sentence. */
export function forbiddenError(attributes: Attributes, { reason }: Decision): StatusError {
  const { user, verb, resourceRequest, path, apiGroup, resource, subresource, namespace, name } = attributes
  const why = reason ? `: ${reason}` : ''
  if (!resourceRequest)
    return forbidden(`forbidden: User ${goQuote(user.name)} cannot ${verb} path ${goQuote(path)}${why}`)
  const target = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`
  const what = `User ${goQuote(user.name)} cannot ${verb} resource ${goQuote(target)} in API group ${goQuote(apiGroup)} ${where}${why}`
  const group = { group: apiGroup, resource }
  const subject = groupResourceText(group)
  return forbidden(
    name === '' ? `${subject} is forbidden: ${what}` : `${subject} ${goQuote(name)} is forbidden: ${what}`,
    group,
    name,
  )
}
