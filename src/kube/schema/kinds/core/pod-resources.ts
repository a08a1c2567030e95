import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import {
  addQuantities,
  formatQuantity,
  isZeroQuantity,
  parseQuantity,
  type QuantityValue,
} from '../../value/quantity.ts'

type Pod = Unchecked<k8s.Pod>
type Container = Unchecked<k8s.Container>
export type ResourceList = Record<string, k8s.Quantity | undefined>

/** Resources that a pod as a whole can ask for. */
export const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')

/**
 * What all containers together need at one time: the sum of containers and sidecars, or the largest step of the
 * initialization where that is more.
 */
export function aggregateResources(pod: Pod, which: 'requests' | 'limits'): Map<string, QuantityValue> {
  const sum = new Map<string, QuantityValue>()
  for (const container of pod.spec?.containers ?? []) addTo(sum, container.resources?.[which])
  const sidecars = new Map<string, QuantityValue>()
  const largest = new Map<string, QuantityValue>()
  for (const container of pod.spec?.initContainers ?? []) {
    let needed: Map<string, QuantityValue>
    if (container.restartPolicy === 'Always') {
      addTo(sum, container.resources?.[which])
      addTo(sidecars, container.resources?.[which])
      needed = sidecars
    } else {
      needed = new Map(sidecars)
      addTo(needed, container.resources?.[which])
    }
    for (const [name, value] of needed) {
      const before = largest.get(name)
      if (!before || value.nanos > before.nanos) largest.set(name, value)
    }
  }
  for (const [name, value] of largest) {
    const before = sum.get(name)
    if (!before || value.nanos > before.nanos) sum.set(name, value)
  }
  return sum
}

function addTo(sum: Map<string, QuantityValue>, list: ResourceList | undefined): void {
  for (const name in list) {
    const value = parseQuantity(list[name] ?? '0')
    const before = sum.get(name)
    sum.set(name, before ? addQuantities(before, value) : value)
  }
}

/** A container that says only its limits asks for as much. */
export function requestsFromLimits(containers: readonly Container[] | undefined): void {
  for (const { resources } of containers ?? []) {
    if (!resources?.limits) continue
    resources.requests ??= {}
    for (const name in resources.limits) resources.requests[name] ??= resources.limits[name]
  }
}

/** Requests of the whole pod, where it has limits of the whole: what the containers ask for, or the limits. */
export function defaultPodLevelResources(pod: Pod): void {
  const resources = pod.spec?.resources
  if (!resources) return
  const hasLimits = Object.keys(resources.limits ?? {}).length > 0
  if (hasLimits || Object.keys(resources.requests ?? {}).length > 0) {
    for (const [name, value] of aggregateResources(pod, 'limits')) {
      if (!name.startsWith('hugepages-') || resources.requests?.[name] !== undefined) continue
      resources.limits ??= {}
      resources.limits[name] ??= formatQuantity(value)
    }
  }
  if (!hasLimits) return
  const requests: ResourceList = resources.requests ?? {}
  for (const [name, value] of aggregateResources(pod, 'requests')) {
    if (name === 'cpu' || name === 'memory') requests[name] ??= formatQuantity(value)
  }
  for (const name in resources.limits) if (isPodLevelResource(name)) requests[name] ??= resources.limits[name]
  if (Object.keys(requests).length > 0) resources.requests = requests
}

/** Guaranteed, Burstable or BestEffort. */
export function qosClassOf(pod: Pod): string {
  if (pod.status?.qosClass) return pod.status.qosClass
  const { spec } = pod
  if (spec?.resources && (spec.resources.limits || spec.resources.requests)) {
    return classOf([spec.resources])
  }
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  return classOf(containers.map((container) => container.resources ?? {}))
}

function classOf(all: readonly Unchecked<k8s.ResourceRequirements>[]): string {
  const requests = new Map<string, bigint>()
  const limits = new Map<string, bigint>()
  let guaranteed = true
  for (const resources of all) {
    count(requests, resources.requests)
    const limited = count(limits, resources.limits)
    if (!limited.has('cpu') || !limited.has('memory')) guaranteed = false
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort'
  if (guaranteed) {
    for (const [name, value] of requests) if (limits.get(name) !== value) guaranteed = false
  }
  return guaranteed && requests.size === limits.size ? 'Guaranteed' : 'Burstable'
}

function count(total: Map<string, bigint>, list: ResourceList | undefined): Set<string> {
  const found = new Set<string>()
  for (const name of ['cpu', 'memory']) {
    const text = list?.[name]
    if (text === undefined || isZeroQuantity(text)) continue
    found.add(name)
    total.set(name, (total.get(name) ?? 0n) + parseQuantity(text).nanos)
  }
  return found
}
