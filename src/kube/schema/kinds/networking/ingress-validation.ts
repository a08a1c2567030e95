import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, forbidden, invalid, notSupported, required, tooLong } from '../../validation/field-error.ts'
import { familyOf, validateIp } from '../../validation/ip.ts'
import {
  dns1123Label,
  dns1123Subdomain,
  pathSegmentName,
  portName,
  portNumber,
  wildcardDns1123Subdomain,
} from '../../validation/names.ts'
import { validateImmutable } from '../../validation/object-meta.ts'
import { validateName } from '../../validation/rules.ts'
import { validateDomainPath } from '../batch/job-validation.ts'

type Ingress = Unchecked<k8s.Ingress>
type Backend = Unchecked<k8s.IngressBackend>
type IngressClass = Unchecked<k8s.IngressClass>

const classAnnotation = 'kubernetes.io/ingress.class'

export function validateIngress(ingress: Ingress): FieldError[] {
  const errors = validateSpec(ingress)
  const annotation = ingress.metadata?.annotations?.[classAnnotation]
  const { ingressClassName } = ingress.spec ?? {}
  if (annotation !== undefined && ingressClassName !== undefined && annotation !== ingressClassName) {
    const sentence = 'must match `ingressClassName` when both are specified'
    errors.push(invalid(child('annotations', classAnnotation), annotation, sentence))
  }
  return errors
}

export const validateIngressUpdate = (ingress: Ingress): FieldError[] => validateSpec(ingress)

function validateSpec({ spec = {} }: Ingress): FieldError[] {
  const errors: FieldError[] = []
  const { rules = [], defaultBackend, tls, ingressClassName } = spec
  if (rules.length === 0 && !defaultBackend) {
    errors.push(invalid('spec', spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (defaultBackend) errors.push(...validateBackend(defaultBackend, 'spec.defaultBackend'))
  rules.forEach(({ host = '', http }, i) => {
    const here = at('spec.rules', i)
    if (host !== '') errors.push(...validateRuleHost(host, child(here, 'host')))
    if (!http) return
    const paths = http.paths ?? []
    if (paths.length === 0) errors.push(required(child(here, 'http', 'paths')))
    paths.forEach((path, j) => {
      errors.push(...validatePath(path, at(child(here, 'http', 'paths'), j)))
    })
  })
  tls?.forEach(({ hosts, secretName }, i) => {
    const here = at('spec.tls', i)
    hosts?.forEach((host, j) => {
      const rule = host.includes('*') ? wildcardDns1123Subdomain : dns1123Subdomain
      errors.push(...validateName(rule, host, at(child(here, 'hosts'), j)))
    })
    if (secretName) errors.push(...validateName(dns1123Subdomain, secretName, child(here, 'secretName')))
  })
  if (ingressClassName !== undefined) {
    errors.push(...validateName(dns1123Subdomain, ingressClassName, 'spec.ingressClassName'))
  }
  return errors
}

function validateRuleHost(host: string, path: FieldPath): FieldError[] {
  const errors = familyOf(host) ? [invalid(path, host, 'must be a DNS name, not an IP address')] : []
  const rule = host.includes('*') ? wildcardDns1123Subdomain : dns1123Subdomain
  return [...errors, ...validateName(rule, host, path)]
}

function validatePath({ path = '', pathType, backend }: Unchecked<k8s.HTTPIngressPath>, here: FieldPath): FieldError[] {
  if (pathType === undefined) return [required(child(here, 'pathType'), 'pathType must be specified')]
  const errors: FieldError[] = []
  const absolute = path.startsWith('/')
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!absolute) errors.push(invalid(child(here, 'path'), path, 'must be an absolute path'))
    for (const sequence of ['//', '/./', '/../', '%2f', '%2F']) {
      if (path.includes(sequence)) errors.push(invalid(child(here, 'path'), path, `must not contain '${sequence}'`))
    }
    for (const suffix of ['/..', '/.']) {
      if (path.endsWith(suffix)) errors.push(invalid(child(here, 'path'), path, `cannot end with '${suffix}'`))
    }
  } else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !absolute) errors.push(invalid(child(here, 'path'), path, 'must be an absolute path'))
  } else {
    errors.push(notSupported(child(here, 'pathType'), pathType, ['Exact', 'ImplementationSpecific', 'Prefix']))
  }
  return [...errors, ...validateBackend(backend ?? {}, child(here, 'backend'))]
}

