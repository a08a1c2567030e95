import { familiarName, parseNormalizedName } from '../../oci/index.ts'
import { matchesLabels } from '../core/filters.ts'
import { invalid } from '../engine-error.ts'
import type { EventMessage, Filters } from '../shapes/index.ts'

const objects = ['daemon', 'container', 'plugin', 'volume', 'network', 'service', 'node', 'secret', 'config'] as const
const accepted = new Set<string>([...objects, 'event', 'image', 'label', 'scope', 'type'])

export function checkEventFilters(filters: Filters | undefined): void {
  for (const name of Object.keys(filters ?? {})) if (!accepted.has(name)) throw invalid(`invalid filter '${name}'`)
}

const exact = (wanted: readonly string[] | undefined, value: string) => !wanted?.length || wanted.includes(value)
const fuzzy = (wanted: readonly string[] | undefined, value: string) =>
  !wanted?.length || wanted.some((beginning) => value.startsWith(beginning))

function withoutTag(image: string): string {
  try {
    return familiarName(parseNormalizedName(image))
  } catch {
    return image
  }
}

// `health_status`, `exec_create` and `exec_start` events carry more after a colon.
const open = ['health_status', 'exec_create', 'exec_start']

export function eventMatches(filters: Filters | undefined, event: EventMessage): boolean {
  if (!filters) return true
  const { ID, Attributes } = event.Actor
  const events = filters.event
  const eventOk = events?.some((name) => open.includes(name))
    ? fuzzy(events, event.Action)
    : exact(events, event.Action)
  if (!eventOk || !exact(filters.type, event.Type) || !exact(filters.scope, event.scope)) return false
  for (const object of objects) {
    if (!fuzzy(filters[object], ID) && !fuzzy(filters[object], Attributes.name ?? '')) return false
  }
  if (filters.image?.length) {
    const name = Attributes[event.Type === 'image' ? 'name' : 'image'] ?? ''
    if (![ID, name, withoutTag(ID), withoutTag(name)].some((value) => exact(filters.image, value))) return false
  }
  return matchesLabels(filters.label, Attributes)
}
