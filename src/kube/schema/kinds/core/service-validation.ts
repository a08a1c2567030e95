import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, duplicate, forbidden, invalid, notSupported, required } from '../../validation/field-error.ts'
import { familyOf, validateCidr, validateEndpointIp, validateIp } from '../../validation/ip.ts'
import { dns1123Label, dns1123Subdomain, portNumber, qualifiedNameRule } from '../../validation/names.ts'
import { validateLabels } from '../../validation/object-meta.ts'
import { validateEnum, validateName } from '../../validation/rules.ts'
import { internalForm } from '../../validation/spec-diff.ts'
import { validatePort } from './pod-validation/handlers.ts'

type Service = Unchecked<k8s.Service>
type Spec = Unchecked<k8s.ServiceSpec>

const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'"
const sourceRanges = 'service.beta.kubernetes.io/load-balancer-source-ranges'
const topologyHints = 'service.kubernetes.io/topology-aware-hints'
const topologyMode = 'service.kubernetes.io/topology-mode'

const isHeadless = ({ clusterIPs }: Spec): boolean => clusterIPs?.length === 1 && clusterIPs[0] === 'None'

/** Reachable from outside, so that its external traffic has a policy. */
export const isExternallyAccessible = ({ type, externalIPs }: Spec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && (externalIPs?.length ?? 0) > 0)

export const needsHealthCheck = ({ type, externalTrafficPolicy }: Spec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local'

export const validateService = (service: Service): FieldError[] => validate(service, undefined)

function validate(service: Service, old: Service | undefined): FieldError[] {
  const errors: FieldError[] = []
  const { spec = {}, metadata } = service
  const { [topologyHints]: hints, [topologyMode]: mode } = metadata?.annotations ?? {}
  if (hints !== undefined && mode !== undefined && hints !== mode) {
    const sentence = `must match annotations[${topologyHints}] when both are specified`
    errors.push(invalid(at('metadata.annotations', topologyMode), mode, sentence))
  }
  if ((spec.ports?.length ?? 0) === 0 && !isHeadless(spec) && spec.type !== 'ExternalName') {
    errors.push(required('spec.ports'))
  }
  errors.push(...validateType(spec), ...validatePorts(spec, 'spec.ports'))
  errors.push(...validateLabels(spec.selector, 'spec.selector'))
  errors.push(...validateEnum(spec.sessionAffinity, ['ClientIP', 'None'], 'spec.sessionAffinity'))
  errors.push(...validateAffinity(spec, 'spec.sessionAffinityConfig'))
  errors.push(...validateAddresses(spec, old?.spec?.clusterIPs))
  spec.externalIPs?.forEach((ip, i) => {
    const here = at('spec.externalIPs', i)
    const wrong = validateIp(here, ip, old?.spec?.externalIPs)
    errors.push(...(wrong.length > 0 ? wrong : validateEndpointIp(here, ip)))
  })
  const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
  errors.push(...validateEnum(spec.type, types, 'spec.type'), ...validateNodePorts(spec, 'spec.ports'))
  errors.push(...validateSourceRanges(service, old))
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer') {
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', onlyLoadBalancer))
  }
  if (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === undefined) {
    errors.push(required('allocateLoadBalancerNodePorts'))
  }
  if (spec.loadBalancerClass !== undefined) {
    const here = 'spec.loadBalancerClass'
    if (spec.type === 'LoadBalancer') errors.push(...validateName(qualifiedNameRule, spec.loadBalancerClass, here))
    else errors.push(forbidden(here, onlyLoadBalancer))
  }
  errors.push(...validateTraffic(spec))
  return errors
}

function validateType(spec: Spec): FieldError[] {
  const { type, clusterIPs = [], externalName = '' } = spec
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    return [invalid('spec.clusterIPs[0]', clusterIPs[0], `may not be set to 'None' for ${type} services`)]
  }
  if (type !== 'ExternalName') return []
  const errors: FieldError[] = []
  const sentence = 'may not be set for ExternalName services'
  if (clusterIPs.length > 0) errors.push(forbidden('spec.clusterIPs', sentence))
  if ((spec.ipFamilies?.length ?? 0) > 0) errors.push(forbidden('spec.ipFamilies', sentence))
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', sentence))
  const name = externalName.replace(/\.$/, '')
  if (name === '') errors.push(required('spec.externalName'))
  else errors.push(...validateName(dns1123Subdomain, name, 'spec.externalName'))
  return errors
}

