import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defaultPodTemplate } from '../core/pod-spec-defaults.ts'

/** Of a job; a cron job's template gets only the template's own defaults, and these once a job is made of it. */
export function defaultJobSpec(spec: Unchecked<k8s.JobSpec>): void {
  defaultJobTemplateSpec(spec)
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2147483647
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  spec.manualSelector ??= false
}

export function defaultJobTemplateSpec(spec: Unchecked<k8s.JobSpec>): void {
  defaultPodTemplate(spec)
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True'
  }
}
