import type { FieldError, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { invalid, notSupported } from '../../validation/field-error.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { validateNonNegative } from '../../validation/rules.ts'
import { validateAtMostAll, validateIntOrPercent } from '../apps/workload-validation.ts'

type Budget = Unchecked<k8s.PodDisruptionBudget>

export function validateBudget({ spec = {} }: Budget): FieldError[] {
  const errors: FieldError[] = []
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = {
      MinAvailable: minAvailable,
      Selector: spec.selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: policy ?? null,
    }
    errors.push(invalid('spec', shown, 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const [path, value] of Object.entries({
    'spec.minAvailable': minAvailable,
    'spec.maxUnavailable': maxUnavailable,
  })) {
    if (value !== undefined) errors.push(...validateIntOrPercent(value, path), ...validateAtMostAll(value, path))
  }
  errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
  if (policy !== undefined && policy !== 'AlwaysAllow' && policy !== 'IfHealthyBudget') {
    errors.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, ['AlwaysAllow', 'IfHealthyBudget']))
  }
  return errors
}

export const validateBudgetStatus = ({ status }: Budget): FieldError[] =>
  (['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap((field) =>
    validateNonNegative(status?.[field], `status.${field}`),
  )
