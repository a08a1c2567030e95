import { type k8s, sameJson } from '../../../schema/index.ts'
import type { LiveObjects } from '../../access/live-objects.ts'
import { type AdmissionPlugin, objectOf, refusal, targetOf } from '../plugin.ts'

/** A pod gets the overhead and the places of its runtime class. */
export const runtimeClass = (classes: LiveObjects): AdmissionPlugin => ({
  mutate(request) {
    if (targetOf(request) !== 'pods' || request.operation !== 'CREATE') return
    const spec = objectOf(request).spec as k8s.PodSpec
    if (!spec.runtimeClassName) return
    const found = classes.get(spec.runtimeClassName) as unknown as k8s.RuntimeClass | undefined
    if (!found) throw refusal(request, `pod rejected: RuntimeClass "${spec.runtimeClassName}" not found`)
    const overhead = found.overhead?.podFixed
    if (overhead) {
      if (spec.overhead && Object.keys(spec.overhead).length > 0 && !sameJson(spec.overhead, overhead))
        throw refusal(request, `pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead`)
      spec.overhead = { ...overhead }
    }
    const { nodeSelector, tolerations } = found.scheduling ?? {}
    for (const [key, value] of Object.entries(nodeSelector ?? {})) {
      const own = spec.nodeSelector?.[key]
      if (own !== undefined && own !== value)
        throw refusal(
          request,
          `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
        )
    }
    if (nodeSelector) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector }
    const more = (tolerations ?? []).filter((one) => !spec.tolerations?.some((own) => sameJson(own, one)))
    if (more.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...more]
  },
  validate(request) {
    if (targetOf(request) !== 'pods' || request.operation !== 'CREATE') return
    const { overhead, runtimeClassName } = objectOf(request).spec as k8s.PodSpec
    if (!overhead || Object.keys(overhead).length === 0) return
    const found = runtimeClassName
      ? (classes.get(runtimeClassName) as unknown as k8s.RuntimeClass | undefined)
      : undefined
    if (!found?.overhead)
      throw refusal(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
  },
})
