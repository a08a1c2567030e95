import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, forbidden, invalid, notSupported, required } from '../../validation/field-error.ts'
import { dns1123Label, pathSegmentName } from '../../validation/names.ts'
import { validateName, validateNonNegative, validateNonNegativeQuantity } from '../../validation/rules.ts'
import { isNegativeQuantity, isZeroQuantity } from '../../value/quantity.ts'
import { validateContainerResourceName } from '../core/pod-validation/resources.ts'

type Scaler = Unchecked<k8s.HorizontalPodAutoscaler>
type Metric = Unchecked<k8s.MetricSpec>
type Target = Unchecked<k8s.MetricTarget> | undefined

export function validateAutoscaler({ spec = {} }: Scaler): FieldError[] {
  const errors: FieldError[] = []
  const { minReplicas, maxReplicas = 0 } = spec
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
  }
  if (maxReplicas === 0) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'))
  else if (maxReplicas < 0) {
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1'))
  }
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  }
  errors.push(...validateReference(spec.scaleTargetRef, 'spec.scaleTargetRef'))
  const metrics = spec.metrics ?? []
  metrics.forEach((metric, i) => {
    errors.push(...validateMetric(metric, at('spec.metrics', i)))
  })
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const sentence = 'must specify at least one Object or External metric to support scaling to zero replicas'
    errors.push(forbidden('spec.metrics', sentence))
  }
  errors.push(...validateRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'))
  errors.push(...validateRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'))
  return errors
}

export const validateAutoscalerStatus = ({ status }: Scaler): FieldError[] => [
  ...validateNonNegative(status?.currentReplicas, 'status.currentReplicas'),
  ...validateNonNegative(status?.desiredReplicas, 'status.desiredReplicas'),
]

function validateReference(
  reference: Unchecked<k8s.CrossVersionObjectReference> | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['kind', 'name'] as const) {
    const value = reference?.[field]
    if (!value) errors.push(required(child(path, field)))
    else errors.push(...validateName(pathSegmentName, value, child(path, field)))
  }
  const apiVersion = reference?.apiVersion ?? ''
  if (apiVersion.split('/').length > 2) {
    const sentence = `unexpected GroupVersion string: ${apiVersion}`
    errors.push(invalid(child(path, 'apiVersion'), apiVersion, sentence))
  }
  return errors
}

const policies = ['Disabled', 'Max', 'Min']

function validateRules(rules: Unchecked<k8s.HPAScalingRules> | undefined, path: FieldPath): FieldError[] {
  if (!rules) return []
  const errors: FieldError[] = []
  const { stabilizationWindowSeconds: window, selectPolicy, tolerance } = rules
  const windowPath = child(path, 'stabilizationWindowSeconds')
  if (window !== undefined && window < 0) {
    errors.push(invalid(windowPath, window, 'must be greater than or equal to zero'))
  }
  if (window !== undefined && window > 3600) {
    errors.push(invalid(windowPath, window, 'must be less than or equal to 3600'))
  }
  if (selectPolicy !== undefined && !policies.includes(selectPolicy)) {
    errors.push(notSupported(child(path, 'selectPolicy'), selectPolicy, policies))
  }
  const all = rules.policies ?? []
  if (all.length === 0) errors.push(required(child(path, 'policies'), 'must specify at least one Policy'))
  all.forEach(({ type = '', value = 0, periodSeconds = 0 }, i) => {
    const here = at(child(path, 'policies'), i)
    if (type !== 'Pods' && type !== 'Percent') errors.push(notSupported(child(here, 'type'), type, ['Percent', 'Pods']))
    if (value <= 0) errors.push(invalid(child(here, 'value'), value, 'must be greater than zero'))
    const period = child(here, 'periodSeconds')
    if (periodSeconds <= 0) errors.push(invalid(period, periodSeconds, 'must be greater than zero'))
    if (periodSeconds > 1800) errors.push(invalid(period, periodSeconds, 'must be less than or equal to 1800'))
  })
  if (tolerance !== undefined) errors.push(...validateNonNegativeQuantity(tolerance, child(path, 'tolerance')))
  return errors
}

