import type { FieldError } from '../../schema/index.ts'
import { invalid } from '../errors.ts'
import { boolParameter, intParameter } from '../options.ts'

const group = { group: '', kind: 'PodLogOptions' }

/** PodLogOptions of a request, checked. @throws StatusError 400, 422 */
export function logQuery(query: URLSearchParams, pod: string): URLSearchParams {
  const errors: FieldError[] = []
  const number = (name: string) => {
    const text = query.get(name)
    return text === null || text === '' ? undefined : intParameter(text)
  }
  const problem = (field: string, value: unknown, why: string): FieldError => ({
    type: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  })
  const tailLines = number('tailLines')
  if (tailLines !== undefined && tailLines < 0)
    errors.push(problem('tailLines', tailLines, 'must be greater than or equal to 0'))
  const limitBytes = number('limitBytes')
  if (limitBytes !== undefined && limitBytes < 1)
    errors.push(problem('limitBytes', limitBytes, 'must be greater than 0'))
  const sinceSeconds = number('sinceSeconds')
  const sinceTime = query.get('sinceTime')
  if (sinceSeconds !== undefined && sinceTime)
    errors.push({
      type: 'FieldValueForbidden',
      field: '',
      message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    })
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    errors.push(problem('sinceSeconds', sinceSeconds, 'must be greater than 0'))
  const stream = query.get('stream')
  if (stream !== null && !['All', 'Stdout', 'Stderr'].includes(stream))
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'stream',
      message: `Unsupported value: ${JSON.stringify(stream)}: supported values: "All", "Stderr", "Stdout"`,
    })
  if (errors.length > 0) throw invalid(group, pod, errors)
  const checked = new URLSearchParams()
  for (const name of ['follow', 'previous', 'timestamps']) if (boolParameter(query, name)) checked.set(name, 'true')
  for (const name of ['container', 'sinceSeconds', 'sinceTime', 'tailLines', 'limitBytes', 'stream']) {
    const value = query.get(name)
    if (value !== null && value !== '') checked.set(name, value)
  }
  return checked
}
