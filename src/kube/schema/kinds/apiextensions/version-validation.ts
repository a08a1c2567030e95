import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { child, invalid, required } from '../../validation/field-error.ts'

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

export function validateColumn(column: Unchecked<k8s.CustomResourceColumnDefinition>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { name, type = '', format = '', jsonPath = '' } = column
  if (!name) errors.push(required(child(path, 'name')))
  const types = `must be one of ${columnTypes.join(',')}`
  if (type === '') errors.push(required(child(path, 'type'), types))
  else if (!columnTypes.includes(type)) errors.push(invalid(child(path, 'type'), type, types))
  if (format !== '' && !columnFormats.includes(format)) {
    errors.push(invalid(child(path, 'format'), format, `must be one of ${columnFormats.join(',')}`))
  }
  if (jsonPath === '') errors.push(required(child(path, 'JSONPath')))
  else errors.push(...validateSimplePath(jsonPath, child(path, 'JSONPath')))
  return errors
}

export function validateSubresources(
  { subresources }: { readonly subresources?: Unchecked<k8s.CustomResourceSubresources> | undefined },
  path: FieldPath,
): FieldError[] {
  const scale = subresources?.scale
  if (!scale) return []
  const errors: FieldError[] = []
  const check = (field: keyof typeof scale, roots: readonly string[], must: boolean): void => {
    const here = child(path, 'subresources', `scale.${field}`)
    const text = scale[field] ?? ''
    if (text === '') {
      if (must) errors.push(required(here))
      return
    }
    const wrong = validateSimplePath(text, here)
    const below = roots.length > 1 ? `either ${roots.join(' or ')}` : roots.join('')
    if (wrong.length > 0) errors.push(...wrong)
    else if (!roots.some((root) => text.startsWith(`${root}.`))) {
      errors.push(invalid(here, text, `should be a json path under ${below}`))
    }
  }
  check('specReplicasPath', ['.spec'], true)
  check('statusReplicasPath', ['.status'], true)
  check('labelSelectorPath', ['.spec', '.status'], false)
  return errors
}

const validateSimplePath = (text: string, path: FieldPath): FieldError[] =>
  text.startsWith('.') ? [] : [invalid(path, text, 'must be a simple json path starting with .')]
