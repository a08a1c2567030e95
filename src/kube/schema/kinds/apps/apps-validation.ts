import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, forbidden, invalid, notSupported, required } from '../../validation/field-error.ts'
import { dns1123Label } from '../../validation/names.ts'
import { validateImmutable } from '../../validation/object-meta.ts'
import { validateName, validateNonNegative } from '../../validation/rules.ts'
import { sameJson } from '../../validation/same-json.ts'
import { validateClaimSpec } from '../core/claim-validation.ts'
import { validatePodTemplate } from '../core/pod-validation/index.ts'
import {
  amountOf,
  selects,
  validateAtMostAll,
  validateCollisionCount,
  validateCounts,
  validateIntOrPercent,
  validateRunsForEver,
  validateSelector,
  validateTemplate,
} from './workload-validation.ts'

type Deployment = Unchecked<k8s.Deployment>
type ReplicaSet = Unchecked<k8s.ReplicaSet>
type StatefulSet = Unchecked<k8s.StatefulSet>
type DaemonSet = Unchecked<k8s.DaemonSet>

const aboveReplicas = 'cannot be greater than status.replicas'

export function validateDeployment({ spec = {} }: Deployment): FieldError[] {
  const errors = [
    ...validateNonNegative(spec.replicas, 'spec.replicas'),
    ...validateSelector(spec.selector, 'deployment', 'spec.selector'),
    ...validateTemplate(spec.template, spec.selector, 'spec.template', 'ReplicaSet'),
    ...validateStrategy(spec.strategy ?? {}, 'spec.strategy'),
    ...validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ]
  const deadline = spec.progressDeadlineSeconds
  if (deadline !== undefined) {
    errors.push(...validateNonNegative(deadline, 'spec.progressDeadlineSeconds'))
    if (deadline <= (spec.minReadySeconds ?? 0)) {
      errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'))
    }
  }
  return errors
}

