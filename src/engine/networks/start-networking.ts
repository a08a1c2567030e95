import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Container, EndpointRecord } from '../containers/container.ts'
import type { Core } from '../core/core.ts'
import { conflict, EngineError, system } from '../engine-error.ts'
import type { NamespaceChoice } from '../spec/index.ts'
import { containerResolver } from './dns/container-resolver.ts'
import { DnsServer } from './dns/dns-server.ts'
import { hostsFile } from './hosts-file.ts'
import { formatAddress } from './ip.ts'
import { attachEndpoint, networkEvent, releaseEndpoint, takeEndpoint } from './join-network.ts'
import { hostLine, linkEnvironment, liveLinks } from './legacy-links.ts'
import { networkMode } from './mode.ts'
import type { Endpoint, Network } from './network.ts'
import { publishPorts } from './publish-ports.ts'
import { containerResolvConf, upstreamFor } from './resolv-conf.ts'
import type { Sandbox } from './sandbox.ts'

/** Files that the engine lays over the container's own. */
export interface NetworkFiles {
  hosts: string
  hostname: string
  resolvConf: string
}

export interface NetworkPlan {
  namespace: NamespaceChoice
  files: NetworkFiles
  linkEnvironment: string[]
  /** Cables, ports, name server. To be done before the program starts. */
  connect(): Promise<void>
}

export const networkFiles = (core: Core, id: string): NetworkFiles => {
  const folder = join(core.folders.containers, id)
  return {
    hosts: join(folder, 'hosts'),
    hostname: join(folder, 'hostname'),
    resolvConf: join(folder, 'resolv.conf'),
  }
}

interface Place {
  network: Network
  endpoint: EndpointRecord
  place: Endpoint
  metric: number
}

/** Docker's prefix for what goes wrong here: such a container stays `created`. */
export const networkingFailure = 'failed to set up container networking'

function failed(error: unknown): EngineError {
  const kind = error instanceof EngineError ? error.kind : 'system'
  return new EngineError(kind, `${networkingFailure}: ${(error as Error).message}`, { cause: error })
}

function joinedContainer(core: Core, container: Container, ref: string): Container {
  const other = core.containers.find(ref)
  if (!other) throw system(`joining network namespace of container: No such container: ${ref}`)
  if (other.id === container.id) throw system('cannot join own network namespace')
  if (!other.running) {
    throw conflict(
      `cannot join network namespace of a non running container: container ${other.record.name} is ${other.status}`,
    )
  }
  if (other.record.state.status === 'restarting') {
    throw conflict(
      `cannot join network namespace of container: Container ${ref} is restarting, wait until the container is running`,
    )
  }
  return other
}

/** The namespace of a running container. */
export function namespaceOf(core: Core, container: Container): NamespaceChoice {
  const mode = networkMode(container.record.hostConfig)
  if (mode.kind === 'host') return 'host'
  if (mode.kind === 'container') {
    const other = core.containers.find(mode.ref)
    if (other) return namespaceOf(core, other)
  }
  const sandbox = core.sandboxes.get(container.id)
  return sandbox ? { path: sandbox.namespace.path } : { path: `/proc/${container.record.state.pid}/ns/net` }
}

/** Default routes: the greatest priority first, then internal networks last, then by name. */
function rank(places: { network: Network; endpoint: EndpointRecord }[]): Map<Network, number> {
  const sorted = places.toSorted(
    (a, b) =>
      (b.endpoint.settings.GwPriority ?? 0) - (a.endpoint.settings.GwPriority ?? 0) ||
      Number(a.network.record.internal) - Number(b.network.record.internal) ||
      a.network.name.localeCompare(b.network.name),
  )
  return new Map(sorted.map(({ network }, at) => [network, at]))
}

/** Addresses, files and a namespace for a container that is about to start. */
export async function prepareNetworking(core: Core, container: Container): Promise<NetworkPlan> {
  const { record } = container
  const mode = networkMode(record.hostConfig)
  if (mode.kind === 'container') {
    const other = joinedContainer(core, container, mode.ref)
    record.config.Hostname = other.record.config.Hostname ?? ''
    record.config.Domainname = other.record.config.Domainname ?? ''
    return {
      namespace: namespaceOf(core, other),
      files: networkFiles(core, other.id),
      linkEnvironment: [],
      connect: async () => undefined,
    }
  }
  const files = networkFiles(core, record.id)
  mkdirSync(join(core.folders.containers, record.id), { recursive: true, mode: 0o710 })
  if (mode.kind === 'host') {
    record.config.Hostname ||= hostname()
    const extra = (record.hostConfig.ExtraHosts ?? []).map((text) => text)
    writeFileSync(files.hosts, hostHosts(core, extra))
    writeFileSync(files.hostname, `${record.config.Hostname}\n`)
    writeFileSync(files.resolvConf, containerResolvConf(record.hostConfig, 'host'))
    joinPredefined(core, container, 'host')
    return { namespace: 'host', files, linkEnvironment: [], connect: async () => undefined }
  }
  const isolated = mode.kind === 'none' || record.config.NetworkDisabled === true
  const sandboxName = record.id
  // A namespace that a killed engine has left half-made.
  core.linux.network.dropNamespace(sandboxName)
  const namespacePromise = core.linux.network.takeNamespace(sandboxName)
  let places: Place[] = []
  try {
    places = isolated ? [] : takePlaces(core, container)
    const links = isolated ? [] : liveLinks(core, container)
    const embedded = places.some(({ network }) => network.isUserDefined)
    writeFileSync(
      files.hosts,
      hostsText(
        core,
        container,
        places.map(({ place }) => place),
        links.map(hostLine),
      ),
    )
    writeFileSync(files.hostname, `${record.config.Hostname}\n`)
    writeFileSync(files.resolvConf, containerResolvConf(record.hostConfig, embedded ? 'embedded' : 'direct'))
    const namespace = await namespacePromise
    const sandbox: Sandbox = {
      containerId: record.id,
      namespace,
      interfaces: new Map(),
      nextInterface: 0,
      dns: null,
      reservations: [],
      published: [],
      publishedAddress: '',
    }
    core.sandboxes.set(sandbox)
    if (isolated) joinPredefined(core, container, 'none')
    return {
      namespace: { path: namespace.path },
      files,
      linkEnvironment: linkEnvironment(container, links),
      connect: () => connectAll(core, container, sandbox, places, embedded),
    }
  } catch (error) {
    for (const { network } of places) releaseEndpoint(container, network)
    await namespacePromise.catch(() => undefined)
    core.linux.network.dropNamespace(sandboxName)
    throw failed(error)
  }
}

