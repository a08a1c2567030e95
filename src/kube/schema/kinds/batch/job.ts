import { ageCell, containerCells, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { formatLabelSelector, type LabelSelectorObject } from '../../selector/label-selector.ts'
import { humanDuration } from '../../value/duration.ts'
import { selectorColumn, templateColumns } from '../apps/workload-columns.ts'
import { changeWarnings, templateWarnings } from '../core/pod-warnings.ts'
import { defaultJobSpec } from './job-spec-defaults.ts'
import { validateJobStatus } from './job-status-validation.ts'
import { nameLabel, oldNameLabel, oldUidLabel, uidLabel, validateJob, validateJobUpdate } from './job-validation.ts'

type Job = Unchecked<k8s.Job>

export const job = defineKind<k8s.Job>({
  warningsOnCreate: (object) => templateWarnings(object.metadata, object.spec?.template, 'spec.template'),
  warningsOnUpdate: changeWarnings((object) => object.spec?.template, 'spec.template'),
  defaults(job) {
    if (!job.spec) return
    defaultJobSpec(job.spec)
    const labels = job.spec.template?.metadata?.labels
    if (labels && job.metadata && Object.keys(job.metadata.labels ?? {}).length === 0) {
      job.metadata.labels = { ...labels }
    }
  },
  generation: ['spec'],
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  subresources: { status: { validateUpdate: validateJobStatus } },
  prepareForCreate(job) {
    generateSelector(job)
    delete job.status
    job.status = {}
  },
  printer: {
    columns: [
      nameColumn,
      column('Status', 'How far the job is.'),
      column('Completions', 'Pods that succeeded, of those that must.'),
      column('Duration', 'How long the job takes or took.'),
      ageColumn,
      ...templateColumns,
      selectorColumn,
    ],
    cells: (job, nowMs) => [
      nameOf(job),
      statusOf(job),
      completionsOf(job),
      durationOf(job, nowMs),
      ageCell(job, nowMs),
      ...containerCells(job.spec?.template?.spec?.containers),
      formatLabelSelector(job.spec?.selector as LabelSelectorObject | undefined),
    ],
  },
  fields: {
    supported: ['status.successful'],
    refusal: 'field label "%s" not supported for Job',
    of: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
  },
})

/**
 * Without manualSelector, a job finds its pods by its own uid. "The labels are added to the template and the selector is
 * made of the new uid label."
 */
function generateSelector(job: Job): void {
  const { spec, metadata } = job
  if (!spec || !metadata || spec.manualSelector) return
  spec.template ??= {}
  spec.template.metadata ??= {}
  spec.template.metadata.labels ??= {}
  const { labels } = spec.template.metadata
  const { uid = '', name = '' } = metadata
  // what a user wrote there himself is for the validation to refuse
  labels[oldUidLabel] ??= uid
  labels[oldNameLabel] ??= name
  labels[uidLabel] ??= uid
  labels[nameLabel] ??= name
  spec.selector ??= {}
  spec.selector.matchLabels ??= {}
  spec.selector.matchLabels[uidLabel] ??= uid
}

const is = ({ status }: Job, type: string): boolean =>
  status?.conditions?.find((condition) => condition.type === type)?.status === 'True'

function statusOf(job: Job): string {
  if (is(job, 'Complete')) return 'Complete'
  if (is(job, 'Failed')) return 'Failed'
  if (job.metadata?.deletionTimestamp) return 'Terminating'
  for (const state of ['Suspended', 'FailureTarget', 'SuccessCriteriaMet']) if (is(job, state)) return state
  return 'Running'
}

function completionsOf({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0
  if (spec?.completions !== undefined) return `${done}/${spec.completions}`
  const parallelism = spec?.parallelism ?? 0
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`
}

function durationOf({ status }: Job, nowMs: number): string {
  if (!status?.startTime) return ''
  const end = status.completionTime ? Date.parse(status.completionTime) : nowMs
  return humanDuration(end - Date.parse(status.startTime))
}
