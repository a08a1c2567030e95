import type { FieldError, FieldPath } from '../../../contract.ts'
import { invalid } from '../../../validation/field-error.ts'

export const fileModeMessage = 'must be a number between 0 and 0777 (octal), both inclusive'

export const validateFileMode = (mode: number | undefined, path: FieldPath): FieldError[] =>
  mode !== undefined && (mode > 0o777 || mode < 0) ? [invalid(path, mode, fileModeMessage)] : []

export const validateNoBacksteps = (target: string, path: FieldPath): FieldError[] =>
  target.split('/').includes('..') ? [invalid(path, target, "must not contain '..'")] : []

/** A path below the place where it is used. */
export function validateLocalPath(target: string, path: FieldPath): FieldError[] {
  const errors = target.startsWith('/') ? [invalid(path, target, 'must be a relative path')] : []
  return [...errors, ...validateNoBacksteps(target, path)]
}

/** The same, whose name is not one of the kubelet's own (`..data`). */
export function validateLocalUnreservedPath(target: string, path: FieldPath): FieldError[] {
  const errors = validateLocalPath(target, path)
  if (target.startsWith('..') && !target.startsWith('../')) {
    errors.push(invalid(path, target, "must not start with '..'"))
  }
  return errors
}