function takePlaces(core: Core, container: Container): Place[] {
  const { record } = container
  const mode = networkMode(record.hostConfig)
  const first = mode.kind === 'network' ? core.networks.find(mode.name)?.name : undefined
  const wanted = Object.entries(record.endpoints)
    .toSorted(([a], [b]) => Number(b === first) - Number(a === first) || a.localeCompare(b))
    .map(([name, endpoint]) => {
      const network = endpointNetwork(core, name, endpoint)
      return { network, endpoint }
    })
  const ranks = rank(wanted)
  const places: Place[] = []
  try {
    for (const { network, endpoint } of wanted) {
      if (network.record.driver !== 'bridge') continue
      const place = takeEndpoint(container, network, endpoint)
      places.push({ network, endpoint, place, metric: ranks.get(network) ?? 0 })
    }
  } catch (error) {
    for (const { network } of places) releaseEndpoint(container, network)
    throw error
  }
  return places
}

/** `host` and `none` have endpoints too, without addresses. */
function joinPredefined(core: Core, container: Container, name: 'host' | 'none'): void {
  const network = core.networks.byName(name)
  const endpoint = container.record.endpoints[name]
  if (!network || !endpoint) return
  const place = takeEndpoint(container, network, endpoint)
  endpoint.settings.MacAddress = ''
  place.mac = ''
  networkEvent(core, network, 'connect', { container: container.id })
}

function hostHosts(core: Core, extraHosts: readonly string[]): string {
  let text = ''
  try {
    text = readFileSync('/etc/hosts', 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const lines = hostsFile({
    hostname: '',
    domainname: '',
    addresses: [],
    extraHosts,
    hostGateway: hostGateway(core),
    links: [],
  }).split('\n')
  if (text === '') return lines.join('\n')
  const own = extraHosts.length > 0 ? `${lines.slice(6).join('\n')}` : ''
  return text.endsWith('\n') || own === '' ? text + own : `${text}\n${own}`
}

export function hostGateway(core: Core): string {
  return core.options.hostGatewayIp ?? core.networks.byName('bridge')?.gateway(32) ?? ''
}

export function hostsText(
  core: Core,
  container: Container,
  places: readonly Endpoint[],
  links: readonly { address: string; names: readonly string[] }[],
): string {
  const { config, hostConfig } = container.record
  return hostsFile({
    hostname: config.Hostname ?? '',
    domainname: config.Domainname ?? '',
    addresses: places.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((one) => (one ? [formatAddress(one)] : []))),
    extraHosts: hostConfig.ExtraHosts ?? [],
    hostGateway: hostGateway(core),
    links,
  })
}

/** The networks that a container is on, the default route's first. */
export function networksOf(core: Core, container: Container): Network[] {
  const list = core.networks.all().filter((network) => network.endpoints.has(container.id))
  const ranks = rank(
    list.map((network) => ({
      network,
      endpoint: container.record.endpoints[network.name] ?? { settings: {}, macAddress: null },
    })),
  )
  return list.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0))
}

/** Starts the name server at 127.0.0.11 in a sandbox. */
export function startDns(core: Core, container: Container, sandbox: Sandbox): void {
  if (sandbox.dns) return
  const answer = containerResolver({
    networks: () => networksOf(core, container).filter((network) => network.isUserDefined),
    linked: (network, name) => {
      const links = container.record.endpoints[network.name]?.settings.Links ?? []
      const link = links.find((text) => text.split(':').at(-1)?.toLowerCase() === name)
      return link?.split(':')[0]?.replace(/^\//, '')
    },
    upstream: () =>
      networksOf(core, container).every((network) => network.record.internal)
        ? []
        : upstreamFor(container.record.hostConfig),
  })
  sandbox.dns = new DnsServer(core.linux.network, sandbox.namespace.name, answer, core.log)
}

async function connectAll(
  core: Core,
  container: Container,
  sandbox: Sandbox,
  places: readonly Place[],
  embedded: boolean,
): Promise<void> {
  try {
    for (const { network, endpoint, place, metric } of places) {
      await attachEndpoint(core, sandbox, network, place, endpoint, metric)
    }
    if (embedded) startDns(core, container, sandbox)
    const outward = places.toSorted((a, b) => a.metric - b.metric).find(({ network }) => !network.record.internal)
    if (outward) await publishPorts(core, container, sandbox, outward.network, outward.place)
    for (const { network } of places) networkEvent(core, network, 'connect', { container: container.id })
  } catch (error) {
    throw failed(error)
  }
}

/** By name; a network that was renamed or made anew is found by its id. */
function endpointNetwork(core: Core, name: string, endpoint: EndpointRecord): Network {
  return core.networks.byName(name) ?? core.networks.get(endpoint.settings.NetworkID || name)
}
