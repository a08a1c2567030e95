import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'

export function serviceWarnings({ metadata, spec = {} }: Unchecked<k8s.Service>): string[] {
  const warnings: string[] = []
  const old = 'service.kubernetes.io/topology-aware-hints'
  if (metadata?.annotations?.[old] !== undefined) {
    warnings.push(`annotation ${old} is deprecated, please use service.kubernetes.io/topology-mode instead`)
  }
  const { type, externalIPs = [], externalName, trafficDistribution } = spec
  const headless = spec.clusterIPs?.[0] === 'None' || (!spec.clusterIPs?.length && spec.clusterIP === 'None')
  if (headless) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  } else if (externalIPs.length > 0 && type !== 'ExternalName') {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  }
  if (type === 'ExternalName' && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  }
  if (type !== 'ExternalName' && externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  }
  if (trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  }
  return warnings
}