function validateBackend({ resource, service }: Backend, path: FieldPath): FieldError[] {
  if (resource && service) return [invalid(path, '', 'cannot set both resource and service backends')]
  if (resource) return validateReference(resource, child(path, 'resource'))
  if (!service) return [invalid(path, '', 'resource or service backend is required')]
  const errors: FieldError[] = []
  if (!service.name) errors.push(required(child(path, 'service', 'name')))
  else errors.push(...validateName(dns1123Label, service.name, child(path, 'service', 'name')))
  const { name = '', number = 0 } = service.port ?? {}
  if (name !== '' && number !== 0) errors.push(invalid(path, '', 'cannot set both port name & port number'))
  else if (name !== '') errors.push(...validateName(portName, name, child(path, 'service', 'port', 'name')))
  else if (number !== 0) {
    const here = child(path, 'service', 'port', 'number')
    for (const message of portNumber(number)) errors.push(invalid(here, number, message))
  } else errors.push(required(path, 'port name or number is required'))
  return errors
}

function validateReference(
  { apiGroup, kind = '', name = '' }: Unchecked<k8s.TypedLocalObjectReference>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  if (apiGroup !== undefined) errors.push(...validateName(dns1123Subdomain, apiGroup, child(path, 'apiGroup')))
  for (const [field, value] of Object.entries({ kind, name })) {
    if (value === '') errors.push(required(child(path, field)))
    else errors.push(...validateName(pathSegmentName, value, child(path, field)))
  }
  return errors
}

export function validateIngressStatus({ status }: Ingress, old: Ingress): FieldError[] {
  const errors: FieldError[] = []
  const existing = old.status?.loadBalancer?.ingress?.map(({ ip = '' }) => ip)
  status?.loadBalancer?.ingress?.forEach(({ ip = '', hostname = '' }, i) => {
    const here = at('status.loadBalancer.ingress', i)
    if (ip !== '') errors.push(...validateIp(child(here, 'ip'), ip, existing))
    if (hostname === '') return
    errors.push(...validateName(dns1123Subdomain, hostname, child(here, 'hostname')))
    if (familyOf(hostname)) {
      errors.push(invalid(child(here, 'hostname'), hostname, 'must be a DNS name, not an IP address'))
    }
  })
  return errors
}

export function validateIngressClass({ spec = {} }: IngressClass): FieldError[] {
  const errors: FieldError[] = []
  const { controller = '', parameters } = spec
  if (controller.length > 250) errors.push(tooLong('spec.controller', 250))
  errors.push(...validateDomainPath(controller, 'spec.controller'))
  if (!parameters) return errors
  const path = 'spec.parameters'
  errors.push(...validateReference(parameters, path))
  const { scope, namespace } = parameters
  if (scope === undefined) return [...errors, required(child(path, 'scope'))]
  const here = child(path, 'namespace')
  if (scope !== 'Cluster' && scope !== 'Namespace') {
    errors.push(notSupported(child(path, 'scope'), scope, ['Cluster', 'Namespace']))
  } else if (scope === 'Namespace') {
    if (namespace === undefined) errors.push(required(here, "`parameters.scope` is set to 'Namespace'"))
    else errors.push(...validateName(dns1123Label, namespace, here))
  } else if (namespace !== undefined) errors.push(forbidden(here, "`parameters.scope` is set to 'Cluster'"))
  return errors
}

export const validateIngressClassUpdate = (now: IngressClass, old: IngressClass): FieldError[] => [
  ...validateImmutable(now.spec?.controller, old.spec?.controller, 'spec.controller'),
  ...validateIngressClass(now),
]
