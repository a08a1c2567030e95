import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { type LabelSelectorObject, labelSelectorRequirements, matchesLabels } from '../../selector/label-selector.ts'
import { child, forbidden, invalid, notSupported, required } from '../../validation/field-error.ts'
import { isEmptySelector, type Selector, validateLabelSelector } from '../../validation/label-selector.ts'
import { percent } from '../../validation/names.ts'
import { validateNonNegative } from '../../validation/rules.ts'
import { validatePodTemplate } from '../core/pod-validation/index.ts'

type Template = Unchecked<k8s.PodTemplateSpec> | undefined

/** A selector of pods that must be there and select something. */
export function validateSelector(selector: Selector | undefined, kind: string, path: FieldPath): FieldError[] {
  if (!selector) return [required(path)]
  const errors = validateLabelSelector(selector, path)
  if (isEmptySelector(selector)) errors.push(invalid(path, selector, `empty selector is invalid for ${kind}`))
  return errors
}

/** Whether pods of the template would be found by the selector; a missing selector finds nothing. */
export function selects(selector: Selector | undefined, template: Template): boolean {
  if (!isReadable(selector)) return true
  const requirements = labelSelectorRequirements(selector as LabelSelectorObject | undefined)
  return requirements !== undefined && matchesLabels(requirements, template?.metadata?.labels as Record<string, string>)
}

const known = ['In', 'NotIn', 'Exists', 'DoesNotExist']
const isReadable = (selector: Selector | undefined): boolean =>
  (selector?.matchExpressions ?? []).every(({ operator }) => known.includes(operator ?? ''))

/** The template of pods that run for ever and are found by a selector. */
export function validateTemplate(
  template: Template,
  selector: Selector | undefined,
  path: FieldPath,
  kind: string,
  unreadable = 'invalid label selector',
): FieldError[] {
  if (!isReadable(selector)) {
    return [invalid(path.replace(/template$/, 'selector'), selector, unreadable)]
  }
  const errors: FieldError[] = []
  if (!(selector && isEmptySelector(selector)) && !selects(selector, template)) {
    errors.push(
      invalid(
        child(path, 'metadata', 'labels'),
        template?.metadata?.labels ?? null,
        '`selector` does not match template `labels`',
      ),
    )
  }
  errors.push(...validatePodTemplate(template ?? {}, path))
  errors.push(...validateRunsForEver(template, path, kind))
  return errors
}

export function validateRunsForEver(template: Template, path: FieldPath, kind: string): FieldError[] {
  const errors: FieldError[] = []
  const restartPolicy = template?.spec?.restartPolicy ?? ''
  if (restartPolicy !== 'Always') {
    errors.push(notSupported(child(path, 'spec', 'restartPolicy'), restartPolicy, ['Always']))
  }
  if (template?.spec?.activeDeadlineSeconds !== undefined) {
    const sentence = `activeDeadlineSeconds in ${kind} is not Supported`
    errors.push(forbidden(child(path, 'spec', 'activeDeadlineSeconds'), sentence))
  }
  return errors
}

type IntOrPercent = number | string | undefined

/** A count, or a percentage. */
export function validateIntOrPercent(value: IntOrPercent, path: FieldPath): FieldError[] {
  if (typeof value === 'string') return percent(value).map((message) => invalid(path, value, message))
  return validateNonNegative(value, path)
}

export function validateAtMostAll(value: IntOrPercent, path: FieldPath): FieldError[] {
  if (typeof value !== 'string' || percent(value).length > 0) return []
  return Number.parseInt(value, 10) > 100 ? [invalid(path, value, 'must not be greater than 100%')] : []
}

/** The number of a count or of a percentage. */
export function amountOf(value: IntOrPercent): number {
  if (typeof value === 'number') return value
  if (value === undefined) return 0
  const number = Number.parseInt(value, 10)
  return Number.isNaN(number) ? 0 : number
}

type Counts = Readonly<Record<string, unknown>>

/** Counters of a status: none negative, none above another. */
export function validateCounts(
  status: Counts | undefined,
  fields: readonly string[],
  bounds: readonly (readonly [field: string, of: string, sentence: string])[],
): FieldError[] {
  const count = (field: string): number => (typeof status?.[field] === 'number' ? (status[field] as number) : 0)
  const errors = fields.flatMap((field) => validateNonNegative(count(field), child('status', field)))
  for (const [field, of, sentence] of bounds) {
    if (count(field) > count(of)) errors.push(invalid(child('status', field), count(field), sentence))
  }
  return errors
}

export function validateCollisionCount(
  status: { collisionCount?: number | undefined } | undefined,
  old: { collisionCount?: number | undefined } | undefined,
): FieldError[] {
  const [now, before] = [status?.collisionCount, old?.collisionCount]
  if (before === undefined || (now !== undefined && now >= before)) return []
  return [invalid('status.collisionCount', now ?? 0, 'cannot be decremented')]
}
