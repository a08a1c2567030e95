import type { FieldError } from '../../contract.ts'
import { at, child, duplicate, required } from '../../validation/field-error.ts'

/** Every condition has a type, and one of its own. */
export function validateConditionTypes(
  conditions: readonly { readonly type?: string | undefined }[] | undefined,
): FieldError[] {
  const types = (conditions ?? []).map(({ type = '' }) => type)
  return types.flatMap((type, i) => {
    const here = child(at('status.conditions', i), 'type')
    const errors = types.indexOf(type) < i ? [duplicate(here, type)] : []
    return type === '' ? [...errors, required(here)] : errors
  })
}
