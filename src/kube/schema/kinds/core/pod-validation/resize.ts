import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, forbidden, invalid } from '../../../validation/field-error.ts'
import { sameJson } from '../../../validation/same-json.ts'
import { qosClassOf } from '../pod-resources.ts'
import { mirrorAnnotation } from './annotations.ts'
import { validatePod } from './index.ts'

type Pod = Unchecked<k8s.Pod>
type Container = Unchecked<k8s.Container>
type Resources = Unchecked<k8s.ResourceRequirements>
type ResourceList = Resources['limits']

const onlyCpuAndMemory = 'only cpu and memory resources are mutable'

/** A running pod may get more or less cpu and memory, and nothing else. */
export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata?.annotations?.[mirrorAnnotation] !== undefined) {
    return [forbidden('', 'static pods cannot be resized')]
  }
  if (old.spec?.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')]
  const errors = validatePod(pod)
  const { status: _status, ...fresh } = pod
  if (qosClassOf(old) !== qosClassOf(fresh)) {
    const sentence = 'Pod QOS Class may not change as a result of resizing'
    errors.push(invalid('spec', pod.status?.qosClass ?? '', sentence))
  }
  const running = old.status?.containerStatuses?.find(({ state }) => state?.running)
  if (running && !running.resources) errors.push(forbidden('spec', 'Pod running on node without support for resize'))
  errors.push(...validateWhole(pod, old))
  const order = [...validateOrder(pod, old, 'containers'), ...validateOrder(pod, old, 'initContainers')]
  if (order.length > 0) return [...errors, ...order]
  for (const field of ['initContainers', 'containers'] as const) {
    old.spec?.[field]?.forEach((before, i) => {
      const here = child(at(child('spec', field), i), 'resources')
      errors.push(...validateKept(pod.spec?.[field]?.[i]?.resources, before.resources, here, ''))
    })
  }
  pod.spec?.containers?.forEach((container, i) => {
    if (!sameJson(withOldAmounts(container, old.spec?.containers?.[i]), old.spec?.containers?.[i])) {
      errors.push(forbidden('spec', onlyCpuAndMemory))
    }
  })
  pod.spec?.initContainers?.forEach((container, i) => {
    errors.push(...validateInitContainer(container, old.spec?.initContainers?.[i] ?? {}, at('spec.initContainers', i)))
  })
  if (errors.length > 0) return errors
  const munged = {
    ...pod.spec,
    containers: old.spec?.containers,
    initContainers: old.spec?.initContainers,
    resources: old.spec?.resources,
  }
  return sameJson(munged, old.spec) ? [] : [forbidden('spec', onlyCpuAndMemory)]
}

function validateInitContainer(container: Container, before: Container, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!sameJson(withOldAmounts(container, before), before)) {
    errors.push(forbidden(path, 'only cpu and memory resources for init or sidecar containers are mutable'))
  }
  if (sameJson(container, before) || container.restartPolicy === 'Always') return errors
  for (const { restartPolicy } of container.resizePolicy ?? []) {
    if (restartPolicy === 'RestartContainer') {
      const sentence = 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'
      errors.push(forbidden(path, sentence))
    }
  }
  return errors
}

function validateWhole(pod: Pod, old: Pod): FieldError[] {
  const [now, before] = [pod.spec?.resources, old.spec?.resources]
  if (before && !now) return [forbidden('spec.resources', 'pod-level resources cannot be removed')]
  if (!now) return []
  const errors = before ? validateKept(now, before, 'spec.resources', 'pod-level ') : []
  const munged = {
    ...now,
    limits: withOld(now.limits, before?.limits),
    requests: withOld(now.requests, before?.requests),
  }
  if (!sameJson(munged, before ?? {})) {
    errors.push(forbidden('spec', 'only cpu and memory resources are mutable at pod-level'))
  }
  return errors
}

function validateOrder(pod: Pod, old: Pod, field: 'containers' | 'initContainers'): FieldError[] {
  const [now, before] = [pod.spec?.[field] ?? [], old.spec?.[field] ?? []]
  const path = child('spec', field)
  if (now.length !== before.length) return [forbidden(path, `${field} may not be added or removed on resize`)]
  return before.flatMap(({ name }, i) =>
    now[i]?.name === name
      ? []
      : [forbidden(child(at(path, i), 'name'), `${field} may not be renamed or reordered on resize`)],
  )
}

function validateKept(
  now: Resources | undefined,
  before: Resources | undefined,
  path: FieldPath,
  what: string,
): FieldError[] {
  const lost = (list: ResourceList, old: ResourceList) =>
    Object.keys(old ?? {}).some((name) => list?.[name] === undefined)
  const errors: FieldError[] = []
  if (lost(now?.requests, before?.requests)) {
    errors.push(forbidden(child(path, 'requests'), `${what}resource requests cannot be removed`))
  }
  if (lost(now?.limits, before?.limits)) {
    errors.push(forbidden(child(path, 'limits'), `${what}resource limits cannot be removed`))
  }
  return errors
}

/** The list with cpu and memory as they were. */
function withOld(list: ResourceList, before: ResourceList): ResourceList {
  const { cpu: _cpu, memory: _memory, ...rest } = list ?? {}
  const kept: Record<string, k8s.Quantity | undefined> = { ...rest }
  for (const name of ['cpu', 'memory']) if (before?.[name] !== undefined) kept[name] = before[name]
  return kept
}

const withOldAmounts = (container: Container, before: Container | undefined): Container => ({
  ...container,
  resources: {
    limits: withOld(container.resources?.limits, before?.resources?.limits),
    requests: withOld(container.resources?.requests, before?.resources?.requests),
  },
})
