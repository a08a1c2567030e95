import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import {
  at,
  child,
  duplicate,
  invalid,
  invalidOmitted,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../validation/field-error.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { dns1123Label, dns1123Subdomain, qualifiedNameRule, regexError } from '../../validation/names.ts'
import { validateImmutable } from '../../validation/object-meta.ts'
import { validateName, validateNonNegative } from '../../validation/rules.ts'
import { sameJson } from '../../validation/same-json.ts'
import { internalForm } from '../../validation/spec-diff.ts'
import { selects } from '../apps/workload-validation.ts'
import { validatePodTemplate } from '../core/pod-validation/index.ts'
import { indexesOf } from './job-indexes.ts'

type Job = Unchecked<k8s.Job>
type JobSpec = Unchecked<k8s.JobSpec>

export const uidLabel = 'batch.kubernetes.io/controller-uid'
export const nameLabel = 'batch.kubernetes.io/job-name'
export const oldUidLabel = 'controller-uid'
export const oldNameLabel = 'job-name'

export function validateJob(job: Job): FieldError[] {
  const { spec = {}, metadata } = job
  const errors = [...validateGeneratedSelector(job), ...validateSelectedSpec(spec, 'spec')]
  if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 0) {
    const hostname = `${metadata?.name ?? ''}-${(spec.completions ?? 0) - 1}`
    if (dns1123Label(hostname).length > 0) {
      const sentence = `will not able to create pod with invalid DNS label: ${hostname}`
      errors.push(invalid('metadata.name', metadata?.name ?? '', sentence))
    }
  }
  return errors
}

function validateGeneratedSelector({ metadata, spec }: Job): FieldError[] {
  if (spec?.manualSelector || !spec?.selector) return []
  const errors: FieldError[] = []
  const { uid = '', name = '' } = metadata ?? {}
  if (uid === '') errors.push(required('metadata.uid'))
  const labels = spec.template?.metadata?.labels ?? {}
  const expected: Record<string, string> = {
    [oldUidLabel]: uid,
    [oldNameLabel]: name,
    [uidLabel]: uid,
    [nameLabel]: name,
  }
  for (const [key, value] of Object.entries(expected)) {
    const here = at('spec.template.metadata.labels', key)
    const actual = labels[key]
    if (actual === undefined) errors.push(required(here, `must be '${value}'`))
    else if (actual !== value) errors.push(invalid(here, labels, `must be '${value}'`))
  }
  if (!selects(spec.selector, { metadata: { labels: expected } })) {
    errors.push(invalid('spec.selector', spec.selector, '`selector` not auto-generated'))
  }
  return errors
}

function validateSelectedSpec(spec: JobSpec, path: FieldPath): FieldError[] {
  const errors = validateJobSpec(spec, path)
  if (!spec.selector) errors.push(required(child(path, 'selector')))
  else errors.push(...validateLabelSelector(spec.selector, child(path, 'selector')))
  if (!selects(spec.selector, spec.template)) {
    const labels = spec.template?.metadata?.labels ?? null
    const sentence = '`selector` does not match template `labels`'
    errors.push(invalid(child(path, 'template', 'metadata', 'labels'), labels, sentence))
  }
  return errors
}

/** Everything of a job's spec but its selector: cron jobs have it too. */
export function validateJobSpec(spec: JobSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const counters = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const
  for (const field of counters) errors.push(...validateNonNegative(spec[field], child(path, field)))
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(child(path, 'backoffLimitPerIndex'), 'when maxFailedIndexes is specified'))
  }
  if (spec.managedBy !== undefined) {
    errors.push(...validateDomainPath(spec.managedBy, child(path, 'managedBy')))
    if (spec.managedBy.length > 63) errors.push(tooLong(child(path, 'managedBy'), 63))
  }
  errors.push(...validateCompletionMode(spec, path))
  if (spec.podFailurePolicy) errors.push(...validateFailurePolicy(spec, child(path, 'podFailurePolicy')))
  if (spec.successPolicy) errors.push(...validateSuccessPolicy(spec, child(path, 'successPolicy')))
  const replacement = spec.podReplacementPolicy
  const replacements = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  if (replacement !== undefined && !replacements.includes(replacement)) {
    errors.push(notSupported(child(path, 'podReplacementPolicy'), replacement, replacements))
  }
  errors.push(...validatePodTemplate(spec.template ?? {}, child(path, 'template')))
  errors.push(...validateRestartPolicy(spec, child(path, 'template', 'spec', 'restartPolicy')))
  return errors
}

function validateRestartPolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  const policy = spec.template?.spec?.restartPolicy ?? ''
  if (policy === 'Always' || policy === '') return [required(path, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(path, policy, ['OnFailure', 'Never'])]
  if (!spec.podFailurePolicy || policy === 'Never') return []
  return [invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')]
}

export function validateDomainPath(value: string, path: FieldPath): FieldError[] {
  if (value === '') return [required(path)]
  const slash = value.indexOf('/')
  const [host, rest] = [value.slice(0, slash), value.slice(slash + 1)]
  if (slash <= 0 || rest === '') {
    return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  }
  const errors = validateName(dns1123Subdomain, host, path)
  const form = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest))
    errors.push(invalid(path, rest, regexError('Invalid path', form)))
  return errors
}

