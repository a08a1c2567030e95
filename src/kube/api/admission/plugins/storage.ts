import { compareQuantities, type KubeObject, type k8s } from '../../../schema/index.ts'
import type { LiveObjects } from '../../access/live-objects.ts'
import type { AdmissionRequest } from '../../contract.ts'
import { type AdmissionPlugin, objectOf, oldObjectOf, refusal, targetOf } from '../plugin.ts'

const isMarked = ({ metadata }: KubeObject, ...keys: string[]) =>
  keys.some((key) => metadata.annotations?.[key] === 'true')

/** The newest of the classes that are marked as default. */
function defaultOf(classes: LiveObjects, ...keys: string[]): string | undefined {
  const marked = classes.all().filter((one) => isMarked(one, ...keys))
  const at = ({ metadata }: KubeObject) => Date.parse(metadata.creationTimestamp ?? '')
  return [...marked].sort((a, b) => at(b) - at(a) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))[0]
    ?.metadata.name
}

/** A claim that names no storage class gets the default one. */
export const defaultStorageClass = (classes: LiveObjects): AdmissionPlugin => ({
  mutate(request) {
    if (targetOf(request) !== 'persistentvolumeclaims' || request.operation !== 'CREATE') return
    const claim = objectOf(request)
    const spec = claim.spec as k8s.PersistentVolumeClaimSpec
    if (spec.storageClassName !== undefined) return
    if (claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return
    const name = defaultOf(
      classes,
      'storageclass.kubernetes.io/is-default-class',
      'storageclass.beta.kubernetes.io/is-default-class',
    )
    if (name !== undefined) spec.storageClassName = name
  },
})

/** An ingress that names no class gets the default one. */
export const defaultIngressClass = (classes: LiveObjects): AdmissionPlugin => ({
  mutate(request) {
    if (targetOf(request) !== 'ingresses.networking.k8s.io' || request.operation !== 'CREATE') return
    const ingress = objectOf(request)
    const spec = (ingress.spec ?? {}) as k8s.IngressSpec
    if (spec.ingressClassName !== undefined) return
    if (ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return
    const name = defaultOf(classes, 'ingressclass.kubernetes.io/is-default-class')
    if (name === undefined) return
    spec.ingressClassName = name
    ingress.spec = spec
  },
})

/** Only a bound claim grows, and only where its class allows it. */
export const persistentVolumeClaimResize = (classes: LiveObjects): AdmissionPlugin => ({
  validate(request: AdmissionRequest) {
    if (targetOf(request) !== 'persistentvolumeclaims' || request.operation !== 'UPDATE') return
    const claim = objectOf(request) as unknown as k8s.PersistentVolumeClaim
    const old = oldObjectOf(request) as unknown as k8s.PersistentVolumeClaim
    const wanted = claim.spec?.resources?.requests?.storage
    const before = old.spec?.resources?.requests?.storage
    if (wanted === undefined || before === undefined || compareQuantities(before, wanted) >= 0) return
    if (old.status?.phase !== 'Bound') throw refusal(request, 'Only bound persistent volume claims can be expanded')
    const name =
      claim.metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName ?? ''
    if (name !== '' && classes.get(name)?.allowVolumeExpansion === true) return
    throw refusal(
      request,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    )
  },
})
