import {
  aggregateResources,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  type KubeObject,
  type k8s,
  quantityToMillis,
} from '../../../schema/index.ts'
import type { LiveObjects } from '../../access/live-objects.ts'
import type { AdmissionRequest } from '../../contract.ts'
import { type AdmissionPlugin, joined, objectOf, refusal, targetOf } from '../plugin.ts'

type Quantities = Readonly<Record<string, k8s.Quantity | undefined>>

/** Holds what is asked for against the LimitRanges of the namespace, and fills in their defaults. */
export class LimitRangerPlugin implements AdmissionPlugin {
  readonly #ranges: LiveObjects

  constructor(ranges: LiveObjects) {
    this.#ranges = ranges
  }

  #limits(request: AdmissionRequest): k8s.LimitRangeItem[][] {
    const ranges = this.#ranges.in(request.namespace)
    return ranges.map(({ spec }) => (spec as k8s.LimitRangeSpec | undefined)?.limits ?? [])
  }

  mutate(request: AdmissionRequest): void {
    if (targetOf(request) !== 'pods' || request.operation !== 'CREATE') return
    const pod = objectOf(request)
    for (const limits of this.#limits(request)) setDefaults(pod, limits)
  }

  validate(request: AdmissionRequest): void {
    const target = targetOf(request)
    const isPod = (target === 'pods' && request.operation === 'CREATE') || target === 'pods/resize'
    const isClaim = target === 'persistentvolumeclaims' && request.operation !== 'DELETE'
    if (!isPod && !isClaim) return
    for (const limits of this.#limits(request)) {
      const errors = isPod ? podErrors(objectOf(request), limits) : claimErrors(objectOf(request), limits)
      if (errors.length > 0) throw refusal(request, joined(errors))
    }
  }
}

const annotation = 'kubernetes.io/limit-ranger'

function setDefaults(pod: KubeObject, limits: readonly k8s.LimitRangeItem[]): void {
  const requests: Record<string, k8s.Quantity> = {}
  const most: Record<string, k8s.Quantity> = {}
  for (const item of limits) {
    if (item.type !== 'Container') continue
    Object.assign(requests, item.defaultRequest)
    Object.assign(most, item.default)
  }
  const spec = pod.spec as k8s.PodSpec
  const notes: string[] = []
  const fill = (container: k8s.Container, what: string) => {
    container.resources ??= {}
    for (const [field, defaults, word] of [
      ['requests', requests, 'request'],
      ['limits', most, 'limit'],
    ] as const) {
      const list = { ...container.resources[field] }
      const names = Object.keys(defaults).filter((name) => list[name] === undefined)
      if (names.length === 0) continue
      for (const name of names) list[name] = defaults[name] as k8s.Quantity
      container.resources[field] = list
      notes.push(`${names.sort().join(', ')} ${word} for ${what} ${container.name}`)
    }
  }
  for (const container of spec.containers) fill(container, 'container')
  for (const container of spec.initContainers ?? []) fill(container, 'init container')
  if (notes.length > 0)
    pod.metadata.annotations = {
      ...pod.metadata.annotations,
      [annotation]: `LimitRanger plugin set: ${notes.join('; ')}`,
    }
}

function podErrors(pod: KubeObject, limits: readonly k8s.LimitRangeItem[]): string[] {
  const spec = pod.spec as k8s.PodSpec
  const errors: string[] = []
  for (const item of limits) {
    if (item.type === 'Container')
      for (const { resources } of [...spec.containers, ...(spec.initContainers ?? [])])
        errors.push(...itemErrors(item, resources?.requests ?? {}, resources?.limits ?? {}))
    if (item.type === 'Pod') errors.push(...itemErrors(item, whole(pod, 'requests'), whole(pod, 'limits')))
  }
  return errors
}

function whole(pod: KubeObject, which: 'requests' | 'limits'): Quantities {
  const sums = aggregateResources(pod as never, which)
  const texts = Object.fromEntries([...sums].map(([name, value]) => [name, formatQuantity(value)]))
  return { ...texts, ...(pod.spec as k8s.PodSpec).resources?.[which] }
}

function itemErrors(item: k8s.LimitRangeItem, requests: Quantities, limits: Quantities): string[] {
  const errors: string[] = []
  const add = (text: string | undefined) => {
    if (text !== undefined) errors.push(text)
  }
  for (const [name, bound] of Object.entries(item.min ?? {})) add(below(item.type, name, bound, requests, limits))
  for (const [name, bound] of Object.entries(item.max ?? {})) add(above(item.type, name, bound, requests, limits))
  for (const [name, ratio] of Object.entries(item.maxLimitRequestRatio ?? {}))
    add(ratioError(item.type, name, ratio, requests, limits))
  return errors
}

const shown = (quantity: k8s.Quantity) => canonicalQuantity(quantity)

function below(type: string, name: string, bound: k8s.Quantity, requests: Quantities, limits: Quantities) {
  const start = `minimum ${name} usage per ${type} is ${shown(bound)}`
  const request = requests[name]
  const limit = limits[name]
  if (request === undefined) return `${start}.  No request is specified`
  if (compareQuantities(request, bound) < 0) return `${start}, but request is ${shown(request)}`
  if (limit !== undefined && compareQuantities(limit, bound) < 0) return `${start}, but limit is ${shown(limit)}`
  return undefined
}

function above(type: string, name: string, bound: k8s.Quantity, requests: Quantities, limits: Quantities) {
  const start = `maximum ${name} usage per ${type} is ${shown(bound)}`
  const request = requests[name]
  const limit = limits[name]
  if (limit === undefined) return `${start}.  No limit is specified`
  if (compareQuantities(limit, bound) > 0) return `${start}, but limit is ${shown(limit)}`
  if (request !== undefined && compareQuantities(request, bound) > 0)
    return `${start}, but request is ${shown(request)}`
  return undefined
}

function ratioError(type: string, name: string, bound: k8s.Quantity, requests: Quantities, limits: Quantities) {
  const start = `${name} max limit to request ratio per ${type} is ${shown(bound)}`
  const request = quantityToMillis(requests[name] ?? '0')
  const limit = quantityToMillis(limits[name] ?? '0')
  if (request === 0) return `${start}, but no request is specified or request is 0`
  if (limit === 0) return `${start}, but no limit is specified or limit is 0`
  const ratio = limit / request
  return ratio * 1000 > quantityToMillis(bound) ? `${start}, but provided ratio is ${ratio.toFixed(6)}` : undefined
}

function claimErrors(claim: KubeObject, limits: readonly k8s.LimitRangeItem[]): string[] {
  const requests = (claim.spec as k8s.PersistentVolumeClaimSpec | undefined)?.resources?.requests ?? {}
  const errors: string[] = []
  for (const { type, min, max } of limits) {
    if (type !== 'PersistentVolumeClaim') continue
    for (const [name, bound] of Object.entries(min ?? {})) {
      const error = below(type, name, bound, requests, {})
      if (error !== undefined) errors.push(error)
    }
    for (const [name, bound] of Object.entries(max ?? {})) {
      const start = `maximum ${name} usage per ${type} is ${shown(bound)}`
      const request = requests[name]
      if (request === undefined) errors.push(`${start}.  No request is specified`)
      else if (compareQuantities(request, bound) > 0) errors.push(`${start}, but request is ${shown(request)}`)
    }
  }
  return errors
}