function validateCompletionMode(spec: JobSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { completionMode: mode, completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed') {
    errors.push(notSupported(child(path, 'completionMode'), mode, ['NonIndexed', 'Indexed']))
  }
  const refuse = (field: keyof JobSpec, value: unknown, sentence: string) =>
    errors.push(invalid(child(path, field), value, sentence))
  if (mode === undefined || mode === 'NonIndexed') {
    const needs = 'requires indexed completion mode'
    if (backoffLimitPerIndex !== undefined) refuse('backoffLimitPerIndex', backoffLimitPerIndex, needs)
    if (maxFailedIndexes !== undefined) refuse('maxFailedIndexes', maxFailedIndexes, needs)
  }
  if (mode !== 'Indexed') return errors
  if (completions === undefined) {
    errors.push(required(child(path, 'completions'), 'when completion mode is Indexed'))
  }
  if (parallelism > 100000) {
    refuse('parallelism', parallelism, 'must be less than or equal to 100000 when completion mode is Indexed')
  }
  if (maxFailedIndexes !== undefined) {
    if (completions !== undefined && maxFailedIndexes > completions) {
      refuse('maxFailedIndexes', maxFailedIndexes, 'must be less than or equal to completions')
    }
    if (maxFailedIndexes > 100000) refuse('maxFailedIndexes', maxFailedIndexes, 'must be less than or equal to 100000')
  }
  if ((completions ?? 0) <= 100000 || backoffLimitPerIndex === undefined) return errors
  const limit =
    'must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index'
  if (maxFailedIndexes === undefined) {
    errors.push(required(child(path, 'maxFailedIndexes'), 'must be specified when completions is above 100000'))
  }
  if (parallelism > 10000) refuse('parallelism', parallelism, limit)
  if ((maxFailedIndexes ?? 0) > 10000) refuse('maxFailedIndexes', maxFailedIndexes, limit)
  return errors
}

const quotedList = (values: readonly string[]): string => `[${values.map((v) => `"${v}"`).join(' ')}]`
const failureActions = ['Count', 'FailIndex', 'FailJob', 'Ignore']

function validateFailurePolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? []
  const errors: FieldError[] = []
  if (rules.length > 20) errors.push(tooMany(child(path, 'rules'), rules.length, 20))
  const podSpec = spec.template?.spec
  const names = new Set([...(podSpec?.containers ?? []), ...(podSpec?.initContainers ?? [])].map((c) => c.name))
  rules.forEach(({ action = '', onExitCodes, onPodConditions = [] }, i) => {
    const here = at(child(path, 'rules'), i)
    if (action === '') errors.push(required(child(here, 'action'), `valid values: ${quotedList(failureActions)}`))
    else if (action === 'FailIndex') {
      if (spec.backoffLimitPerIndex === undefined) {
        errors.push(invalid(child(here, 'action'), action, 'requires the backoffLimitPerIndex to be set'))
      }
    } else if (!failureActions.includes(action)) {
      errors.push(notSupported(child(here, 'action'), action, failureActions))
    }
    if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, names, child(here, 'onExitCodes')))
    if (onPodConditions.length > 20) {
      errors.push(tooMany(child(here, 'onPodConditions'), onPodConditions.length, 20))
    }
    onPodConditions.forEach(({ type = '', status = '' }, j) => {
      const pattern = at(child(here, 'onPodConditions'), j)
      const statuses = ['False', 'True', 'Unknown']
      errors.push(...validateName(qualifiedNameRule, type, child(pattern, 'type')))
      if (status === '') errors.push(required(child(pattern, 'status'), `valid values: ${quotedList(statuses)}`))
      else if (!statuses.includes(status)) errors.push(notSupported(child(pattern, 'status'), status, statuses))
    })
    if (onExitCodes && onPodConditions.length > 0) {
      errors.push(invalidOmitted(here, 'specifying both OnExitCodes and OnPodConditions is not supported'))
    }
    if (!onExitCodes && onPodConditions.length === 0) {
      errors.push(invalidOmitted(here, 'specifying one of OnExitCodes and OnPodConditions is required'))
    }
  })
  return errors
}

