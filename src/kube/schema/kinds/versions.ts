import { horizontalPodAutoscalerV1 } from './autoscaling/horizontal-pod-autoscaler-v1.ts'
import { eventsEvent } from './events/event.ts'
import type { VersionRules } from './version-rules.ts'

/** Served versions whose objects are stored in another one, by `group/version/Kind`. */
export const versionRules: ReadonlyMap<string, VersionRules> = new Map([
  ['autoscaling/v1/HorizontalPodAutoscaler', horizontalPodAutoscalerV1],
  ['events.k8s.io/v1/Event', eventsEvent],
])
