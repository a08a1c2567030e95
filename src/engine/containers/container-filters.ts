import type { Core } from '../core/core.ts'
import { checkFilterNames, filterBoolean, matchesExactly, matchesLabels, matchesPattern } from '../core/filters.ts'
import { never } from '../core/timestamp.ts'
import { invalid, notFound, system } from '../engine-error.ts'
import type { Filters } from '../shapes/index.ts'
import type { Container } from './container.ts'
import { parsePortRange } from './ports.ts'
import { containerNames, portSummaries } from './summarize-container.ts'

const accepted = [
  'ancestor',
  'before',
  'exited',
  'id',
  'isolation',
  'label',
  'name',
  'status',
  'health',
  'since',
  'volume',
  'network',
  'is-task',
  'publish',
  'expose',
]
const states = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']
const healths = ['none', 'starting', 'healthy', 'unhealthy']
const listed = (words: readonly string[]) => `${words.slice(0, -1).join(', ')}, or ${words.at(-1)}`

function portSet(kind: string, values: readonly string[] | undefined): Set<string> | null {
  if (!values?.length) return null
  const set = new Set<string>()
  for (const value of values) {
    if (value.includes(':')) throw system(`filter for '${kind}' should not contain ':': ${value}`)
    const [text = '', protocol = 'tcp'] = value.split('/')
    const range = parsePortRange(text)
    if (!range) throw system(`error while looking up for ${kind} ${value}: invalid start port '${text}'`)
    for (let port = range.first; port <= range.last; port += 1) set.add(`${port}/${protocol}`)
  }
  return set
}

/** The images that `ancestor` names, and everything built on them. */
function imageFamily(core: Core, refs: readonly string[]): Set<string> {
  const family = new Set<string>()
  const add = (id: string) => {
    if (family.has(id)) return
    family.add(id)
    const image = core.content.images.find(id)
    if (image) for (const child of core.content.images.children(image.id)) add(child.id)
  }
  for (const ref of refs) {
    try {
      const image = core.content.images.find(ref)
      if (image) add(image.id)
    } catch {
      core.log.debug({ ref }, 'a filter names no image')
    }
  }
  return family
}

/** Checks all filters once. @throws Docker's sentences */
export function containerFilter(core: Core, filters: Filters): (container: Container) => boolean {
  checkFilterNames(filters, accepted)
  const exited = filters.exited?.map((text) => {
    if (!/^[+-]?\d+$/.test(text)) {
      throw invalid(`invalid filter 'exited=${text}': strconv.Atoi: parsing "${text}": invalid syntax`)
    }
    return Number(text)
  })
  for (const status of filters.status ?? []) {
    if (!states.includes(status)) {
      throw invalid(
        `invalid filter 'status=${status}': invalid value for state (${status}): must be one of ${listed(states)}`,
      )
    }
  }
  for (const health of filters.health ?? []) {
    if (!healths.includes(health)) {
      throw invalid(
        `invalid filter 'health=${health}': invalid value for health (${health}): must be one of ${listed(healths)}`,
      )
    }
  }
  const isTask = filters['is-task']?.length ? filterBoolean(filters, 'is-task', false) : undefined
  const publish = portSet('publish', filters.publish)
  const expose = portSet('expose', filters.expose)
  const family = filters.ancestor?.length ? imageFamily(core, filters.ancestor) : null
  return (container) => {
    const { record } = container
    const { state } = record
    if (!matchesNames(core, filters, container)) return false
    if (filters.id?.length && !filters.id.some((id) => record.id.startsWith(id))) return false
    if (isTask === true || !matchesLabels(filters.label, record.config.Labels)) return false
    if (!matchesExactly(filters, 'isolation', record.hostConfig.Isolation ?? '')) return false
    if (exited?.length && (container.running || state.startedAt === never || !exited.includes(state.exitCode))) {
      return false
    }
    if (!matchesExactly(filters, 'status', container.status)) return false
    if (!matchesExactly(filters, 'health', state.health?.Status ?? 'none')) return false
    if (family && !family.has(record.imageId)) return false
    if (!matchesVolume(filters, container) || !matchesNetwork(filters, container)) return false
    if (!publish && !expose) return true
    return portSummaries(container).some(
      ({ PrivatePort, PublicPort, Type }) =>
        publish?.has(`${PublicPort ?? 0}/${Type}`) || expose?.has(`${PrivatePort}/${Type}`),
    )
  }
}

function matchesNames(core: Core, filters: Filters, container: Container): boolean {
  if (!filters.name?.length) return true
  return containerNames(core, container).some(
    (name) => matchesPattern(filters, 'name', name) || matchesPattern(filters, 'name', name.slice(1)),
  )
}

function matchesVolume(filters: Filters, container: Container): boolean {
  if (!filters.volume?.length) return true
  return container.record.mounts.some(
    (mount) => filters.volume?.includes(mount.Destination) || filters.volume?.includes(mount.Name || mount.Source),
  )
}

function matchesNetwork(filters: Filters, container: Container): boolean {
  const wanted = filters.network
  if (!wanted?.length) return true
  return Object.entries(container.record.endpoints).some(
    ([name, { settings }]) =>
      wanted.includes(name) || wanted.some((value) => value !== '' && (settings.NetworkID ?? '').startsWith(value)),
  )
}

/** The container that `before` or `since` names. */
export function markerContainer(core: Core, values: readonly string[] | undefined): Container | undefined {
  const value = values?.at(-1)
  if (value === undefined) return undefined
  const found = core.containers.find(value)
  if (!found) throw notFound(`No such container: ${value}`)
  return found
}
