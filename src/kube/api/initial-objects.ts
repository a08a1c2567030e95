import type { KubeObject } from '../schema/index.ts'
import { timeText } from './managed-fields/field-manager.ts'
import { newUid } from './object-meta.ts'
import { type Core, keyOf } from './request-context.ts'
import { encodeObject } from './stored-object.ts'

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** The namespaces that every cluster has from the beginning. */
export async function makeNamespaces(core: Core): Promise<void> {
  const resource = core.resources.find('', 'v1', 'namespaces')
  if (!resource) return
  await Promise.all(
    namespaces.map(async (name) => {
      const key = keyOf(resource, '', name)
      if ((await core.store.get(key)).entry) return
      const namespace: KubeObject = {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name,
          uid: newUid(core.random),
          creationTimestamp: timeText(core.clock.nowMs()),
          labels: { 'kubernetes.io/metadata.name': name },
        },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      }
      await core.store.create(key, encodeObject(namespace))
    }),
  )
}
