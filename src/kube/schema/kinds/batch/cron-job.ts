import { ageCell, booleanCell, containerCells, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { formatLabelSelector, type LabelSelectorObject } from '../../selector/label-selector.ts'
import { ageOf } from '../../value/duration.ts'
import { selectorColumn, templateColumns } from '../apps/workload-columns.ts'
import { changeWarnings, templateWarnings } from '../core/pod-warnings.ts'
import { validateCronJob, validateCronJobUpdate } from './cron-job-validation.ts'
import { defaultJobTemplateSpec } from './job-spec-defaults.ts'

export const cronJob = defineKind<k8s.CronJob>({
  warningsOnCreate: (object) =>
    templateWarnings(object.metadata, object.spec?.jobTemplate?.spec?.template, 'spec.jobTemplate.spec.template'),
  warningsOnUpdate: changeWarnings(
    (object) => object.spec?.jobTemplate?.spec?.template,
    'spec.jobTemplate.spec.template',
  ),
  defaults({ spec }) {
    if (!spec) return
    spec.concurrencyPolicy ||= 'Allow'
    spec.suspend ??= false
    spec.successfulJobsHistoryLimit ??= 3
    spec.failedJobsHistoryLimit ??= 1
    spec.jobTemplate ??= {}
    spec.jobTemplate.spec ??= {}
    defaultJobTemplateSpec(spec.jobTemplate.spec)
  },
  generation: ['spec'],
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  printer: {
    columns: [
      nameColumn,
      column('Schedule', 'When jobs are made, as cron has it.'),
      column('Timezone', 'Time zone of the schedule.'),
      column('Suspend', 'Whether no jobs are made for now.', 0, 'boolean'),
      column('Active', 'Jobs that are running.', 0, 'integer'),
      column('Last Schedule', 'When a job was last made.'),
      ageColumn,
      ...templateColumns,
      selectorColumn,
    ],
    cells: (cronJob, nowMs) => [
      nameOf(cronJob),
      cronJob.spec?.schedule ?? '',
      cronJob.spec?.timeZone ?? '<none>',
      booleanCell(cronJob.spec?.suspend),
      cronJob.status?.active?.length ?? 0,
      cronJob.status?.lastScheduleTime ? ageOf(cronJob.status.lastScheduleTime, nowMs) : '<none>',
      ageCell(cronJob, nowMs),
      ...containerCells(cronJob.spec?.jobTemplate?.spec?.template?.spec?.containers),
      formatLabelSelector(cronJob.spec?.jobTemplate?.spec?.selector as LabelSelectorObject | undefined),
    ],
  },
})
