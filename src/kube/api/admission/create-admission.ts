import type { KubeObject } from '../../schema/index.ts'
import type { Store } from '../../store/index.ts'
import type { Access } from '../access/access.ts'
import { LiveObjects } from '../access/live-objects.ts'
import type { Admission, ApiDependencies } from '../contract.ts'
import { timeText } from '../managed-fields/field-manager.ts'
import { generateName, newUid } from '../object-meta.ts'
import { encodeObject } from '../stored-object.ts'
import type { AdmissionPlugin } from './plugin.ts'
import { certificateSigners, certificateSubjectRestriction } from './plugins/certificates.ts'
import { LimitRangerPlugin } from './plugins/limit-ranger.ts'
import { PriorityPlugin } from './plugins/priority.ts'
import { runtimeClass } from './plugins/runtime-class.ts'
import { ServiceAccountPlugin } from './plugins/service-account.ts'
import { defaultIngressClass, defaultStorageClass, persistentVolumeClaimResize } from './plugins/storage.ts'
import { defaultTolerationSeconds, taintNodesByCondition } from './plugins/tolerations.ts'

export interface AdmissionOptions extends Pick<ApiDependencies, 'store' | 'clock' | 'random' | 'log'> {
  readonly access: Pick<Access, 'authorize' | 'checkEscalation'>
}

export interface OpenAdmission extends Admission, Disposable {}

/** The plugins that are on by default, in Kubernetes' order, over the objects that they look at. */
export async function createAdmission(options: AdmissionOptions): Promise<OpenAdmission> {
  const { store, clock, random, log, access } = options
  const live = (path: string) => LiveObjects.open(store, `/registry/${path}/`, log)
  const [accounts, namespaces, limitRanges, priorities, storageClasses, ingressClasses, runtimeClasses] =
    await Promise.all([
      live('serviceaccounts'),
      live('namespaces'),
      live('limitranges'),
      live('scheduling.k8s.io/priorityclasses'),
      live('storage.k8s.io/storageclasses'),
      live('networking.k8s.io/ingressclasses'),
      live('node.k8s.io/runtimeclasses'),
    ])
  await makePriorityClasses(options, priorities)
  keepDefaultAccounts(options, namespaces, accounts)
  const plugins: readonly AdmissionPlugin[] = [
    { validate: (request) => access.checkEscalation(request) },
    new LimitRangerPlugin(limitRanges),
    new ServiceAccountPlugin({ accounts, clock, generateName: (base) => generateName(random, base) }),
    taintNodesByCondition,
    new PriorityPlugin(priorities),
    defaultTolerationSeconds,
    defaultStorageClass(storageClasses),
    persistentVolumeClaimResize(storageClasses),
    runtimeClass(runtimeClasses),
    certificateSigners(access.authorize),
    certificateSubjectRestriction,
    defaultIngressClass(ingressClasses),
  ]
  return {
    async mutate(request) {
      for (const plugin of plugins) {
        const pending = plugin.mutate?.(request)
        if (pending) await pending
      }
    },
    async validate(request) {
      for (const plugin of plugins) {
        const pending = plugin.validate?.(request)
        if (pending) await pending
      }
    },
    [Symbol.dispose]() {
      for (const one of [accounts, namespaces, limitRanges, priorities, storageClasses, ingressClasses, runtimeClasses])
        one[Symbol.dispose]()
    },
  }
}

type Writer = Pick<ApiDependencies, 'clock' | 'random'> & { readonly store: Store }

function create({ store, clock, random }: Writer, key: string, object: KubeObject): Promise<unknown> {
  const metadata = { ...object.metadata, uid: newUid(random), creationTimestamp: timeText(clock.nowMs()) }
  return store.create(key, encodeObject({ ...object, metadata }))
}

const systemClasses = [
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
] as const

async function makePriorityClasses(writer: Writer, classes: LiveObjects): Promise<void> {
  await Promise.all(
    systemClasses
      .filter(({ name }) => !classes.get(name))
      .map(({ name, value, description }) =>
        create(writer, classes.prefix + name, {
          apiVersion: 'scheduling.k8s.io/v1',
          kind: 'PriorityClass',
          metadata: { name, generation: 1 },
          value,
          description,
          preemptionPolicy: 'PreemptLowerPriority',
        }),
      ),
  )
}

/** Every living namespace has a service account `default`. */
function keepDefaultAccounts(options: AdmissionOptions, namespaces: LiveObjects, accounts: LiveObjects): void {
  const ensure = ({ metadata }: KubeObject) => {
    const { name = '', deletionTimestamp } = metadata
    if (deletionTimestamp !== undefined || accounts.get(`${name}/default`)) return
    create(options, `${accounts.prefix}${name}/default`, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: name },
    }).catch((error: unknown) => {
      if ((error as Error).name !== 'StoreClosedError')
        options.log.error({ err: error, namespace: name }, 'a namespace has no default service account')
    })
  }
  for (const namespace of namespaces.all()) ensure(namespace)
  namespaces.onChange((_, namespace) => {
    if (namespace) ensure(namespace)
  })
  accounts.onChange((key, account) => {
    const [name = '', own] = key.slice(accounts.prefix.length).split('/')
    const namespace = own === 'default' && !account ? namespaces.get(name) : undefined
    if (namespace) ensure(namespace)
  })
}
