import type { KubeObject, k8s } from '../../../schema/index.ts'
import type { LiveObjects } from '../../access/live-objects.ts'
import { podReferences } from '../../access/pod-references.ts'
import type { AdmissionRequest, Clock } from '../../contract.ts'
import { type AdmissionPlugin, objectOf, refusal, targetOf } from '../plugin.ts'

type PodSpec = k8s.PodSpec
type Container = k8s.Container

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const volumePrefix = 'kube-api-access-'
const mirrorAnnotation = 'kubernetes.io/config.mirror'
const enforceAnnotation = 'kubernetes.io/enforce-mountable-secrets'
/** Asked for an hour; the seven seconds tell the server that the kubelet asked. */
const tokenSeconds = 3607

export interface ServiceAccountOptions {
  readonly accounts: LiveObjects
  readonly clock: Clock
  /** `base` and five random characters. */
  readonly generateName: (base: string) => string
}

/** Every pod runs as a service account, whose token it finds mounted. */
export class ServiceAccountPlugin implements AdmissionPlugin {
  readonly #options: ServiceAccountOptions

  constructor(options: ServiceAccountOptions) {
    this.#options = options
  }

  async mutate(request: AdmissionRequest): Promise<void> {
    if (targetOf(request) !== 'pods' || request.operation !== 'CREATE') return
    const pod = objectOf(request)
    if (isMirror(pod)) return this.validate(request)
    const spec = pod.spec as PodSpec
    if (!spec.serviceAccountName) spec.serviceAccountName = 'default'
    spec.serviceAccount = spec.serviceAccountName
    const account = await this.#account(request, spec.serviceAccountName)
    if (mountsToken(account, spec)) this.#mountToken(spec)
    const pullSecrets = account.imagePullSecrets as k8s.LocalObjectReference[] | undefined
    if (!spec.imagePullSecrets?.length && pullSecrets?.length)
      spec.imagePullSecrets = pullSecrets.map(({ name }) => ({ name }) as k8s.LocalObjectReference)
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const target = targetOf(request)
    const isDebug = target === 'pods/ephemeralcontainers' && request.operation === 'UPDATE'
    if (!isDebug && (target !== 'pods' || request.operation !== 'CREATE')) return
    const pod = objectOf(request)
    const spec = pod.spec as PodSpec
    if (!isDebug && isMirror(pod)) {
      checkMirror(request, pod)
      return
    }
    if (!spec.serviceAccountName)
      throw refusal(request, `no service account specified for pod ${request.namespace}/${pod.metadata.name ?? ''}`)
    const account = await this.#account(request, spec.serviceAccountName)
    if (account.metadata.annotations?.[enforceAnnotation] !== 'true') return
    const why = forbiddenSecret(account, spec, isDebug)
    if (why !== undefined) throw refusal(request, why)
  }

  /** The default account of a new namespace may be a moment late. */
  async #account(request: AdmissionRequest, name: string): Promise<KubeObject> {
    const { accounts, clock } = this.#options
    const path = `${request.namespace}/${name}`
    const attempts = name === 'default' ? 40 : 1
    for (let attempt = 1; ; attempt++) {
      const account = accounts.get(path)
      if (account) return account
      if (attempt === attempts)
        throw refusal(
          request,
          `error looking up service account ${path}: serviceaccount ${JSON.stringify(name)} not found`,
        )
      await new Promise<void>((resolve) => clock.after(attempt < 10 ? 5 : 50, resolve))
    }
  }

  #mountToken(spec: PodSpec): void {
    const existing = spec.volumes?.find(({ name }) => name.startsWith(volumePrefix))?.name
    const name = existing ?? this.#options.generateName(volumePrefix)
    let isNeeded = false
    for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
      if (container.volumeMounts?.some(({ mountPath }) => mountPath === tokenPath)) continue
      container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: tokenPath }]
      isNeeded = true
    }
    if (existing === undefined && isNeeded) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)]
  }
}

const isMirror = ({ metadata }: KubeObject): boolean => metadata.annotations?.[mirrorAnnotation] !== undefined

function mountsToken(account: KubeObject, spec: PodSpec): boolean {
  const ofAccount = account.automountServiceAccountToken as boolean | undefined
  return spec.automountServiceAccountToken ?? ofAccount ?? true
}

function tokenVolume(name: string): k8s.Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  }
}

function checkMirror(request: AdmissionRequest, pod: KubeObject): void {
  const spec = pod.spec as PodSpec
  if (spec.serviceAccountName) throw refusal(request, 'a mirror pod may not reference service accounts')
  if (podReferences(pod).some(({ resource }) => resource === 'secrets'))
    throw refusal(request, 'a mirror pod may not reference secrets')
  if (spec.volumes?.some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken)))
    throw refusal(request, 'a mirror pod may not use ServiceAccountToken volume projections')
}

/** Why a secret may not be used by pods of an account that names those that may. */
function forbiddenSecret(account: KubeObject, spec: PodSpec, onlyDebug: boolean): string | undefined {
  const names = (field: string) => new Set((account[field] as { name?: string }[] | undefined)?.map(({ name }) => name))
  const mountable = names('secrets')
  const end = `is not allowed because service account ${account.metadata.name} does not reference that`
  if (onlyDebug) return secretOf('ephemeral container', spec.ephemeralContainers as Container[], mountable, end)
  for (const { secret } of spec.volumes ?? [])
    if (secret && !mountable.has(secret.secretName))
      return `volume with secret.secretName="${secret.secretName}" ${end} secret`
  const found =
    secretOf('init container', spec.initContainers, mountable, end) ??
    secretOf('container', spec.containers, mountable, end)
  if (found !== undefined) return found
  const pull = names('imagePullSecrets')
  const index = spec.imagePullSecrets?.findIndex(({ name }) => !pull.has(name)) ?? -1
  if (index < 0) return undefined
  return `imagePullSecrets[${index}].name="${spec.imagePullSecrets?.[index]?.name}" ${end} imagePullSecret`
}

function secretOf(
  what: string,
  containers: readonly Container[] | undefined,
  mountable: ReadonlySet<string | undefined>,
  end: string,
): string | undefined {
  for (const { name, env = [], envFrom = [] } of containers ?? []) {
    for (const variable of env) {
      const secret = variable.valueFrom?.secretKeyRef?.name
      if (secret !== undefined && !mountable.has(secret))
        return `${what} ${name} with envVar ${variable.name} referencing secret.secretName="${secret}" ${end} secret`
    }
    for (const { secretRef } of envFrom)
      if (secretRef && !mountable.has(secretRef.name))
        return `${what} ${name} with envFrom referencing secret.secretName="${secretRef.name}" ${end} secret`
  }
  return undefined
}
