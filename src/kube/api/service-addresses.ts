import { goQuote, type KubeObject } from '../schema/index.ts'
import type { Store } from '../store/index.ts'
import { invalid } from './errors.ts'
import { timeText } from './managed-fields/field-manager.ts'
import { newUid } from './object-meta.ts'
import type { Core } from './request-context.ts'
import { encodeObject } from './stored-object.ts'
import type { Finish, WriteHooks } from './write-hooks.ts'

/** Addresses of services are 10.96.0.0/12, kubeadm's own default; the first one is the API's. */
const base = 10 * 2 ** 24 + 96 * 2 ** 16
const size = 2 ** 20
export const serviceCidr = '10.96.0.0/12'
export const apiServiceAddress = '10.96.0.1'

const firstPort = 30_000
const lastPort = 32_767

interface ServicePort {
  port: number
  protocol?: string
  nodePort?: number
}

interface ServiceSpec {
  type?: string
  clusterIP?: string
  clusterIPs?: string[]
  ipFamilies?: string[]
  ipFamilyPolicy?: string
  ports?: ServicePort[]
  allocateLoadBalancerNodePorts?: boolean
  healthCheckNodePort?: number
  externalTrafficPolicy?: string
}

/**
 * Gives services their addresses and node ports. Who holds what stands in the store, one key each, so that two writers,
 * or two servers over one store, never give the same thing away: an address is an IPAddress object, as in Kubernetes.
 */
export class ServiceAddresses implements WriteHooks {
  async beginCreate(core: Core, object: KubeObject, dryRun: boolean): Promise<Finish> {
    const claims = new Claims(core, object, dryRun)
    try {
      await claims.address(specOf(object))
      await claims.ports(specOf(object), undefined)
    } catch (error) {
      await claims.release()
      throw error
    }
    return claims.finish([])
  }

  async beginUpdate(core: Core, object: KubeObject, old: KubeObject, dryRun: boolean): Promise<Finish> {
    const claims = new Claims(core, object, dryRun)
    const before = specOf(old)
    const after = specOf(object)
    keepAddress(after, before)
    try {
      if (addressOf(after) !== addressOf(before) || (after.type !== 'ExternalName' && !after.clusterIP))
        await claims.address(after)
      await claims.ports(after, before)
    } catch (error) {
      await claims.release()
      throw error
    }
    const held = new Set(keysOf(after))
    return claims.finish(keysOf(before).filter((key) => !held.has(key)))
  }

  async afterDelete({ store }: Core, object: KubeObject): Promise<void> {
    await Promise.all(keysOf(specOf(object)).map((key) => drop(store, key)))
  }
}

const specOf = (object: KubeObject): ServiceSpec => (object.spec ?? {}) as ServiceSpec

const addressOf = ({ type, clusterIP }: ServiceSpec): string | undefined =>
  type === 'ExternalName' || clusterIP === undefined || clusterIP === '' || clusterIP === 'None' ? undefined : clusterIP

/** A client that leaves the address out of an update keeps it. */
function keepAddress(after: ServiceSpec, before: ServiceSpec): void {
  if (after.type === 'ExternalName') {
    delete after.clusterIP
    delete after.clusterIPs
    delete after.ipFamilies
    delete after.ipFamilyPolicy
    return
  }
  if (before.type === 'ExternalName') return
  if (!after.clusterIP && before.clusterIP) after.clusterIP = before.clusterIP
  if (!after.clusterIPs?.length && before.clusterIPs && after.clusterIP === before.clusterIP)
    after.clusterIPs = before.clusterIPs
  after.ipFamilies ??= before.ipFamilies ?? ['IPv4']
  after.ipFamilyPolicy ??= before.ipFamilyPolicy ?? 'SingleStack'
  if (needsPorts(after))
    for (const port of after.ports ?? []) {
      const same = before.ports?.find(
        (other) => other.port === port.port && (other.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
      )
      if (!port.nodePort && same?.nodePort) port.nodePort = same.nodePort
    }
  else if (needsPorts(before) && after.type === 'ClusterIP')
    for (const port of after.ports ?? [])
      if (before.ports?.some((other) => other.nodePort === port.nodePort)) delete port.nodePort
}

const needsPorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)

const addressKey = (address: string) => `/registry/networking.k8s.io/ipaddresses/${address}`
const portKey = (protocol: string, port: number) => `/registry/ranges/servicenodeports/${protocol}/${port}`

function keysOf(spec: ServiceSpec): string[] {
  const address = addressOf(spec)
  const ports = (spec.ports ?? []).flatMap(({ protocol = 'TCP', nodePort }) =>
    nodePort ? [portKey(protocol, nodePort)] : [],
  )
  const health = spec.healthCheckNodePort ? [portKey('TCP', spec.healthCheckNodePort)] : []
  return [...(address === undefined ? [] : [addressKey(address)]), ...ports, ...health]
}

async function drop(store: Store, key: string): Promise<void> {
  const { entry } = await store.get(key)
  if (entry) await store.delete(key, entry.revision)
}

/** What one write takes for itself, given back where the write fails. */
class Claims {
  readonly #core: Core
  readonly #service: KubeObject
  readonly #dryRun: boolean
  readonly #taken: string[] = []

  constructor(core: Core, service: KubeObject, dryRun: boolean) {
    this.#core = core
    this.#service = service
    this.#dryRun = dryRun
  }

