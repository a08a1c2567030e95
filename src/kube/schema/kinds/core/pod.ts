import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { dns1123Label } from '../../validation/names.ts'
import { sameJson } from '../../validation/same-json.ts'
import { podPrinter } from './pod-printer.ts'
import { defaultPodLevelResources, qosClassOf, requestsFromLimits } from './pod-resources.ts'
import { defaultHostPorts, defaultPodSpec } from './pod-spec-defaults.ts'
import { validatePodCreate } from './pod-validation/index.ts'
import { validatePodResize } from './pod-validation/resize.ts'
import { syncPodAddresses, validatePodStatusUpdate } from './pod-validation/status.ts'
import { validateEphemeralContainersUpdate, validatePodUpdate } from './pod-validation/update.ts'
import { podWarnings } from './pod-warnings.ts'

type Pod = Unchecked<k8s.Pod>

export const pod = defineKind<k8s.Pod>({
  defaults(pod) {
    const { spec } = pod
    syncPodAddresses(pod.status)
    if (!spec) return
    defaultPodSpec(spec)
    requestsFromLimits(spec.containers)
    requestsFromLimits(spec.initContainers)
    defaultPodLevelResources(pod)
    spec.enableServiceLinks ??= true
    if (spec.hostNetwork) defaultHostPorts(spec)
  },
  generation: ['spec'],
  validate: validatePodCreate,
  validateUpdate: validatePodUpdate,
  prepareForCreate(pod) {
    delete pod.status
    pod.status = { phase: 'Pending', qosClass: qosClassOf(pod) }
    if ((pod.spec?.schedulingGates?.length ?? 0) > 0) {
      pod.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
          lastProbeTime: null,
          lastTransitionTime: null,
        },
      ]
    }
    keepMatchLabelKeys(pod)
  },
  warningsOnCreate(pod) {
    const messages = dns1123Label(pod.metadata?.name ?? '')
    const others = podWarnings(pod, '')
    if (messages.length === 0) return others
    return [
      `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`,
      ...others,
    ]
  },
  warningsOnUpdate: () => [],
  printer: podPrinter,
  fields: {
    supported: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'spec.hostNetwork',
      'status.phase',
      'status.podIP',
      'status.podIPs',
      'status.nominatedNodeName',
    ],
    convert: (requirement) =>
      requirement.field === 'spec.host' ? { ...requirement, field: 'spec.nodeName' } : undefined,
    of: ({ spec, status }) => ({
      'spec.nodeName': spec?.nodeName ?? '',
      'spec.restartPolicy': spec?.restartPolicy ?? '',
      'spec.schedulerName': spec?.schedulerName ?? '',
      'spec.serviceAccountName': spec?.serviceAccountName ?? '',
      'spec.hostNetwork': String(spec?.hostNetwork ?? false),
      'status.phase': status?.phase ?? '',
      'status.podIP': status?.podIPs?.[0]?.ip ?? status?.podIP ?? '',
      'status.nominatedNodeName': status?.nominatedNodeName ?? '',
    }),
  },
  subresources: {
    status: {
      prepareForUpdate(pod, old) {
        pod.spec = old.spec
        if (pod.metadata) {
          restore(pod.metadata, old.metadata, 'ownerReferences')
          restore(pod.metadata, old.metadata, 'deletionTimestamp')
          restore(pod.metadata, old.metadata, 'generation')
        }
        const status: Unchecked<k8s.PodStatus> = pod.status ?? {}
        pod.status = status
        if (!status.qosClass && old.status?.qosClass) status.qosClass = old.status.qosClass
        keepObservedGeneration(status, old.status)
      },
      validateUpdate: validatePodStatusUpdate,
    },
    ephemeralcontainers: {
      prepareForUpdate(pod, old) {
        const containers = pod.spec?.ephemeralContainers
        resetMetadata(pod, old)
        pod.status = old.status
        pod.spec = { ...old.spec }
        if (containers) pod.spec.ephemeralContainers = containers
        else delete pod.spec.ephemeralContainers
        bumpGeneration(pod, old)
      },
      validateUpdate: validateEphemeralContainersUpdate,
    },
    resize: {
      prepareForUpdate(pod, old) {
        keepOnlyResize(pod, old)
        bumpGeneration(pod, old)
      },
      validateUpdate: validatePodResize,
    },
  },
})

