import { ageCell, formatLabels, loadBalancerCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { dns1123Label } from '../../validation/names.ts'
import {
  isExternallyAccessible,
  validateService,
  validateServiceStatus,
  validateServiceUpdate,
} from './service-validation.ts'
import { serviceWarnings } from './service-warnings.ts'

type Service = Unchecked<k8s.Service>

export const service = defineKind<k8s.Service>({
  warningsOnCreate: serviceWarnings,
  // since 1.36 a service may be called like anything else
  name: dns1123Label,
  allowCreateOnUpdate: true,
  defaults(service) {
    const { spec } = service
    if (!spec) return
    spec.sessionAffinity ||= 'None'
    if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
    else if (spec.sessionAffinity === 'ClientIP') {
      if (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
        spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } }
      }
    }
    spec.type ||= 'ClusterIP'
    for (const port of spec.ports ?? []) {
      port.protocol ||= 'TCP'
      if (!port.targetPort) port.targetPort = port.port
    }
    const { type } = spec
    if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster'
    if (type === 'NodePort' || type === 'LoadBalancer' || type === 'ClusterIP') spec.internalTrafficPolicy ??= 'Cluster'
    if (type !== 'LoadBalancer') return
    spec.allocateLoadBalancerNodePorts ??= true
    for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
  },
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  subresources: { status: { validateUpdate: validateServiceStatus } },
  printer: {
    columns: [
      nameColumn,
      column('Type', 'How the service is made reachable.'),
      column('Cluster-IP', 'Address inside of the cluster.'),
      column('External-IP', 'Addresses outside of the cluster.'),
      column('Port(s)', 'Ports of the service and, after a colon, of the nodes.'),
      ageColumn,
      column('Selector', 'Labels of the pods behind the service.', 1),
    ],
    cells: (service, nowMs) => [
      nameOf(service),
      service.spec?.type ?? '',
      service.spec?.clusterIPs?.[0] ?? '<none>',
      externalIps(service),
      portsOf(service),
      ageCell(service, nowMs),
      formatLabels(service.spec?.selector),
    ],
  },
  fields: {
    supported: ['spec.clusterIP', 'spec.type'],
    of: ({ spec }) => ({ 'spec.clusterIP': spec?.clusterIP ?? '', 'spec.type': spec?.type ?? '' }),
  },
})

function externalIps({ spec, status }: Service): string {
  const own = spec?.externalIPs ?? []
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return own.length > 0 ? own.join(',') : '<none>'
    case 'LoadBalancer': {
      const balancer = loadBalancerCell(status?.loadBalancer?.ingress)
      const all = [...(balancer === '' ? [] : [balancer]), ...own]
      return all.length > 0 ? all.join(',') : '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

function portsOf({ spec }: Service): string {
  const ports = spec?.ports ?? []
  if (ports.length === 0) return '<none>'
  return ports
    .map(({ port, nodePort, protocol }) => `${port ?? 0}${nodePort ? `:${nodePort}` : ''}/${protocol ?? ''}`)
    .join(',')
}
