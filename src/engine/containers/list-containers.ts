import type { Core } from '../core/core.ts'
import type { ContainerSummary, ListContainersOptions } from '../shapes/index.ts'
import { containerFilter, markerContainer } from './container-filters.ts'
import { layerSize } from './layer-size.ts'
import { summarizeContainer } from './summarize-container.ts'

/** `docker ps`, newest first. */
export async function listContainers(core: Core, options: ListContainersOptions = {}): Promise<ContainerSummary[]> {
  const filters = options.filters ?? {}
  const matches = containerFilter(core, filters)
  const before = markerContainer(core, filters.before)
  const since = markerContainer(core, filters.since)
  const limit = options.limit && options.limit > 0 ? options.limit : 0
  const all = options.all || (filters.status?.length ?? 0) > 0 || limit > 0
  const containers = core.containers.all().toSorted((a, b) => byTime(b.record.createdAt, a.record.createdAt))
  const hasLinks = containers.some(({ record }) => record.hostConfig.Links?.length)
  const list: ContainerSummary[] = []
  let seen = before === undefined
  for (const container of containers) {
    if (!seen) {
      seen = container === before
      continue
    }
    if (container === since || (limit > 0 && list.length === limit)) break
    if ((!all && !container.running) || !matches(container)) continue
    const summary = summarizeContainer(core, container, hasLinks)
    list.push(options.size ? { ...summary, ...(await layerSize(core, container)) } : summary)
  }
  return list
}

// Zeros at the end of a fraction are cut, so that lengths differ.
const padded = (time: string) => {
  const [whole = '', fraction = ''] = time.replace(/Z$/, '').split('.')
  return `${whole}.${fraction.padEnd(9, '0')}`
}
const byTime = (a: string, b: string) => (padded(a) < padded(b) ? -1 : 1)
