import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import type { Container, EndpointRecord } from '../containers/container.ts'
import type { Core } from '../core/core.ts'
import { forbidden, invalid, system } from '../engine-error.ts'
import type { EndpointSettings } from '../shapes/index.ts'
import { checkEndpoint, endpointRecord } from './endpoint-settings.ts'
import { ownLines } from './hosts-file.ts'
import { formatAddress } from './ip.ts'
import { attachEndpoint, dnsNamesOf, networkEvent, releaseEndpoint, takeEndpoint } from './join-network.ts'
import { networkMode } from './mode.ts'
import type { Network } from './network.ts'
import { publishPorts } from './publish-ports.ts'
import { containerResolvConf } from './resolv-conf.ts'
import { networkFiles, startDns } from './start-networking.ts'

function refuseRemoved(container: Container): void {
  if (container.removing || container.record.state.status === 'dead') {
    throw system(
      `Container ${container.id} is marked for removal and cannot be connected or disconnected to the network`,
    )
  }
}

/** `docker network connect`: at once where the container runs, else at its next start. */
export async function connectContainer(
  core: Core,
  ref: string,
  containerRef: string,
  settings: EndpointSettings = {},
): Promise<void> {
  const network = core.networks.get(ref)
  const container = core.containers.get(containerRef)
  using _held = await container.mutex.lock()
  refuseRemoved(container)
  const { record } = container
  const mode = networkMode(record.hostConfig)
  if (mode.kind === 'container' || (mode.kind === 'host' && container.running)) {
    throw invalid(
      'container sharing network namespace with another container or host cannot be connected to any other network',
    )
  }
  if (network.record.driver === 'host') {
    throw invalid('container cannot be disconnected from host network or connected to host network')
  }
  if (network.record.configOnly) throw forbidden(`cannot create endpoint on configuration-only network`)
  const before = record.endpoints[network.name]
  if (before && (network.endpoints.has(record.id) || !container.running)) {
    throw forbidden(`endpoint with name ${record.name} already exists in network ${network.name}`)
  }
  checkEndpoint(network, network.name, settings)
  const endpoint = endpointRecord(settings)
  endpoint.settings.NetworkID = network.id
  if (network.isUserDefined) endpoint.settings.DNSNames = dnsNamesOf(container, settings.Aliases)
  record.endpoints[network.name] = endpoint
  try {
    if (container.alive) await connectLive(core, container, network, endpoint)
  } catch (error) {
    releaseEndpoint(container, network)
    if (before) record.endpoints[network.name] = before
    else delete record.endpoints[network.name]
    throw error
  }
  await core.containers.save(container)
}

async function connectLive(
  core: Core,
  container: Container,
  network: Network,
  endpoint: EndpointRecord,
): Promise<void> {
  const sandbox = core.sandboxes.get(container.id)
  if (!sandbox) throw system(`failed to find the sandbox of container ${container.id}`)
  const place = takeEndpoint(container, network, endpoint)
  if (network.record.driver !== 'bridge') return
  const rank = sandbox.interfaces.size === 0 ? 0 : 32 + sandbox.nextInterface
  await attachEndpoint(core, sandbox, network, place, endpoint, rank)
  const files = networkFiles(core, container.id)
  const addresses = [place.ipv4, place.ipv6].flatMap((one) => (one ? [formatAddress(one)] : []))
  const { Hostname = '', Domainname = '' } = container.record.config
  appendFileSync(files.hosts, `${ownLines({ addresses, hostname: Hostname, domainname: Domainname }).join('\n')}\n`)
  if (network.isUserDefined && !sandbox.dns) {
    startDns(core, container, sandbox)
    writeFileSync(files.resolvConf, containerResolvConf(container.record.hostConfig, 'embedded'))
  }
  if (sandbox.publishedAddress === '' && !network.record.internal) {
    await publishPorts(core, container, sandbox, network, place)
  }
  networkEvent(core, network, 'connect', { container: container.id })
}

/** Takes an address's lines out of a hosts file. The file is changed in its place: it is mounted. */
export function forgetHosts(path: string, addresses: readonly string[]): void {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const kept = text.split('\n').filter((line) => !addresses.includes(line.split(/\s/)[0] ?? ''))
  writeFileSync(path, kept.join('\n'))
}

export { refuseRemoved }