function validateStrategy(strategy: Unchecked<k8s.DeploymentStrategy>, path: FieldPath): FieldError[] {
  const { type = '', rollingUpdate } = strategy
  const here = child(path, 'rollingUpdate')
  if (type === 'Recreate') {
    return rollingUpdate ? [forbidden(here, "may not be specified when strategy `type` is 'Recreate'")] : []
  }
  if (type !== 'RollingUpdate') {
    const shown = { Type: type, RollingUpdate: rollingUpdate ? goForm(rollingUpdate) : null }
    return [notSupported(path, shown, ['Recreate', 'RollingUpdate'])]
  }
  if (!rollingUpdate) return [required(here, 'this should be defaulted and never be nil')]
  const { maxUnavailable, maxSurge } = rollingUpdate
  const errors = [
    ...validateIntOrPercent(maxUnavailable, child(here, 'maxUnavailable')),
    ...validateIntOrPercent(maxSurge, child(here, 'maxSurge')),
  ]
  if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0) {
    errors.push(invalid(child(here, 'maxUnavailable'), maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  return [...errors, ...validateAtMostAll(maxUnavailable, child(here, 'maxUnavailable'))]
}

const goForm = ({ maxUnavailable, maxSurge }: Unchecked<k8s.RollingUpdateDeployment>) => ({
  MaxUnavailable: maxUnavailable ?? 0,
  MaxSurge: maxSurge ?? 0,
})

export const validateDeploymentUpdate = (deployment: Deployment, old: Deployment): FieldError[] => [
  ...validateDeployment(deployment),
  ...validateImmutable(deployment.spec?.selector, old.spec?.selector, 'spec.selector'),
]

export const validateDeploymentStatus = ({ status }: Deployment, old: Deployment): FieldError[] => [
  ...validateCounts(
    status as Readonly<Record<string, unknown>>,
    [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ],
    [
      ['updatedReplicas', 'replicas', aboveReplicas],
      ['readyReplicas', 'replicas', aboveReplicas],
      ['availableReplicas', 'replicas', aboveReplicas],
      ['availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'],
    ],
  ),
  ...validateCollisionCount(status, old.status),
]

export const validateReplicaSet = ({ spec = {} }: ReplicaSet): FieldError[] => [
  ...validateNonNegative(spec.replicas, 'spec.replicas'),
  ...validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
  ...validateSelector(spec.selector, 'deployment', 'spec.selector'),
  ...validateTemplate(spec.template, spec.selector, 'spec.template', 'ReplicaSet'),
]

export const validateReplicaSetUpdate = (set: ReplicaSet, old: ReplicaSet): FieldError[] => [
  ...validateReplicaSet(set),
  ...validateImmutable(set.spec?.selector, old.spec?.selector, 'spec.selector'),
]

export const validateReplicaSetStatus = ({ status }: { status?: unknown }): FieldError[] =>
  validateCounts(
    status as Readonly<Record<string, unknown>> | undefined,
    [
      'replicas',
      'fullyLabeledReplicas',
      'readyReplicas',
      'availableReplicas',
      'observedGeneration',
      'terminatingReplicas',
    ],
    [
      ['fullyLabeledReplicas', 'replicas', aboveReplicas],
      ['readyReplicas', 'replicas', aboveReplicas],
      ['availableReplicas', 'replicas', aboveReplicas],
      ['availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'],
    ],
  )

export function validateStatefulSet(set: StatefulSet): FieldError[] {
  const { spec = {} } = set
  const errors = validateStatefulSetSpec(spec)
  spec.volumeClaimTemplates?.forEach((claim, i) => {
    errors.push(...validateClaimSpec(claim.spec ?? {}, child(at('spec.volumeClaimTemplates', i), 'spec')))
  })
  if (spec.serviceName) errors.push(...validateName(dns1123Label, spec.serviceName, 'spec.serviceName'))
  return errors
}

function validateStatefulSetSpec(spec: Unchecked<k8s.StatefulSetSpec>): FieldError[] {
  const errors: FieldError[] = []
  const { podManagementPolicy = '', updateStrategy = {}, template } = spec
  if (podManagementPolicy === '') errors.push(required('spec.podManagementPolicy'))
  else if (podManagementPolicy !== 'OrderedReady' && podManagementPolicy !== 'Parallel') {
    errors.push(invalid('spec.podManagementPolicy', podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"))
  }
  errors.push(...validateUpdateStrategy(updateStrategy))
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    const policy = spec.persistentVolumeClaimRetentionPolicy?.[field] ?? ''
    if (spec.persistentVolumeClaimRetentionPolicy && policy !== 'Retain' && policy !== 'Delete') {
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, policy, ['Retain', 'Delete']))
    }
  }
  errors.push(...validateNonNegative(spec.replicas, 'spec.replicas'))
  errors.push(...validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'))
  errors.push(...validateNonNegative(spec.ordinals?.start, 'spec.ordinals.start'))
  errors.push(...validateSelector(spec.selector, 'statefulset', 'spec.selector'))
  const empty = spec.selector && Object.keys(spec.selector).length === 0
  if (!empty && !selects(spec.selector, template)) {
    const sentence = '`selector` does not match template `labels`'
    errors.push(invalid('spec.template.metadata.labels', template?.metadata?.labels ?? null, sentence))
  }
  errors.push(...validatePodTemplate(withClaims(spec), 'spec.template'))
  errors.push(...validateRunsForEver(template, 'spec.template', 'StatefulSet'))
  return errors
}

/** The template as its pods will be: with names and volumes of their own. */
function withClaims({
  template,
  volumeClaimTemplates = [],
}: Unchecked<k8s.StatefulSetSpec>): Unchecked<k8s.PodTemplateSpec> {
  const { subdomain: _subdomain, hostname: _hostname, ...podSpec } = template?.spec ?? {}
  if (volumeClaimTemplates.length === 0) return { ...template, spec: podSpec }
  const names = volumeClaimTemplates.map((claim) => claim.metadata?.name ?? '')
  const claims = names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  const others = (podSpec.volumes ?? []).filter((volume) => !names.includes(volume.name ?? ''))
  return { ...template, spec: { ...podSpec, volumes: [...claims, ...others] } }
}

function validateUpdateStrategy(strategy: Unchecked<k8s.StatefulSetUpdateStrategy>): FieldError[] {
  const path = 'spec.updateStrategy'
  const { type = '', rollingUpdate } = strategy
  if (type === '') return [required(path)]
  const shown = rollingUpdate && {
    Partition: rollingUpdate.partition ?? 0,
    MaxUnavailable: rollingUpdate.maxUnavailable ?? null,
  }
  if (type === 'OnDelete') {
    const sentence = "only allowed for updateStrategy 'RollingUpdate'"
    return rollingUpdate ? [invalid(child(path, 'rollingUpdate'), shown, sentence)] : []
  }
  if (type !== 'RollingUpdate') {
    return [invalid(path, { Type: type, RollingUpdate: shown ?? null }, "must be 'RollingUpdate' or 'OnDelete'")]
  }
  const errors = validateNonNegative(rollingUpdate?.partition, child(path, 'rollingUpdate', 'partition'))
  const most = rollingUpdate?.maxUnavailable
  if (most === undefined) return errors
  const here = child(path, 'rollingUpdate', 'maxUnavailable')
  errors.push(...validateIntOrPercent(most, here))
  if (amountOf(most) === 0) errors.push(invalid(here, most, 'cannot be 0'))
  return [...errors, ...validateAtMostAll(most, here)]
}

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const

export function validateStatefulSetUpdate({ spec = {} }: StatefulSet, old: StatefulSet): FieldError[] {
  const errors = validateStatefulSetSpec(spec)
  const munged: Record<string, unknown> = { ...spec }
  for (const field of changeable) munged[field] = old.spec?.[field]
  if (!sameJson(munged, old.spec)) {
    errors.push(
      forbidden(
        'spec',
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
    )
  }
  return errors
}

export const validateStatefulSetStatus = ({ status }: StatefulSet, old: StatefulSet): FieldError[] => [
  ...validateCounts(
    status as Readonly<Record<string, unknown>>,
    [
      'replicas',
      'readyReplicas',
      'currentReplicas',
      'updatedReplicas',
      'availableReplicas',
      'observedGeneration',
      'collisionCount',
    ],
    [
      ['readyReplicas', 'replicas', aboveReplicas],
      ['currentReplicas', 'replicas', aboveReplicas],
      ['updatedReplicas', 'replicas', aboveReplicas],
      ['availableReplicas', 'replicas', aboveReplicas],
      ['availableReplicas', 'readyReplicas', 'cannot be greater than status.readyReplicas'],
    ],
  ),
  ...validateCollisionCount(status, old.status),
]

export function validateDaemonSet({ spec = {} }: DaemonSet): FieldError[] {
  const errors: FieldError[] = []
  const { selector, template, updateStrategy } = spec
  if (selector) errors.push(...validateSelector(selector, 'daemonset', 'spec.selector'))
  if (!selects(selector, template)) {
    const sentence = '`selector` does not match template `labels`'
    errors.push(invalid('spec.template.metadata.labels', template?.metadata?.labels ?? null, sentence))
  }
  errors.push(...validatePodTemplate(template ?? {}, 'spec.template'))
  errors.push(...validateRunsForEver(template, 'spec.template', 'DaemonSet'))
  errors.push(...validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'))
  errors.push(...validateDaemonStrategy(updateStrategy ?? {}, 'spec.updateStrategy'))
  errors.push(...validateNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'))
  return errors
}

function validateDaemonStrategy(strategy: Unchecked<k8s.DaemonSetUpdateStrategy>, path: FieldPath): FieldError[] {
  const { type = '', rollingUpdate } = strategy
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate') {
    const shown = { Type: type, RollingUpdate: rollingUpdate ? goForm(rollingUpdate) : null }
    return [notSupported(path, shown, ['RollingUpdate', 'OnDelete'])]
  }
  const here = child(path, 'rollingUpdate')
  if (!rollingUpdate) return [required(here)]
  const { maxUnavailable, maxSurge } = rollingUpdate
  const errors: FieldError[] = []
  for (const check of [validateIntOrPercent, validateAtMostAll]) {
    errors.push(...check(maxUnavailable, child(here, 'maxUnavailable')), ...check(maxSurge, child(here, 'maxSurge')))
  }
  const [unavailable, surge] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0]
  if (unavailable && surge) {
    errors.push(invalid(child(here, 'maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero'))
  } else if (!unavailable && !surge) {
    errors.push(required(child(here, 'maxUnavailable'), 'cannot be 0 when maxSurge is 0'))
  }
  return errors
}

export const validateDaemonSetUpdate = (set: DaemonSet, old: DaemonSet): FieldError[] => [
  ...validateImmutable(set.spec?.selector, old.spec?.selector, 'spec.selector'),
  ...validateDaemonSet(set),
]

export const validateDaemonSetStatus = ({ status }: DaemonSet, old: DaemonSet): FieldError[] => [
  ...validateCounts(
    status as Readonly<Record<string, unknown>>,
    [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ],
    [],
  ),
  ...validateCollisionCount(status, old.status),
]

export function validateControllerRevision({ revision, data }: Unchecked<k8s.ControllerRevision>): FieldError[] {
  const errors = validateNonNegative(revision, 'revision')
  if (data === undefined || data === null) errors.push(required('data', 'data is mandatory'))
  else if (typeof data !== 'object' || Array.isArray(data)) {
    errors.push(required('data', 'data must be a valid JSON object'))
  }
  return errors
}

export const validateControllerRevisionUpdate = (
  now: Unchecked<k8s.ControllerRevision>,
  old: Unchecked<k8s.ControllerRevision>,
): FieldError[] => [...validateNonNegative(now.revision, 'revision'), ...validateImmutable(now.data, old.data, 'data')]