function restore<K extends 'ownerReferences' | 'deletionTimestamp' | 'generation'>(
  metadata: Unchecked<k8s.ObjectMeta>,
  old: Unchecked<k8s.ObjectMeta> | undefined,
  field: K,
): void {
  if (old?.[field] === undefined) delete metadata[field]
  else metadata[field] = old[field]
}

/** Subresources that change the spec leave the metadata as it was, but for who manages which field. */
function resetMetadata(pod: Pod, old: Pod): void {
  const managedFields = pod.metadata?.managedFields
  const resourceVersion = pod.metadata?.resourceVersion
  pod.metadata = { ...old.metadata, resourceVersion }
  if (managedFields) pod.metadata.managedFields = managedFields
}

function bumpGeneration(pod: Pod, old: Pod): void {
  if (pod.metadata && !sameJson(pod.spec, old.spec)) pod.metadata.generation = (old.metadata?.generation ?? 0) + 1
}

function keepOnlyResize(pod: Pod, old: Pod): void {
  const containers = withResources(pod.spec?.containers, old.spec?.containers)
  const initContainers = withResources(pod.spec?.initContainers, old.spec?.initContainers)
  // containers that were added, removed or renamed are for the validation to refuse
  if (!containers || !initContainers) return
  resetMetadata(pod, old)
  pod.status = old.status
  const resources = pod.spec?.resources
  pod.spec = { ...old.spec, containers }
  if (old.spec?.initContainers) pod.spec.initContainers = initContainers
  if (resources) pod.spec.resources = resources
  else delete pod.spec.resources
}

type Containers = Unchecked<k8s.Container>[] | undefined

function withResources(containers: Containers, old: Containers): Unchecked<k8s.Container>[] | undefined {
  const before = old ?? []
  if ((containers ?? []).length !== before.length) return undefined
  const merged: Unchecked<k8s.Container>[] = []
  for (const [i, container] of (containers ?? []).entries()) {
    if (before[i]?.name !== container.name) return undefined
    const next = { ...before[i], resources: container.resources ?? {} }
    if (container.resizePolicy) next.resizePolicy = container.resizePolicy
    else delete next.resizePolicy
    merged.push(next)
  }
  return merged
}

function keepObservedGeneration(status: Unchecked<k8s.PodStatus>, old: Unchecked<k8s.PodStatus> | undefined): void {
  if (!status.observedGeneration && old?.observedGeneration) status.observedGeneration = old.observedGeneration
  const byType = new Map<string, number[]>()
  for (const { type = '', observedGeneration = 0 } of old?.conditions ?? []) {
    byType.set(type, [...(byType.get(type) ?? []), observedGeneration])
  }
  for (const condition of status.conditions ?? []) {
    const before = byType.get(condition.type ?? '')?.shift()
    if (!condition.observedGeneration && before) condition.observedGeneration = before
  }
}

/**
 * matchLabelKeys of affinities and of spread constraints become parts of their selectors when the pod is made: the
 * labels' values of then count.
 */
function keepMatchLabelKeys(pod: Pod): void {
  const labels = pod.metadata?.labels ?? {}
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {}
  for (const affinity of [podAffinity, podAntiAffinity]) {
    const terms = [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((w) => w.podAffinityTerm ?? {}),
    ]
    for (const term of terms) {
      addExpressions(term.labelSelector, term.matchLabelKeys, 'In', labels)
      addExpressions(term.labelSelector, term.mismatchLabelKeys, 'NotIn', labels)
    }
  }
  for (const constraint of pod.spec?.topologySpreadConstraints ?? []) {
    addExpressions(constraint.labelSelector, constraint.matchLabelKeys, 'In', labels)
  }
}

function addExpressions(
  selector: Unchecked<k8s.LabelSelector> | undefined,
  keys: readonly string[] | undefined,
  operator: 'In' | 'NotIn',
  labels: Readonly<Record<string, string | undefined>>,
): void {
  if (!selector) return
  for (const key of keys ?? []) {
    const value = labels[key]
    if (value === undefined) continue
    selector.matchExpressions ??= []
    selector.matchExpressions.push({ key, operator, values: [value] })
  }
}
