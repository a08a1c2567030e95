import type { Core } from '../core/core.ts'
import { checkFilterNames, filterUntil, matchesExactly, matchesLabelFilters, matchesPattern } from '../core/filters.ts'
import { millisecondsOf } from '../core/timestamp.ts'
import { invalid, system } from '../engine-error.ts'
import type { Filters, NetworkInspect } from '../shapes/index.ts'
import { networkShape } from './inspect-network.ts'
import type { Network } from './network.ts'

function danglingFilter(filters: Filters): boolean | undefined {
  const values = filters.dangling ?? []
  if (values.length === 0) return undefined
  if (values.length > 1) throw invalid('got more than one value for filter key "dangling"')
  const [value = ''] = values
  if (['1', 'true'].includes(value)) return true
  if (['0', 'false'].includes(value)) return false
  throw invalid('invalid value for filter \'dangling\', must be "true" (or "1"), or "false" (or "0")')
}

export function networkFilter(core: Core, filters: Filters): (network: Network) => boolean {
  const dangling = danglingFilter(filters)
  for (const type of filters.type ?? []) {
    if (type !== 'builtin' && type !== 'custom') throw system(`invalid filter: 'type'='${type}'`)
  }
  const until = filterUntil(filters, core.clock.now())
  return (network) => {
    const { record } = network
    const idle = network.isUserDefined && network.endpoints.size === 0
    return (
      matchesExactly(filters, 'driver', record.driver) &&
      matchesPattern(filters, 'name', record.name) &&
      matchesPattern(filters, 'id', record.id) &&
      matchesLabelFilters(filters, record.labels) &&
      matchesExactly(filters, 'scope', 'local') &&
      (dangling === undefined || dangling === idle) &&
      (!filters.type?.length || filters.type.includes(network.isUserDefined ? 'custom' : 'builtin')) &&
      (until === undefined || millisecondsOf(record.createdAt) <= until.getTime())
    )
  }
}

export function listNetworks(core: Core, filters: Filters = {}): NetworkInspect[] {
  checkFilterNames(filters, ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'])
  return core.networks
    .all()
    .filter(networkFilter(core, filters))
    .toSorted((a, b) => millisecondsOf(b.record.createdAt) - millisecondsOf(a.record.createdAt))
    .map((network) => networkShape(network, { containers: false }))
}