const sources = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const
const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']

function validateMetric(metric: Metric, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { type = '' } = metric
  if (type === '') errors.push(required(child(path, 'type'), 'must specify a metric source type'))
  if (!types.includes(type)) errors.push(notSupported(child(path, 'type'), type, types))
  const present = Object.values(sources).filter((field) => metric[field] !== undefined)
  const [first] = present
  if (first) errors.push(...validateSource(metric, first, child(path, first)))
  const expected = (sources as Readonly<Record<string, keyof Metric>>)[type]
  if (expected && metric[expected] === undefined) {
    errors.push(required(child(path, expected), 'must populate information for the given metric source'))
  }
  if (!expected) errors.push(notSupported(child(path, 'type'), type, types))
  if (present.length === 1) return errors
  for (const field of present) {
    if (field !== expected) errors.push(forbidden(child(path, field), 'must populate the given metric source only'))
  }
  return errors
}

function validateSource(metric: Metric, field: (typeof sources)[keyof typeof sources], path: FieldPath): FieldError[] {
  const target = metric[field]?.target
  const here = child(path, 'target')
  const errors: FieldError[] = []
  if (field === 'object')
    errors.push(...validateReference(metric.object?.describedObject, child(path, 'describedObject')))
  if (field === 'object' || field === 'external' || field === 'pods') {
    const name = metric[field]?.metric?.name
    const namePath = child(path, 'metric', 'name')
    if (!name) errors.push(required(namePath, 'must specify a metric name'))
    else errors.push(...validateName(pathSegmentName, name, namePath))
    errors.push(...validateTarget(target, here))
    const none = target?.value === undefined && target?.averageValue === undefined
    const average = child(here, 'averageValue')
    if (field === 'object' && none) errors.push(required(average, 'must set either a target value or averageValue'))
    if (field === 'external') {
      if (none) errors.push(required(average, 'must set either a target value for metric or a per-pod target'))
      if (target?.value !== undefined && target.averageValue !== undefined) {
        const sentence = 'may not set both a target value for metric and a per-pod target'
        errors.push(forbidden(child(here, 'value'), sentence))
      }
    }
    if (field === 'pods' && target?.averageValue === undefined) {
      errors.push(required(average, 'must specify a positive target averageValue'))
    }
    return errors
  }
  const name = metric[field]?.name
  if (!name) errors.push(required(child(path, 'name'), 'must specify a resource name'))
  else if (field === 'containerResource') errors.push(...validateContainerResourceName(name, child(path, 'name')))
  if (field === 'containerResource') {
    const container = metric.containerResource?.container
    if (!container) errors.push(required(child(path, 'container'), 'must specify a container'))
    else errors.push(...validateName(dns1123Label, container, child(path, 'container')))
  }
  errors.push(...validateTarget(target, here))
  if (target?.averageUtilization === undefined && target?.averageValue === undefined) {
    const sentence = 'must set either a target raw value or a target utilization'
    errors.push(required(child(here, 'averageUtilization'), sentence))
  }
  if (target?.averageUtilization !== undefined && target.averageValue !== undefined) {
    const sentence = 'may not set both a target raw value and a target utilization'
    errors.push(forbidden(child(here, 'averageValue'), sentence))
  }
  return errors
}

function validateTarget(target: Target, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const type = target?.type ?? ''
  if (type === '') errors.push(required(child(path, 'type'), 'must specify a metric target type'))
  if (type !== 'Utilization' && type !== 'Value' && type !== 'AverageValue') {
    errors.push(invalid(child(path, 'type'), type, 'must be either Utilization, Value, or AverageValue'))
  }
  for (const field of ['value', 'averageValue'] as const) {
    const value = target?.[field]
    if (value !== undefined && (isNegativeQuantity(value) || isZeroQuantity(value))) {
      errors.push(invalid(child(path, field), String(value), 'must be positive'))
    }
  }
  if (target?.averageUtilization !== undefined && target.averageUtilization < 1) {
    errors.push(invalid(child(path, 'averageUtilization'), target.averageUtilization, 'must be greater than 0'))
  }
  return errors
}
