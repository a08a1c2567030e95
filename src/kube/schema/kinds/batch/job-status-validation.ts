import type { FieldError, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, duplicate, invalid, invalidOmitted, required } from '../../validation/field-error.ts'
import { validateNonNegative } from '../../validation/rules.ts'
import { sameJson } from '../../validation/same-json.ts'
import { indexesOf, intervalOf } from './job-indexes.ts'

type Job = Unchecked<k8s.Job>

const is = ({ status }: Job, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false

/** What a job's status may say, and what it may not take back. Only what this write changes is judged. */
export function validateJobStatus(job: Job, old: Job): FieldError[] {
  return [...validateCounts(job), ...validateConditions(job, old), ...validateProgress(job, old)]
}

function validateCounts({ status = {} }: Job): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const) {
    errors.push(...validateNonNegative(status[field], `status.${field}`))
  }
  const seen = new Set<string>()
  for (const field of ['succeeded', 'failed'] as const) {
    status.uncountedTerminatedPods?.[field]?.forEach((uid, i) => {
      const here = at(`status.uncountedTerminatedPods.${field}`, i)
      if (uid === '') errors.push(invalid(here, uid, 'must not be empty'))
      else if (seen.has(uid)) errors.push(duplicate(here, uid))
      seen.add(uid)
    })
  }
  if (status.ready !== undefined && status.ready > (status.active ?? 0)) {
    errors.push(invalid('status.ready', status.ready, 'cannot set more ready pods than active'))
  }
  return errors
}

function validateConditions(job: Job, old: Job): FieldError[] {
  const errors: FieldError[] = []
  const refuse = (sentence: string) => errors.push(invalidOmitted('status.conditions', sentence))
  const [complete, failed, target, met] = ['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet'].map((type) =>
    is(job, type),
  )
  if (complete && failed) refuse('cannot set Complete=True and Failed=true conditions')
  if (complete && target) refuse('cannot set Complete=True and FailureTarget=true conditions')
  if (failed && !target && !is(old, 'Failed')) {
    refuse('cannot set Failed=True condition without the FailureTarget=true condition')
  }
  if (complete && !met && !is(old, 'Complete')) {
    refuse('cannot set Complete=True condition without the SuccessCriteriaMet=true condition')
  }
  if (met && failed) refuse('cannot set SuccessCriteriaMet=True and Failed=true conditions')
  if (met && target) refuse('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (is(old, type) && !is(job, type)) refuse(`cannot disable the terminal ${type}=True condition`)
  }
  if (is(old, 'SuccessCriteriaMet') && !met) refuse('cannot disable the SuccessCriteriaMet=True condition')
  if (is(old, 'Complete') && !is(old, 'SuccessCriteriaMet') && met) {
    refuse('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')
  }
  return errors
}

function validateProgress(job: Job, old: Job): FieldError[] {
  const errors: FieldError[] = []
  const { status = {}, spec = {} } = job
  const before = old.status ?? {}
  const finished = is(job, 'Complete') || is(job, 'Failed')
  const { completionTime, startTime } = status
  if (completionTime && !is(job, 'Complete')) {
    const sentence = 'cannot set completionTime when there is no Complete=True condition'
    errors.push(invalid('status.completionTime', completionTime, sentence))
  }
  if (!completionTime && is(job, 'Complete')) {
    errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'))
  }
  if (completionTime && startTime && completionTime < startTime) {
    errors.push(invalid('status.completionTime', completionTime, 'must be equal to or after `startTime`'))
  }
  if (finished && (status.active ?? 0) > 0) {
    errors.push(invalid('status.active', status.active, 'active>0 is invalid for finished job'))
  }
  if (finished && (status.terminating ?? 0) > 0) {
    errors.push(invalid('status.terminating', status.terminating, 'terminating>0 is invalid for finished job'))
  }
  if (finished && !startTime) errors.push(required('status.startTime', 'startTime is required for finished job'))
  const uncounted = status.uncountedTerminatedPods
  if (finished && (uncounted?.succeeded?.length ?? 0) + (uncounted?.failed?.length ?? 0) > 0) {
    errors.push(invalid('status.uncountedTerminatedPods', uncounted, 'must be empty for finished job'))
  }
  for (const field of ['failed', 'succeeded'] as const) {
    if ((status[field] ?? 0) < (before[field] ?? 0)) {
      errors.push(invalid(`status.${field}`, status[field] ?? 0, `cannot decrease the ${field} counter`))
    }
  }
  if (completionTime && before.completionTime && completionTime !== before.completionTime) {
    errors.push(invalid('status.completionTime', completionTime, 'field is immutable'))
  }
  if (before.startTime && startTime !== before.startTime && !spec.suspend) {
    errors.push(invalid('status.startTime', startTime ?? null, 'field is immutable for unsuspended job once set'))
  }
  errors.push(...validateIndexes(job, old))
  return errors
}

function validateIndexes({ spec = {}, status = {} }: Job, old: Job): FieldError[] {
  const errors: FieldError[] = []
  const { completedIndexes = '', failedIndexes } = status
  if (sameJson([completedIndexes, failedIndexes], [old.status?.completedIndexes ?? '', old.status?.failedIndexes])) {
    return errors
  }
  if (completedIndexes !== '' && spec.completionMode !== 'Indexed') {
    const sentence = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    errors.push(invalid('status.completedIndexes', completedIndexes, sentence))
  }
  if (failedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    const sentence = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'
    errors.push(invalid('status.failedIndexes', failedIndexes, sentence))
  }
  if (spec.completions === undefined) return errors
  for (const [field, text] of [
    ['completedIndexes', completedIndexes],
    ['failedIndexes', failedIndexes ?? ''],
  ] as const) {
    const parsed = indexesOf(text, spec.completions)
    if (typeof parsed === 'string') errors.push(invalid(`status.${field}`, text, `error parsing ${field}: ${parsed}`))
  }
  const both = overlap(completedIndexes, failedIndexes ?? '', spec.completions)
  if (both !== undefined) {
    const sentence = `failedIndexes and completedIndexes overlap at index: ${both}`
    errors.push(invalid('status.failedIndexes', failedIndexes ?? '', sentence))
  }
  return errors
}

function overlap(completed: string, failed: string, completions: number): number | undefined {
  const intervals = (text: string) =>
    text.split(',').flatMap((part) => {
      const interval = part === '' ? '' : intervalOf(part, completions)
      return typeof interval === 'string' ? [] : [interval]
    })
  for (const [from, to] of intervals(completed)) {
    for (const [otherFrom, otherTo] of intervals(failed)) {
      if (from <= otherTo && otherFrom <= to) return Math.max(from, otherFrom)
    }
  }
  return undefined
}