function validatePorts(spec: Spec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  const ports = spec.ports ?? []
  ports.forEach(({ name = '', port = 0, protocol, targetPort, appProtocol }, i) => {
    const here = at(path, i)
    if (name !== '') {
      errors.push(...validateName(dns1123Label, name, child(here, 'name')))
      if (names.has(name)) errors.push(duplicate(child(here, 'name'), name))
      names.add(name)
    } else if (ports.length > 1) errors.push(required(child(here, 'name')))
    for (const message of portNumber(port)) errors.push(invalid(child(here, 'port'), port, message))
    errors.push(...validateEnum(protocol, ['SCTP', 'TCP', 'UDP'], child(here, 'protocol')))
    errors.push(...validatePort(targetPort, child(here, 'targetPort')))
    if (appProtocol !== undefined) {
      errors.push(...validateName(qualifiedNameRule, appProtocol, child(here, 'appProtocol')))
    }
  })
  return errors
}

function validateNodePorts({ type, ports = [] }: Spec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (type === 'ClusterIP') {
    ports.forEach(({ nodePort }, i) => {
      if (nodePort) errors.push(forbidden(child(at(path, i), 'nodePort'), "may not be used when `type` is 'ClusterIP'"))
    })
  }
  const nodePorts = new Set<string>()
  ports.forEach(({ protocol = '', nodePort }, i) => {
    if (!nodePort) return
    const key = `${protocol}/${nodePort}`
    if (nodePorts.has(key)) errors.push(duplicate(child(at(path, i), 'nodePort'), nodePort))
    nodePorts.add(key)
  })
  const numbers = new Set<string>()
  ports.forEach(({ protocol = '', port = 0 }, i) => {
    const key = `${protocol}/${port}`
    if (numbers.has(key)) errors.push(duplicate(at(path, i), internalForm('ServicePort', { protocol, port })))
    numbers.add(key)
  })
  return errors
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig: config }: Spec, path: FieldPath): FieldError[] {
  if (sessionAffinity === 'None') {
    return config ? [forbidden(path, 'must not be set when session affinity is None')] : []
  }
  if (sessionAffinity !== 'ClientIP') return []
  const sentence = 'when session affinity type is ClientIP'
  if (!config) return [required(path, sentence)]
  if (!config.clientIP) return [required(child(path, 'clientIP'), sentence)]
  const timeout = config.clientIP.timeoutSeconds
  const here = child(path, 'clientIP', 'timeoutSeconds')
  if (timeout === undefined) return [required(here, sentence)]
  return timeout <= 0 || timeout > 86400 ? [invalid(here, timeout, 'must be greater than 0 and less than 86400')] : []
}

const isDualStack = (addresses: readonly string[]): boolean => new Set(addresses.map(familyOf)).size === 2

