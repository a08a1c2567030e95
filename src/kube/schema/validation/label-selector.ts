import type { FieldError, FieldPath, Unchecked } from '../contract.ts'
import type * as k8s from '../generated/types.ts'
import { at, child, forbidden, invalid, required } from './field-error.ts'
import { labelValueRule, qualifiedNameRule } from './names.ts'
import { validateLabels } from './object-meta.ts'

export type Selector = Unchecked<k8s.LabelSelector>

/** A LabelSelector object; an absent one is right. */
export function validateLabelSelector(selector: Selector | undefined, path: FieldPath): FieldError[] {
  if (!selector) return []
  const errors = validateLabels(selector.matchLabels, child(path, 'matchLabels'))
  selector.matchExpressions?.forEach((expression, i) => {
    errors.push(...validateExpression(expression, at(child(path, 'matchExpressions'), i)))
  })
  return errors
}

function validateExpression(
  { key = '', operator = '', values = [] }: Unchecked<k8s.LabelSelectorRequirement>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(required(child(path, 'values'), "must be specified when `operator` is 'In' or 'NotIn'"))
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(
        forbidden(child(path, 'values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      )
    }
  } else errors.push(invalid(child(path, 'operator'), operator, 'not a valid selector operator'))
  errors.push(...validateLabelName(key, child(path, 'key')))
  values.forEach((value, i) => {
    for (const message of labelValueRule(value)) errors.push(invalid(at(child(path, 'values'), i), value, message))
  })
  return errors
}

/** The key of a label. */
export const validateLabelName = (name: string, path: FieldPath): FieldError[] =>
  qualifiedNameRule(name).map((message) => invalid(path, name, message))

/** Whether a selector names nothing, so that it selects everything. */
export const isEmptySelector = (selector: Selector | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions?.length ?? 0) === 0
