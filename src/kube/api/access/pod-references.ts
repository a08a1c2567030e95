import type { KubeObject } from '../../schema/index.ts'

export interface PodReference {
  readonly resource: 'secrets' | 'configmaps' | 'persistentvolumeclaims' | 'serviceaccounts' | 'resourceclaims'
  readonly name: string
}

interface Named {
  readonly name?: string
}
interface Source {
  readonly secretRef?: Named
  readonly configMapRef?: Named
  readonly valueFrom?: { readonly secretKeyRef?: Named; readonly configMapKeyRef?: Named }
}
interface Volume extends Record<string, unknown> {
  readonly name: string
  readonly secret?: { readonly secretName?: string }
  readonly configMap?: Named
  readonly persistentVolumeClaim?: { readonly claimName: string }
  readonly ephemeral?: object
  readonly projected?: { readonly sources?: readonly { readonly secret?: Named; readonly configMap?: Named }[] }
}
interface PodSpec {
  readonly serviceAccountName?: string
  readonly imagePullSecrets?: readonly Named[]
  readonly volumes?: readonly Volume[]
  readonly resourceClaims?: readonly { readonly resourceClaimName?: string }[]
}

/** The containers of every kind that a pod has. */
export function containersOf(spec: unknown): readonly Record<string, unknown>[] {
  const { containers, initContainers, ephemeralContainers } = (spec ?? {}) as Record<
    string,
    Record<string, unknown>[] | undefined
  >
  return [...(initContainers ?? []), ...(containers ?? []), ...(ephemeralContainers ?? [])]
}

/** What a pod needs to read by name. */
export function podReferences(pod: KubeObject): PodReference[] {
  const spec = (pod.spec ?? {}) as PodSpec
  const found: PodReference[] = []
  const add = (resource: PodReference['resource'], name: string | undefined) => {
    if (name) found.push({ resource, name })
  }
  add('serviceaccounts', spec.serviceAccountName)
  for (const { name } of spec.imagePullSecrets ?? []) add('secrets', name)
  for (const { resourceClaimName } of spec.resourceClaims ?? []) add('resourceclaims', resourceClaimName)
  for (const container of containersOf(spec))
    for (const source of [...((container.envFrom as Source[]) ?? []), ...((container.env as Source[]) ?? [])]) {
      add('secrets', source.secretRef?.name ?? source.valueFrom?.secretKeyRef?.name)
      add('configmaps', source.configMapRef?.name ?? source.valueFrom?.configMapKeyRef?.name)
    }
  for (const volume of spec.volumes ?? []) {
    add('secrets', volume.secret?.secretName)
    add('configmaps', volume.configMap?.name)
    add('persistentvolumeclaims', volume.persistentVolumeClaim?.claimName)
    if (volume.ephemeral) add('persistentvolumeclaims', `${pod.metadata.name}-${volume.name}`)
    for (const source of volume.projected?.sources ?? []) {
      add('secrets', source.secret?.name)
      add('configmaps', source.configMap?.name)
    }
    // Drivers of many kinds name the secret with their password.
    for (const driver of Object.values(volume)) {
      const ref = (driver as { secretRef?: Named; nodePublishSecretRef?: Named } | null) ?? {}
      if (typeof ref === 'object') add('secrets', ref.secretRef?.name ?? ref.nodePublishSecretRef?.name)
    }
  }
  return found
}