function validateAddresses(spec: Spec, existing: readonly string[] | undefined): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const errors: FieldError[] = []
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec
  const path = 'spec.clusterIPs'
  if (clusterIP !== '') {
    if (clusterIPs.length === 0) errors.push(required(path))
    else if (clusterIPs[0] !== clusterIP) errors.push(invalid(path, clusterIPs, 'first value must match `clusterIP`'))
  } else if (clusterIPs.length > 0) {
    errors.push(invalid(path, clusterIPs, 'must be empty when `clusterIP` is not specified'))
  }
  ipFamilies.forEach((family, i) => {
    const here = at('spec.ipFamilies', i)
    if (family !== 'IPv4' && family !== 'IPv6') errors.push(notSupported(here, family, ['IPv4', 'IPv6']))
    if (ipFamilies.indexOf(family) < i) errors.push(duplicate(here, family))
  })
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
  if (ipFamilyPolicy !== undefined && !policies.includes(ipFamilyPolicy)) {
    errors.push(notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, policies))
  }
  let wrong = false
  clusterIPs.forEach((ip, i) => {
    if (i === 0 && ip === 'None') {
      if (clusterIPs.length === 1) return
      wrong = true
      errors.push(invalid(path, clusterIPs, "'None' must be the first and only value"))
      return
    }
    const found = validateIp(at(path, i), ip, existing)
    if (found.length > 0) wrong = true
    errors.push(...found)
  })
  if (clusterIPs.length > 2) errors.push(invalid(path, clusterIPs, 'may only hold up to 2 values'))
  if (wrong) return errors
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs)) {
    errors.push(invalid(path, clusterIPs, 'may specify no more than one IP for each IP family'))
  }
  if (isHeadless(spec)) return errors
  clusterIPs.forEach((ip, i) => {
    const family = ipFamilies[i]
    if ((family === 'IPv4' || family === 'IPv6') && familyOf(ip) !== family) {
      errors.push(invalid(at(path, i), ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``))
    }
  })
  return errors
}

function validateSourceRanges({ spec = {}, metadata }: Service, old: Service | undefined): FieldError[] {
  const errors: FieldError[] = []
  const ranges = spec.loadBalancerSourceRanges ?? []
  const annotation = metadata?.annotations?.[sourceRanges]
  if (ranges.length > 0) {
    const path = 'spec.LoadBalancerSourceRanges'
    if (spec.type !== 'LoadBalancer') errors.push(forbidden(path, onlyLoadBalancer))
    const existing = old?.spec?.loadBalancerSourceRanges?.map((range) => range.trim())
    ranges.forEach((range, i) => {
      errors.push(...validateCidr(at(path, i), range.trim(), existing))
    })
  } else if (annotation !== undefined) {
    const path = at('metadata.annotations', sourceRanges)
    if (spec.type !== 'LoadBalancer') errors.push(forbidden(path, onlyLoadBalancer))
    if (old?.metadata?.annotations?.[sourceRanges] !== annotation && annotation.trim() !== '') {
      for (const range of annotation.split(',')) errors.push(...validateCidr(path, range.trim()))
    }
  }
  return errors
}

function validateTraffic(spec: Spec): FieldError[] {
  const errors: FieldError[] = []
  const { externalTrafficPolicy: external = '', internalTrafficPolicy: internal, healthCheckNodePort = 0 } = spec
  const path = 'spec.externalTrafficPolicy'
  if (isExternallyAccessible(spec)) errors.push(...validateEnum(external, ['Cluster', 'Local'], path))
  else if (external !== '') errors.push(invalid(path, external, 'may only be set for externally-accessible services'))
  const health = 'spec.healthCheckNodePort'
  if (!needsHealthCheck(spec)) {
    if (healthCheckNodePort !== 0) {
      const sentence = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
      errors.push(invalid(health, healthCheckNodePort, sentence))
    }
  } else if (healthCheckNodePort === 0) errors.push(required(health))
  else for (const message of portNumber(healthCheckNodePort)) errors.push(invalid(health, healthCheckNodePort, message))
  const clustered = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || spec.type === 'ClusterIP'
  if (internal === undefined) {
    if (clustered) errors.push(required('spec.internalTrafficPolicy'))
  } else if (internal !== 'Cluster' && internal !== 'Local') {
    errors.push(notSupported('spec.internalTrafficPolicy', internal, ['Cluster', 'Local']))
  }
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
  if (spec.trafficDistribution !== undefined && !distributions.includes(spec.trafficDistribution)) {
    errors.push(notSupported('spec.trafficDistribution', spec.trafficDistribution, distributions))
  }
  return errors
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const [spec, before] = [service.spec ?? {}, old.spec ?? {}]
  const errors = [...validateAddressChange(spec, before), ...validateFamilyChange(spec, before)]
  if (spec.type === 'LoadBalancer' && before.type === 'LoadBalancer') {
    if (spec.loadBalancerClass !== before.loadBalancerClass) {
      errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass ?? null, 'may not change once set'))
    }
  }
  if (needsHealthCheck(before) && needsHealthCheck(spec)) {
    if (spec.healthCheckNodePort !== before.healthCheckNodePort) {
      errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'))
    }
  }
  return [...errors, ...validate(service, old)]
}

