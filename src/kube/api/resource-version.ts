import { goQuote } from '../schema/index.ts'
import { type GroupResource, invalid } from './errors.ts'

/** Empty: 0. @throws StatusError 422 */
export function parseResourceVersion(text: string, resource: GroupResource, name: string): number {
  if (text === '') return 0
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax'
  throw invalid({ group: resource.group, kind: resource.resource }, name, [
    {
      type: 'FieldValueInvalid',
      field: 'resourceVersion',
      message: `Invalid value: ${goQuote(text)}: strconv.ParseUint: parsing ${goQuote(text)}: ${why}`,
    },
  ])
}