  finish(released: readonly string[]): Finish {
    return async (written) => {
      if (!written || this.#dryRun) await this.release()
      else await Promise.all(released.map((key) => drop(this.#core.store, key)))
    }
  }

  async release(): Promise<void> {
    await Promise.all(this.#taken.splice(0).map((key) => drop(this.#core.store, key)))
  }

  async address(spec: ServiceSpec): Promise<void> {
    if (spec.type === 'ExternalName') return
    if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0]
    if (spec.clusterIP === 'None') {
      spec.clusterIPs = ['None']
    } else {
      spec.clusterIP = spec.clusterIP ? await this.#asked(spec.clusterIP) : await this.#any()
      spec.clusterIPs = [spec.clusterIP]
    }
    spec.ipFamilies ??= ['IPv4']
    spec.ipFamilyPolicy ??= 'SingleStack'
  }

  async #asked(address: string): Promise<string> {
    const offset = offsetOf(address)
    const refuse = (why: string) =>
      this.#invalid('spec.clusterIPs', JSON.stringify([address]), `failed to allocate IP ${address}: ${why}`)
    // What is no IPv4 address at all is for validation to say.
    if (offset === undefined) return address
    if (offset < 1 || offset >= size - 1)
      throw refuse(`the provided IP (${address}) is not in the valid range. The range of valid IPs is ${serviceCidr}`)
    if (!(await this.#takeAddress(address))) throw refuse('provided IP is already allocated')
    return address
  }

  async #any(): Promise<string> {
    const { random } = this.#core
    // The lower part is left to those who ask for an address of their own, as long as the rest has room.
    const reserved = 256
    for (let attempt = 0; attempt < 64; attempt++) {
      const [a = 0, b = 0, c = 0] = random(3)
      const offset = reserved + ((a * 65_536 + b * 256 + c) % (size - reserved - 1))
      const address = addressAt(offset)
      if (await this.#takeAddress(address)) return address
    }
    for (let offset = 1; offset < size - 1; offset++) {
      const address = addressAt(offset)
      if (await this.#takeAddress(address)) return address
    }
    throw this.#invalid('spec.clusterIPs', 'null', 'failed to allocate a serviceIP: range is full')
  }

  async #takeAddress(address: string): Promise<boolean> {
    const { metadata } = this.#service
    const object: KubeObject = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IPAddress',
      metadata: {
        name: address,
        uid: newUid(this.#core.random),
        creationTimestamp: timeText(this.#core.clock.nowMs()),
        labels: {
          'ipaddress.kubernetes.io/ip-family': 'IPv4',
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
        },
      },
      spec: { parentRef: { resource: 'services', namespace: metadata.namespace, name: metadata.name } },
    }
    return this.#take(addressKey(address), object)
  }

  async #take(key: string, object: KubeObject): Promise<boolean> {
    if (this.#taken.includes(key)) return false
    if (this.#dryRun) return (await this.#core.store.get(key)).entry === undefined
    const { written } = await this.#core.store.create(key, encodeObject(object))
    if (written) this.#taken.push(key)
    return written
  }

  async ports(spec: ServiceSpec, before: ServiceSpec | undefined): Promise<void> {
    const held = new Set(before ? keysOf(before) : [])
    for (const [i, port] of (spec.ports ?? []).entries()) {
      const { protocol = 'TCP', nodePort } = port
      if (nodePort) {
        if (held.has(portKey(protocol, nodePort))) continue
        await this.#askedPort(`spec.ports[${i}].nodePort`, protocol, nodePort)
      } else if (needsPorts(spec)) port.nodePort = await this.#anyPort(protocol, `spec.ports[${i}].nodePort`)
    }
    const needsHealth = spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'
    if (needsHealth && !spec.healthCheckNodePort)
      spec.healthCheckNodePort = before?.healthCheckNodePort ?? (await this.#anyPort('TCP', 'spec.healthCheckNodePort'))
  }

  async #askedPort(field: string, protocol: string, port: number): Promise<void> {
    const refuse = (why: string) => this.#invalid(field, String(port), why)
    if (port < firstPort || port > lastPort)
      throw refuse(`provided port is not in the valid range. The range of valid ports is ${firstPort}-${lastPort}`)
    if (!(await this.#take(portKey(protocol, port), this.#portHolder(port))))
      throw refuse('provided port is already allocated')
  }

  async #anyPort(protocol: string, field: string): Promise<number> {
    const count = lastPort - firstPort + 1
    const [a = 0, b = 0] = this.#core.random(2)
    for (let i = 0; i < count; i++) {
      const port = firstPort + ((a * 256 + b + i) % count)
      if (await this.#take(portKey(protocol, port), this.#portHolder(port))) return port
    }
    throw this.#invalid(field, '0', 'failed to allocate a nodePort: range is full')
  }

  #portHolder(port: number): KubeObject {
    const { namespace, name } = this.#service.metadata
    return {
      apiVersion: 'v1',
      kind: 'RangeAllocation',
      metadata: { name: String(port) },
      data: `${namespace ?? ''}/${name ?? ''}`,
    }
  }

  #invalid(field: string, value: string, why: string) {
    return invalid({ group: '', kind: 'Service' }, this.#service.metadata.name ?? '', [
      {
        type: 'FieldValueInvalid',
        field,
        message: `Invalid value: ${value.startsWith('[') || /^\d+$/.test(value) ? value : goQuote(value)}: ${why}`,
      },
    ])
  }
}

function offsetOf(address: string): number | undefined {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + part, 0) - base
}

function addressAt(offset: number): string {
  const value = base + offset
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}
