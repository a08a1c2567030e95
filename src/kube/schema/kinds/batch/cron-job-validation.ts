import { type FieldError, type FieldPath, SyntaxProblem, type Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { invalid, notSupported, required } from '../../validation/field-error.ts'
import { validateEnum, validateNonNegative } from '../../validation/rules.ts'
import { isTimeZone, parseCronSchedule } from './cron-schedule.ts'
import { validateJobSpec } from './job-validation.ts'

type CronJob = Unchecked<k8s.CronJob>

export function validateCronJob(cronJob: CronJob): FieldError[] {
  const errors = validateSpec(cronJob, undefined)
  const name = cronJob.metadata?.name ?? ''
  // eleven characters are for the time that the names of its jobs end in
  if (name.length > 52) errors.push(invalid('metadata.name', name, 'must be no more than 52 characters'))
  return errors
}

export const validateCronJobUpdate = (cronJob: CronJob, old: CronJob): FieldError[] => validateSpec(cronJob, old)

function validateSpec({ spec = {} }: CronJob, old: CronJob | undefined): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.schedule) errors.push(required('spec.schedule'))
  else errors.push(...validateSchedule(spec.schedule, old?.spec?.schedule ?? '', spec.timeZone, 'spec.schedule'))
  errors.push(...validateNonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'))
  if (old?.spec?.timeZone !== spec.timeZone || !old) errors.push(...validateTimeZone(spec.timeZone, 'spec.timeZone'))
  errors.push(...validateEnum(spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], 'spec.concurrencyPolicy'))
  const template = spec.jobTemplate?.spec ?? {}
  errors.push(...validateJobSpec(template, 'spec.jobTemplate.spec'))
  if (template.selector) {
    errors.push(invalid('spec.jobTemplate.spec.selector', template.selector, '`selector` will be auto-generated'))
  }
  if (template.manualSelector) {
    errors.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']))
  }
  errors.push(...validateNonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'))
  errors.push(...validateNonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'))
  return errors
}

function validateSchedule(
  schedule: string,
  before: string,
  timeZone: string | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  try {
    parseCronSchedule(schedule)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    errors.push(invalid(path, schedule, error.message))
  }
  if (!schedule.includes('TZ')) return errors
  if (!before.includes('TZ')) {
    errors.push(invalid(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
  } else if (timeZone !== undefined) {
    errors.push(invalid(path, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'))
  }
  return errors
}

function validateTimeZone(timeZone: string | undefined, path: FieldPath): FieldError[] {
  if (timeZone === undefined) return []
  if (timeZone === '') return [invalid(path, timeZone, 'timeZone must be nil or non-empty string')]
  const unknown = invalid(path, timeZone, `unknown time zone ${timeZone}`)
  for (const part of timeZone.split('/')) {
    if (part === '.' || part === '..' || part.startsWith('-') || !/^[A-Za-z.\-_0-9+]{1,14}$/.test(part))
      return [unknown]
  }
  if (timeZone.toLowerCase() === 'local') {
    const sentence = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    return [invalid(path, timeZone, sentence)]
  }
  return isTimeZone(timeZone) ? [] : [unknown]
}
