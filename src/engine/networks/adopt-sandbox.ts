import type { Container } from '../containers/container.ts'
import type { Core } from '../core/core.ts'
import { newId } from '../core/identifier.ts'
import { parseAddress } from './ip.ts'
import type { Network } from './network.ts'
import { reholdPorts } from './publish-ports.ts'
import type { Sandbox } from './sandbox.ts'
import { startDns } from './start-networking.ts'

function adoptEndpoint(container: Container, network: Network): void {
  const settings = container.record.endpoints[network.name]?.settings
  if (!settings) return
  const take = (text: string | undefined, bits: 32 | 128) => {
    const address = parseAddress(text ?? '')
    if (address) network.pool(bits)?.subnet.takeThis(address, container.id)
    return address ?? null
  }
  network.endpoints.set(container.id, {
    id: settings.EndpointID || newId(),
    containerId: container.id,
    name: container.record.name,
    mac: settings.MacAddress ?? '',
    ipv4: take(settings.IPAddress, 32),
    ipv6: take(settings.GlobalIPv6Address, 128),
    dnsNames: settings.DNSNames ?? [],
  })
}

/** The place in the network of a container that an earlier process has started: addresses, ports, name server. */
export function adoptSandbox(core: Core, container: Container): void {
  for (const name of Object.keys(container.record.endpoints)) {
    const network = core.networks.byName(name)
    if (network) adoptEndpoint(container, network)
  }
  const namespace = core.linux.network.namespace(container.id)
  if (!namespace) return
  const interfaces = new Map<string, string>()
  let embedded = false
  let publishedAddress = ''
  for (const [name, { ifName, settings }] of Object.entries(container.record.endpoints)) {
    const network = core.networks.byName(name)
    if (!network || !ifName) continue
    interfaces.set(network.id, ifName)
    embedded ||= network.isUserDefined
    if (!network.record.internal && publishedAddress === '') publishedAddress = settings.IPAddress ?? ''
  }
  const sandbox: Sandbox = {
    containerId: container.id,
    namespace,
    interfaces,
    nextInterface: interfaces.size,
    dns: null,
    reservations: [],
    published: [],
    publishedAddress,
  }
  core.sandboxes.set(sandbox)
  reholdPorts(core, container, sandbox)
  if (!embedded) return
  try {
    startDns(core, container, sandbox)
  } catch (error) {
    core.log.error({ err: error, container: container.id }, 'the name server of a container could not be started again')
  }
}
