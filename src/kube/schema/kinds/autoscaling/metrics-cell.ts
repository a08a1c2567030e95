import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'

type Spec = Unchecked<k8s.MetricSpec>
type Status = Unchecked<k8s.MetricStatus>
type Target = Unchecked<k8s.MetricTarget> | undefined
type Current = Unchecked<k8s.MetricValueStatus> | undefined

const unknown = '<unknown>'
const shown = 2

/** TARGETS: for each metric what it is now and what it should be. */
export function metricsCell(specs: readonly Spec[] | undefined, statuses: readonly Status[] | undefined): string {
  if (!specs || specs.length === 0) return '<none>'
  const list = specs.map((spec, i) => metricText(spec, statuses?.[i]))
  const text = list.slice(0, shown).join(', ')
  return list.length > shown ? `${text} + ${list.length - shown} more...` : text
}

function metricText(spec: Spec, status: Status | undefined): string {
  switch (spec.type) {
    case 'External':
      return valueText(spec.external?.target, status?.external?.current)
    case 'Object':
      return valueText(spec.object?.target, status?.object?.current)
    case 'Pods':
      return `${status?.pods ? (status.pods.current?.averageValue ?? '0') : unknown}/${spec.pods?.target?.averageValue ?? '0'}`
    case 'Resource':
      return resourceText(spec.resource?.name, spec.resource?.target, status?.resource?.current)
    case 'ContainerResource':
      return resourceText(
        spec.containerResource?.name,
        spec.containerResource?.target,
        status?.containerResource?.current,
      )
    default:
      return '<unknown type>'
  }
}

function valueText(target: Target, current: Current): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`
  return `${current ? (current.value ?? '0') : unknown}/${target?.value ?? '0'}`
}

function resourceText(name: string | undefined, target: Target, current: Current): string {
  if (target?.averageValue !== undefined) {
    return `${name ?? ''}: ${current ? (current.averageValue ?? '0') : unknown}/${target.averageValue}`
  }
  const now = current?.averageUtilization === undefined ? unknown : `${current.averageUtilization}%`
  const wanted = target?.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`
  return `${name ?? ''}: ${now}/${wanted}`
}
