import type { PortReservation, PublishedPort } from '../../linux/index.ts'
import type { Container } from '../containers/container.ts'
import { parsePort, parsePortRange, portKey } from '../containers/ports.ts'
import type { Core } from '../core/core.ts'
import { type EngineError, system } from '../engine-error.ts'
import type { PortBinding, PortMap } from '../shapes/index.ts'
import { formatAddress } from './ip.ts'
import type { Endpoint, Network } from './network.ts'
import type { Sandbox } from './sandbox.ts'

const ephemeral = { first: 32768, last: 60999 }
let lastEphemeral = ephemeral.first - 1

/** Says which port is to blame, for the causes. */
export class PortTaken {
  readonly error: EngineError
  readonly address: string
  readonly port: number

  constructor(error: EngineError, address: string, port: number) {
    this.error = error
    this.address = address
    this.port = port
  }
}

const portErrors = new WeakMap<EngineError, PortTaken>()
export const portBlamed = (error: unknown) => portErrors.get(error as EngineError)

interface Wanted {
  key: string
  protocol: 'tcp' | 'udp'
  containerPort: number
  hostAddress: string
  range: { first: number; last: number } | null
}

/** `-p` and, with `-P`, everything that is exposed. */
function wantedPorts(container: Container): Wanted[] {
  const { config, hostConfig } = container.record
  const wanted: Wanted[] = []
  const bindings: PortMap = { ...hostConfig.PortBindings }
  if (hostConfig.PublishAllPorts) for (const key of Object.keys(config.ExposedPorts ?? {})) bindings[key] ??= [{}]
  for (const [text, list] of Object.entries(bindings)) {
    const port = parsePort(text)
    if (!port || port.protocol === 'sctp') continue
    for (const { HostIp = '', HostPort = '' } of list ?? []) {
      const range = HostPort === '' || HostPort === '0' ? null : (parsePortRange(HostPort) ?? null)
      wanted.push({
        key: portKey(port),
        protocol: port.protocol,
        containerPort: port.port,
        hostAddress: HostIp,
        range,
      })
    }
  }
  return wanted
}

function* candidates(range: Wanted['range']): Generator<number> {
  if (range) {
    for (let port = range.first; port <= range.last; port += 1) yield port
    return
  }
  for (let tries = 0; tries <= ephemeral.last - ephemeral.first; tries += 1) {
    lastEphemeral = lastEphemeral >= ephemeral.last ? ephemeral.first : lastEphemeral + 1
    yield lastEphemeral
  }
}

interface Held {
  address: string
  reservation: PortReservation
}

