import type { Json, JsonObject, KubeObject, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import type { VersionRules } from '../version-rules.ts'

type V1 = Unchecked<k8s.AutoscalingV1HorizontalPodAutoscaler>
type V2 = Unchecked<k8s.HorizontalPodAutoscaler>

/** What v1 has no field for travels in its annotations, as JSON. */
const metricsAnnotation = 'autoscaling.alpha.kubernetes.io/metrics'
const currentMetricsAnnotation = 'autoscaling.alpha.kubernetes.io/current-metrics'
const conditionsAnnotation = 'autoscaling.alpha.kubernetes.io/conditions'
const behaviorAnnotation = 'autoscaling.alpha.kubernetes.io/behavior'
const ours = [metricsAnnotation, currentMetricsAnnotation, conditionsAnnotation, behaviorAnnotation]

/** autoscaling/v1, which knows only the utilization of the CPU. */
export const horizontalPodAutoscalerV1: VersionRules = {
  defaults(object) {
    const { spec } = object as unknown as V1
    if (spec) spec.minReplicas ??= 1
  },
  toStorage: (object) => toV2(object as unknown as V1) as unknown as KubeObject,
  fromStorage: (object) => toV1(object as unknown as V2) as unknown as KubeObject,
}

function toV2(v1: V1): V2 {
  const { spec, status } = v1
  const metrics = annotated<Unchecked<k8s.MetricSpec>[]>(v1, metricsAnnotation) ?? []
  const currentMetrics = annotated<Unchecked<k8s.MetricStatus>[]>(v1, currentMetricsAnnotation) ?? []
  const conditions = annotated<Unchecked<k8s.HorizontalPodAutoscalerCondition>[]>(v1, conditionsAnnotation)
  const behavior = annotated<Unchecked<k8s.HorizontalPodAutoscalerBehavior>>(v1, behaviorAnnotation)
  if (spec?.targetCPUUtilizationPercentage !== undefined) {
    metrics.unshift({
      type: 'Resource',
      resource: {
        name: 'cpu',
        target: { type: 'Utilization', averageUtilization: spec.targetCPUUtilizationPercentage },
      },
    })
  }
  if (status?.currentCPUUtilizationPercentage !== undefined) {
    currentMetrics.unshift({
      type: 'Resource',
      resource: { name: 'cpu', current: { averageUtilization: status.currentCPUUtilizationPercentage } },
    })
  }
  const { targetCPUUtilizationPercentage: _target, ...specRest } = spec ?? {}
  const { currentCPUUtilizationPercentage: _current, ...statusRest } = status ?? {}
  return {
    metadata: withoutOurs(v1.metadata),
    spec: { ...specRest, ...(metrics.length > 0 ? { metrics } : {}), ...(behavior ? { behavior } : {}) },
    status: {
      ...statusRest,
      currentMetrics: currentMetrics.length > 0 ? currentMetrics : undefined,
      ...(conditions ? { conditions } : {}),
    },
  }
}

function toV1(v2: V2): V1 {
  const { metrics = [], behavior, ...specRest } = v2.spec ?? {}
  const { currentMetrics, conditions, ...statusRest } = v2.status ?? {}
  const isCpu = (metric: { type?: string | undefined; resource?: { name?: string | undefined } | undefined }) =>
    metric.type === 'Resource' && metric.resource?.name === 'cpu'
  const cpu = metrics.findIndex((m) => isCpu(m) && m.resource?.target?.averageUtilization !== undefined)
  const currentCpu = (currentMetrics ?? []).findIndex(
    (m) => isCpu(m) && m.resource?.current?.averageUtilization !== undefined,
  )
  const metadata = withoutOurs(v2.metadata)
  annotate(
    metadata,
    metricsAnnotation,
    metrics.filter((_, i) => i !== cpu),
  )
  annotate(
    metadata,
    currentMetricsAnnotation,
    (currentMetrics ?? []).filter((_, i) => i !== currentCpu),
  )
  annotate(metadata, conditionsAnnotation, conditions ?? [])
  if (behavior) annotate(metadata, behaviorAnnotation, behavior)
  const target = metrics[cpu]?.resource?.target?.averageUtilization
  const current = currentMetrics?.[currentCpu]?.resource?.current?.averageUtilization
  return {
    metadata,
    spec: { ...specRest, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: { ...statusRest, ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }) },
  }
}

function annotated<T>(v1: V1, annotation: string): T | undefined {
  const text = v1.metadata?.annotations?.[annotation]
  if (!text) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    // Kubernetes drops what it cannot read there, too
    return undefined
  }
}

function annotate(metadata: Unchecked<k8s.ObjectMeta>, annotation: string, value: unknown): void {
  if (Array.isArray(value) && value.length === 0) return
  metadata.annotations = { ...metadata.annotations, [annotation]: JSON.stringify(value as Json | JsonObject) }
}

function withoutOurs(metadata: Unchecked<k8s.ObjectMeta> | undefined): Unchecked<k8s.ObjectMeta> {
  const copy = { ...metadata }
  if (!copy.annotations || !ours.some((key) => copy.annotations?.[key] !== undefined)) return copy
  copy.annotations = Object.fromEntries(Object.entries(copy.annotations).filter(([key]) => !ours.includes(key)))
  if (Object.keys(copy.annotations).length === 0) delete copy.annotations
  return copy
}
