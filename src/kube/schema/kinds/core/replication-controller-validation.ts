import type { FieldError, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { matchesLabels } from '../../selector/label-selector.ts'
import { invalid, required } from '../../validation/field-error.ts'
import { validateNonNegative } from '../../validation/rules.ts'
import { validateRunsForEver } from '../apps/workload-validation.ts'
import { validatePodTemplate } from './pod-validation/index.ts'

export function validateReplicationController({ spec = {} }: Unchecked<k8s.ReplicationController>): FieldError[] {
  const { selector = {}, template, replicas } = spec
  const errors = validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds')
  const wanted = Object.entries(selector).map(([key, value = '']) => ({ key, operator: '=', values: [value] }) as const)
  if (wanted.length === 0) errors.push(required('spec.selector'))
  if (replicas === undefined) errors.push(required('spec.replicas'))
  errors.push(...validateNonNegative(replicas, 'spec.replicas'))
  if (!template) return [...errors, required('spec.template')]
  const labels = template.metadata?.labels
  if (!matchesLabels(wanted, (labels ?? {}) as Record<string, string>)) {
    const sentence = '`selector` does not match template `labels`'
    errors.push(invalid('spec.template.metadata.labels', labels ?? null, sentence))
  }
  errors.push(...validatePodTemplate(template, 'spec.template'))
  errors.push(...validateRunsForEver(template, 'spec.template', 'ReplicationController'))
  return errors
}
