import type { KubeObject } from '../schema/index.ts'
import { hooksOf } from './hooks-of.ts'
import { equal } from './managed-fields/compare.ts'
import { timeText } from './managed-fields/field-manager.ts'
import type { JsonMap } from './managed-fields/shape.ts'
import { newUid } from './object-meta.ts'
import { type Core, keyOf } from './request-context.ts'
import { apiServiceAddress, serviceCidr } from './service-addresses.ts'
import { decodeObject, encodeObject } from './stored-object.ts'

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** What every cluster has from the beginning. */
export async function makeInitialObjects(core: Core): Promise<void> {
  await Promise.all([
    ...namespaces.map((name) =>
      make(core, 'namespaces', '', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      }),
    ),
    make(core, 'servicecidrs', 'networking.k8s.io', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'kubernetes', finalizers: ['networking.k8s.io/service-cidr-finalizer'] },
      spec: { cidrs: [serviceCidr] },
      status: {
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            reason: '',
            message: 'Kubernetes Service CIDR is ready',
            lastTransitionTime: timeText(core.clock.nowMs()),
          },
        ],
      },
    }),
    makeService(core),
  ])
}

async function make(core: Core, plural: string, group: string, object: KubeObject): Promise<void> {
  const resource = core.resources.find(group, 'v1', plural)
  if (!resource) return
  const key = keyOf(resource, object.metadata.namespace ?? '', object.metadata.name ?? '')
  if ((await core.store.get(key)).entry) return
  await core.store.create(key, encodeObject(withSystemFields(core, object)))
}

function withSystemFields(core: Core, object: KubeObject): KubeObject {
  const metadata = { ...object.metadata, uid: newUid(core.random), creationTimestamp: timeText(core.clock.nowMs()) }
  return { ...object, metadata }
}

const labels = { component: 'apiserver', provider: 'kubernetes' }

async function makeService(core: Core): Promise<void> {
  const resource = core.resources.find('', 'v1', 'services')
  if (!resource) return
  const key = keyOf(resource, 'default', 'kubernetes')
  if ((await core.store.get(key)).entry) return
  const service = withSystemFields(core, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels },
    spec: {
      type: 'ClusterIP',
      clusterIP: apiServiceAddress,
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
    },
    status: { loadBalancer: {} },
  })
  const finish = await hooksOf(resource.keyPrefix)?.beginCreate(core, service, false)
  const { written } = await core.store.create(key, encodeObject(service))
  await finish?.(written)
}

/** Says in the cluster where the API is: the endpoints of the service `kubernetes`. */
export async function publishEndpoint(core: Core, address: string, port: number): Promise<void> {
  const ports = [{ name: 'https', port, protocol: 'TCP' }]
  const metadata = { name: 'kubernetes', namespace: 'default' }
  await Promise.all([
    replace(core, 'endpoints', '', {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [{ addresses: [{ ip: address }], ports }],
    }),
    replace(core, 'endpointslices', 'discovery.k8s.io', {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports,
    }),
  ])
}

async function replace(core: Core, plural: string, group: string, object: KubeObject): Promise<void> {
  const resource = core.resources.find(group, 'v1', plural)
  if (!resource) return
  const key = keyOf(resource, 'default', object.metadata.name ?? '')
  const { entry } = await core.store.get(key)
  if (!entry) {
    await core.store.create(key, encodeObject(withSystemFields(core, object)))
    return
  }
  const live = decodeObject(entry)
  const next = { ...live, ...object, metadata: live.metadata }
  if (!equal(next as unknown as JsonMap, live as unknown as JsonMap))
    await core.store.update(key, encodeObject(next), entry.revision)
}
