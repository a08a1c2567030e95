import type { FieldError, FieldPath } from '../contract.ts'
import { isNegativeQuantity, isZeroQuantity, parseQuantity } from '../value/quantity.ts'
import { invalid, notSupported, required } from './field-error.ts'
import type { NameRule } from './names.ts'

/** Each sentence of a name's rule as an error at `path`. */
export const validateName = (rule: NameRule, value: string, path: FieldPath): FieldError[] =>
  rule(value).map((message) => invalid(path, value, message))

export const validateNonNegative = (value: number | undefined, path: FieldPath): FieldError[] =>
  (value ?? 0) < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : []

export const validatePositive = (value: number | undefined, path: FieldPath): FieldError[] =>
  (value ?? 0) <= 0 ? [invalid(path, value ?? 0, 'must be greater than zero')] : []

export const validateNonNegativeQuantity = (value: string | number, path: FieldPath): FieldError[] =>
  isNegativeQuantity(value) ? [invalid(path, String(value), 'must be greater than or equal to 0')] : []

export const validatePositiveQuantity = (value: string | number, path: FieldPath): FieldError[] =>
  isNegativeQuantity(value) || isZeroQuantity(value) ? [invalid(path, String(value), 'must be greater than zero')] : []

/** A value that must be there and be one of few, which are named in the order given. */
export function validateEnum(value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] {
  if (!value) return [required(path)]
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

export const isWhole = (value: string | number): boolean => parseQuantity(value).nanos % 1_000_000_000n === 0n
