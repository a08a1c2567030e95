import type { FieldError, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { forbidden, invalid, notSupported } from '../../validation/field-error.ts'
import { qualifiedNameRule } from '../../validation/names.ts'
import { validateName } from '../../validation/rules.ts'

export function validateLease({ spec = {} }: Unchecked<k8s.Lease>): FieldError[] {
  const errors: FieldError[] = []
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions, strategy, preferredHolder } = spec
  if (seconds !== undefined && seconds <= 0) {
    errors.push(invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
  }
  if (transitions !== undefined && transitions < 0) {
    errors.push(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'))
  }
  if (strategy?.includes('/')) errors.push(...validateName(qualifiedNameRule, strategy, 'spec.strategy'))
  else if (strategy !== undefined && strategy !== 'OldestEmulationVersion') {
    errors.push(notSupported('spec.strategy.strategy', strategy, ['OldestEmulationVersion']))
  }
  if (preferredHolder && !strategy) {
    errors.push(forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined'))
  }
  return errors
}