const onceSet = 'may not change once set'

function validateAddressChange(spec: Spec, before: Spec): FieldError[] {
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return []
  if (isHeadless(spec) && isHeadless(before)) return []
  const [now, then] = [spec.clusterIPs ?? [], before.clusterIPs ?? []]
  const errors: FieldError[] = []
  const first = 'spec.clusterIPs[0]'
  if (then.length === now.length) {
    then.forEach((ip, i) => {
      if (ip !== now[i]) errors.push(invalid(at('spec.clusterIPs', i), now, onceSet))
    })
  } else if (then.length > now.length) {
    if (now.length === 0) errors.push(invalid(first, spec.clusterIPs ?? null, 'primary clusterIP can not be unset'))
    else if (now[0] !== then[0]) errors.push(invalid(first, now, onceSet))
    if (now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
      const sentence = "must be set to 'SingleStack' when releasing the secondary clusterIP"
      errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, sentence))
    }
  } else if (then.length > 0 && now[0] !== then[0]) errors.push(invalid(first, now, onceSet))
  return errors
}

function validateFamilyChange(spec: Spec, before: Spec): FieldError[] {
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return []
  if (isHeadless(spec) || isHeadless(before)) return []
  const [now, then] = [spec.ipFamilies ?? [], before.ipFamilies ?? []]
  const errors: FieldError[] = []
  const first = 'spec.ipFamilies[0]'
  if (then.length === now.length) {
    then.forEach((family, i) => {
      if (family !== now[i]) errors.push(invalid(first, now, onceSet))
    })
  } else if (then.length > now.length) {
    if ((spec.clusterIPs?.length ?? 0) === 0) {
      errors.push(invalid(first, spec.ipFamilies ?? null, 'primary ipFamily can not be unset'))
    }
    if (now.length > 0 && now[0] !== then[0]) errors.push(invalid(first, spec.clusterIPs ?? null, onceSet))
    if (now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
      const sentence = "must be set to 'SingleStack' when releasing the secondary ipFamily"
      errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, sentence))
    }
  } else if (then.length > 0 && now[0] !== then[0]) errors.push(invalid(first, spec.clusterIPs ?? null, onceSet))
  return errors
}

/** What a load balancer says of itself. */
export function validateServiceStatus({ spec, status }: Service, old: Service): FieldError[] {
  const errors: FieldError[] = []
  const ingress = status?.loadBalancer?.ingress ?? []
  const path = 'status.loadBalancer.ingress'
  if (ingress.length > 0 && spec?.type !== 'LoadBalancer') {
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")]
  }
  const existing = old.status?.loadBalancer?.ingress?.map(({ ip = '' }) => ip)
  ingress.forEach(({ ip = '', ipMode, hostname = '' }, i) => {
    const here = at(path, i)
    if (ip !== '') {
      errors.push(...validateIp(child(here, 'ip'), ip, existing))
      if (ipMode === undefined) errors.push(required(child(here, 'ipMode'), 'must be specified when `ip` is set'))
    } else if (ipMode !== undefined) {
      errors.push(forbidden(child(here, 'ipMode'), 'may not be specified when `ip` is not set'))
    }
    if (ipMode !== undefined && ipMode !== 'VIP' && ipMode !== 'Proxy') {
      errors.push(notSupported(child(here, 'ipMode'), ipMode, ['Proxy', 'VIP']))
    }
    if (hostname === '') return
    errors.push(...validateName(dns1123Subdomain, hostname, child(here, 'hostname')))
    if (familyOf(hostname)) {
      errors.push(invalid(child(here, 'hostname'), hostname, 'must be a DNS name, not an IP address'))
    }
  })
  return errors
}
