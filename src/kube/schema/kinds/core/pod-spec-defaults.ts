import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { formatQuantity, parseQuantity } from '../../value/quantity.ts'

type PodSpec = Unchecked<k8s.PodSpec>
type Container = Unchecked<k8s.Container>
type Volume = Unchecked<k8s.Volume>
type ResourceList = Record<string, k8s.Quantity | undefined>

/** What a pod template and a pod have in common. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.restartPolicy ||= 'Always'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= 30
  spec.schedulerName ||= 'default-scheduler'
  // the deprecated name of the field is kept in step with the new one
  spec.serviceAccountName ||= spec.serviceAccount
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName
  else {
    delete spec.serviceAccountName
    delete spec.serviceAccount
  }
  for (const container of spec.initContainers ?? []) defaultContainer(container)
  for (const container of spec.containers ?? []) defaultContainer(container)
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
  if (spec.resources) defaultResources(spec.resources)
  roundUp(spec.overhead)
}

export function defaultContainer(container: Container): void {
  container.imagePullPolicy ||= pullPolicyOf(container.image ?? '')
  container.terminationMessagePath ||= '/dev/termination-log'
  container.terminationMessagePolicy ||= 'File'
  for (const port of container.ports ?? []) port.protocol ||= 'TCP'
  for (const variable of container.env ?? []) {
    if (variable.valueFrom?.fieldRef) variable.valueFrom.fieldRef.apiVersion ||= 'v1'
    if (variable.valueFrom?.fileKeyRef) variable.valueFrom.fileKeyRef.optional ??= false
  }
  if (container.resources) defaultResources(container.resources)
  defaultProbe(container.livenessProbe)
  defaultProbe(container.readinessProbe)
  defaultProbe(container.startupProbe)
  defaultHandler(container.lifecycle?.postStart)
  defaultHandler(container.lifecycle?.preStop)
}

function defaultResources(resources: Unchecked<k8s.ResourceRequirements>): void {
  roundUp(resources.limits)
  roundUp(resources.requests)
}

/** Resources are counted in thousandths: smaller parts are rounded up. */
export function roundUp(list: ResourceList | undefined): void {
  for (const name in list) {
    const text = list[name]
    if (typeof text !== 'string' || !/[nu.]/.test(text)) continue
    const { nanos, format } = parseQuantity(text)
    const rest = nanos % 1_000_000n
    if (rest === 0n) continue
    list[name] = formatQuantity({ nanos: nanos - rest + (nanos > 0n ? 1_000_000n : 0n), format })
  }
}

function defaultProbe(probe: Unchecked<k8s.Probe> | undefined): void {
  if (!probe) return
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  defaultHandler(probe)
  if (probe.grpc) probe.grpc.service ??= ''
}

function defaultHandler(handler: { httpGet?: Unchecked<k8s.HTTPGetAction> | undefined } | undefined): void {
  if (!handler?.httpGet) return
  handler.httpGet.path ||= '/'
  handler.httpGet.scheme ||= 'HTTP'
}

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const reference = new RegExp(
  `^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?${component}(?:/${component})*(?::([\\w][\\w.-]{0,127}))?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
)

/** Always for the tag `latest`, which is what no tag and no digest mean. */
export function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  const parts = reference.exec(image)
  if (!parts) return 'IfNotPresent'
  const [, tag, digest] = parts
  return (tag ?? (digest ? '' : 'latest')) === 'latest' ? 'Always' : 'IfNotPresent'
}

export function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {}
  const { secret, configMap, downwardAPI, projected, hostPath, image, iscsi, rbd, azureDisk, scaleIO, ephemeral } =
    volume
  if (secret) secret.defaultMode ??= 0o644
  if (configMap) configMap.defaultMode ??= 0o644
  if (downwardAPI) {
    downwardAPI.defaultMode ??= 0o644
    defaultDownwardItems(downwardAPI.items)
  }
  if (projected) {
    projected.defaultMode ??= 0o644
    for (const source of projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600
      if (source.podCertificate) source.podCertificate.maxExpirationSeconds ??= 86400
      defaultDownwardItems(source.downwardAPI?.items)
    }
  }
  if (hostPath) hostPath.type ??= ''
  if (image) image.pullPolicy ||= pullPolicyOf(image.reference ?? '')
  if (iscsi) iscsi.iscsiInterface ||= 'default'
  defaultRbd(rbd)
  defaultAzureDisk(azureDisk)
  if (scaleIO) {
    scaleIO.storageMode ||= 'ThinProvisioned'
    scaleIO.fsType ||= 'xfs'
  }
  if (ephemeral?.volumeClaimTemplate?.spec) defaultClaimSpec(ephemeral.volumeClaimTemplate.spec)
}

export function defaultClaimSpec(spec: Unchecked<k8s.PersistentVolumeClaimSpec>): void {
  spec.volumeMode ??= 'Filesystem'
  roundUp(spec.resources?.limits)
  roundUp(spec.resources?.requests)
}

export function defaultRbd(
  rbd: { pool?: string | undefined; user?: string | undefined; keyring?: string | undefined } | undefined,
) {
  if (!rbd) return
  rbd.pool ||= 'rbd'
  rbd.user ||= 'admin'
  rbd.keyring ||= '/etc/ceph/keyring'
}

export function defaultAzureDisk(disk: Unchecked<k8s.AzureDiskVolumeSource> | undefined) {
  if (!disk) return
  disk.cachingMode ??= 'ReadWrite'
  disk.kind ??= 'Shared'
  disk.fsType ??= 'ext4'
  disk.readOnly ??= false
}

function defaultDownwardItems(items: Unchecked<k8s.DownwardAPIVolumeFile>[] | undefined): void {
  for (const item of items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1'
}

/** A template of workloads. */
/** Of an object whose template is there even if nobody wrote one. */
export function defaultPodTemplate(holder: { template?: Unchecked<k8s.PodTemplateSpec> | undefined }): void {
  holder.template ??= {}
  holder.template.spec ??= {}
  defaultPodSpec(holder.template.spec)
}

/** With the host's network, a port of a container is a port of the host. */
export function defaultHostPorts(spec: PodSpec): void {
  for (const containers of [spec.containers, spec.initContainers]) {
    for (const container of containers ?? []) {
      for (const port of container.ports ?? []) {
        if (!port.hostPort && port.containerPort) port.hostPort = port.containerPort
      }
    }
  }
}