/** The same port on every address, or nothing. */
async function hold(
  core: Core,
  container: Container,
  want: Wanted,
  addresses: string[],
  port: number,
): Promise<Held[]> {
  const held: Held[] = []
  try {
    for (const address of addresses) {
      if (!core.sandboxes.claimPort(want.protocol, address, port, container.id)) {
        throw system(`Bind for ${hostPort(address, port)} failed: port is already allocated`)
      }
      try {
        held.push({ address, reservation: await core.linux.ports.reserve(want.protocol, address, port) })
      } catch (error) {
        core.sandboxes.releasePort(want.protocol, address, port)
        // Without IPv6 on the machine, IPv4 alone is what `all addresses` means.
        if (address === '::' && addresses.length > 1 && (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') continue
        throw bindError(error, address, port, want.protocol)
      }
    }
    return held
  } catch (error) {
    await letGo(core, want.protocol, held, port)
    throw error
  }
}

async function letGo(core: Core, protocol: string, held: readonly Held[], port: number): Promise<void> {
  for (const { address, reservation } of held) {
    core.sandboxes.releasePort(protocol, address, port)
    await reservation[Symbol.asyncDispose]()
  }
}

const hostPort = (address: string, port: number) =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

function bindError(error: unknown, address: string, port: number, protocol: string): EngineError {
  const code = (error as NodeJS.ErrnoException).code
  const at = hostPort(address, port)
  if (code === 'EADDRINUSE')
    return system(`failed to bind host port ${at}/${protocol}: address already in use`, { cause: error })
  if (code === 'EADDRNOTAVAIL') {
    return system(`failed to bind host port ${at}/${protocol}: cannot assign requested address`, { cause: error })
  }
  return system(`failed to bind host port ${at}/${protocol}: ${(error as Error).message}`, { cause: error })
}

/** Publishes the container's ports on the host. All or none. @throws Docker's sentences */
export async function publishPorts(
  core: Core,
  container: Container,
  sandbox: Sandbox,
  network: Network,
  place: Endpoint,
): Promise<void> {
  const target4 = place.ipv4 ? formatAddress(place.ipv4) : ''
  const target6 = place.ipv6 ? formatAddress(place.ipv6) : ''
  const ports: PortMap = {}
  const published: PublishedPort[] = []
  const reservations: PortReservation[] = []
  const claims: { protocol: string; address: string; port: number }[] = []
  const fail = async (error: unknown): Promise<never> => {
    for (const claim of claims) core.sandboxes.releasePort(claim.protocol, claim.address, claim.port)
    await Promise.all(reservations.map((reservation) => reservation[Symbol.asyncDispose]()))
    throw error
  }
  for (const want of wantedPorts(container)) {
    const given = want.hostAddress || network.record.options['com.docker.network.bridge.host_binding_ipv4'] || ''
    const addresses = given === '' || (given === '0.0.0.0' && want.hostAddress === '') ? ['0.0.0.0', '::'] : [given]
    let held: Held[] | undefined
    let failure: unknown
    let hostPortNumber = 0
    for (const port of candidates(want.range)) {
      try {
        held = await hold(core, container, want, addresses, port)
        hostPortNumber = port
        break
      } catch (error) {
        failure = error
        if (want.range && want.range.first === want.range.last) break
      }
    }
    if (!held) {
      const reason = (failure as Error | undefined)?.message ?? 'all ports are allocated'
      const error = system(
        `driver failed programming external connectivity on endpoint ${container.record.name} (${place.id}): ${reason}`,
        { cause: failure },
      )
      portErrors.set(error, new PortTaken(error, addresses[0] ?? '', want.range?.first ?? 0))
      return await fail(error)
    }
    const list: PortBinding[] = ports[want.key] ?? []
    ports[want.key] = list
    for (const { address, reservation } of held) {
      reservations.push(reservation)
      claims.push({ protocol: want.protocol, address, port: hostPortNumber })
      list.push({ HostIp: address, HostPort: String(hostPortNumber) })
      if (address.includes(':')) {
        reservation.forwardTo({ address: target6 || target4, port: want.containerPort })
      } else {
        published.push({
          protocol: want.protocol,
          hostAddress: address === '0.0.0.0' ? null : address,
          hostPort: hostPortNumber,
          containerAddress: target4,
          containerPort: want.containerPort,
        })
      }
    }
  }
  for (const text of Object.keys(container.record.config.ExposedPorts ?? {})) {
    const port = parsePort(text)
    if (port) ports[portKey(port)] ??= null
  }
  if (published.length > 0) {
    try {
      await core.linux.firewall.publish(published)
    } catch (error) {
      await fail(error)
    }
  }
  sandbox.reservations.push(...reservations)
  sandbox.published.push(...published)
  sandbox.publishedAddress = target4
  container.record.ports = ports
}

/** Gives the host's ports back. */
export async function unpublishPorts(core: Core, container: Container, sandbox: Sandbox): Promise<void> {
  for (const [key, list] of Object.entries(container.record.ports)) {
    const protocol = key.split('/')[1] ?? 'tcp'
    for (const { HostIp = '', HostPort = '' } of list ?? []) {
      core.sandboxes.releasePort(protocol, HostIp, Number(HostPort))
    }
  }
  const reservations = sandbox.reservations.splice(0)
  const published = sandbox.published.splice(0)
  sandbox.publishedAddress = ''
  container.record.ports = {}
  if (published.length > 0) await core.linux.firewall.unpublish(published)
  await Promise.all(reservations.map((reservation) => reservation[Symbol.asyncDispose]()))
}

/** After a restart of the engine: the ports that a running container has published before are held again. */
export function reholdPorts(core: Core, container: Container, sandbox: Sandbox): void {
  for (const [key, list] of Object.entries(container.record.ports)) {
    const port = parsePort(key)
    if (!port || port.protocol === 'sctp') continue
    const { protocol, port: containerPort } = port
    for (const { HostIp = '', HostPort = '' } of list ?? []) {
      const hostPortNumber = Number(HostPort)
      core.sandboxes.claimPort(protocol, HostIp, hostPortNumber, container.id)
      core.background.run('holding a published port again', async () => {
        const reservation = await core.linux.ports.reserve(protocol, HostIp, hostPortNumber)
        if (core.sandboxes.get(container.id) !== sandbox) {
          await reservation[Symbol.asyncDispose]()
          return
        }
        sandbox.reservations.push(reservation)
        if (HostIp.includes(':')) reservation.forwardTo({ address: sandbox.publishedAddress, port: containerPort })
      })
      if (HostIp.includes(':')) continue
      sandbox.published.push({
        protocol,
        hostAddress: HostIp === '0.0.0.0' ? null : HostIp,
        hostPort: hostPortNumber,
        containerAddress: sandbox.publishedAddress,
        containerPort,
      })
    }
  }
}