function validateExitCodes(
  { operator = '', containerName, ...rest }: Unchecked<k8s.PodFailurePolicyOnExitCodesRequirement>,
  names: ReadonlySet<string | undefined>,
  path: FieldPath,
): FieldError[] {
  const values = rest.values ?? []
  const errors: FieldError[] = []
  const operators = ['In', 'NotIn']
  if (operator === '') errors.push(required(child(path, 'operator'), `valid values: ${quotedList(operators)}`))
  else if (!operators.includes(operator)) errors.push(notSupported(child(path, 'operator'), operator, operators))
  if (containerName !== undefined && !names.has(containerName)) {
    const sentence = 'must be one of the container or initContainer names in the pod template'
    errors.push(invalid(child(path, 'containerName'), containerName, sentence))
  }
  const here = child(path, 'values')
  if (values.length === 0) errors.push(invalid(here, values, 'at least one value is required'))
  else if (values.length > 255) errors.push(tooMany(here, values.length, 255))
  const seen = new Set<number>()
  values.forEach((value, i) => {
    if (operator === 'In' && value === 0) errors.push(invalid(at(here, i), value, 'must not be 0 for the In operator'))
    if (seen.has(value)) errors.push(duplicate(at(here, i), value))
    seen.add(value)
  })
  if (values.some((value, i) => i > 0 && (values[i - 1] ?? value) > value)) {
    errors.push(invalid(here, values, 'must be ordered'))
  }
  return errors
}

function validateSuccessPolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  if (spec.completionMode !== 'Indexed') {
    return [invalid(path, { Rules: spec.successPolicy?.rules ?? null }, 'requires indexed completion mode')]
  }
  const rules = spec.successPolicy?.rules ?? []
  const completions = spec.completions ?? 0
  const errors: FieldError[] = []
  if (rules.length === 0) {
    const sentence = 'at least one rules must be specified when the successPolicy is specified'
    errors.push(required(child(path, 'rules'), sentence))
  }
  if (rules.length > 20) errors.push(tooMany(child(path, 'rules'), rules.length, 20))
  rules.forEach(({ succeededCount: count, succeededIndexes: indexes }, i) => {
    const here = at(child(path, 'rules'), i)
    if (count === undefined && indexes === undefined) {
      errors.push(required(here, 'at least one of succeededCount or succeededIndexes must be specified'))
    }
    let total = 0
    if (indexes !== undefined) {
      if (indexes.length > 65536) errors.push(tooLong(child(here, 'succeededIndexes'), 65536))
      const parsed = indexesOf(indexes, completions)
      if (typeof parsed === 'number') total = parsed
      else errors.push(invalid(child(here, 'succeededIndexes'), indexes, `error parsing succeededIndexes: ${parsed}`))
    }
    if (count === undefined) return
    const where = child(here, 'succeededCount')
    errors.push(...validateNonNegative(count, where))
    if (count > completions) {
      const sentence = `must be less than or equal to ${completions} (the number of specified completions)`
      errors.push(invalid(where, count, sentence))
    }
    if (indexes !== undefined && count > total) {
      const sentence = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`
      errors.push(invalid(where, count, sentence))
    }
  })
  return errors
}

export function validateJobUpdate({ spec = {} }: Job, old: Job): FieldError[] {
  const before = old.spec ?? {}
  const errors = [...validateSelectedSpec(spec, 'spec')]
  if (spec.completionMode !== 'Indexed') {
    errors.push(...validateImmutable(spec.completions, before.completions, 'spec.completions'))
  } else if (spec.completions !== before.completions && spec.completions !== undefined) {
    if (spec.completions !== spec.parallelism) {
      errors.push(invalid('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism'))
    }
  }
  errors.push(...validateImmutable(spec.selector, before.selector, 'spec.selector'))
  errors.push(...validateTemplateUpdate(spec, old))
  for (const field of [
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ] as const) {
    errors.push(...validateImmutable(spec[field], before[field], child('spec', field)))
  }
  return errors
}

const shownAs = (form: string) => (value: unknown) => internalForm(form, Object(value))

/** The template of a suspended job may still change where its pods go and what they ask for. */
function validateTemplateUpdate(spec: JobSpec, old: Job): FieldError[] {
  const template = spec.template ?? {}
  const before = structuredClone(old.spec?.template ?? {})
  const suspended = old.spec?.suspend ?? false
  const condition = old.status?.conditions?.some((c) => c.type === 'Suspended' && c.status === 'True') ?? false
  if (suspended && (condition || !old.status?.startTime)) {
    const [now, then] = [template.spec ?? {}, before.spec ?? {}]
    before.spec = then
    const affinity = { ...then.affinity, nodeAffinity: now.affinity?.nodeAffinity }
    then.affinity = sameJson(affinity, {}) ? now.affinity : affinity
    then.nodeSelector = now.nodeSelector
    then.tolerations = now.tolerations
    then.schedulingGates = now.schedulingGates
    before.metadata = {
      ...before.metadata,
      annotations: template.metadata?.annotations,
      labels: template.metadata?.labels,
    }
  }
  if (!suspended) return validateImmutable(template, before, 'spec.template', shownAs('PodTemplateSpec'))
  for (const field of ['containers', 'initContainers'] as const) {
    const [now, then] = [template.spec?.[field] ?? [], before.spec?.[field] ?? []]
    if (now.length !== then.length) continue
    then.forEach((container, i) => {
      if (container.name === now[i]?.name) container.resources = now[i]?.resources
    })
  }
  return validateImmutable(template.spec, before.spec, 'spec.template.spec', shownAs('PodSpec'))
}
