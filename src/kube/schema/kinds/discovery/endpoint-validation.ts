import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, duplicate, invalid, required, tooMany } from '../../validation/field-error.ts'
import { familyOf, validateCanonicalIp, validateEndpointIp, validateIp } from '../../validation/ip.ts'
import {
  dns1123Label,
  dns1123Subdomain,
  labelValueRule,
  portNumber,
  qualifiedNameRule,
} from '../../validation/names.ts'
import { validateImmutable, validateLabels } from '../../validation/object-meta.ts'
import { validateEnum, validateName } from '../../validation/rules.ts'
import { sameJson } from '../../validation/same-json.ts'

type Slice = Unchecked<k8s.EndpointSlice>
type Endpoints = Unchecked<k8s.Endpoints>

const protocols = ['SCTP', 'TCP', 'UDP']

export const validateSlice = (slice: Slice): FieldError[] => validate(slice, undefined)

export const validateSliceUpdate = (slice: Slice, old: Slice): FieldError[] => [
  ...validate(slice, old),
  ...validateImmutable(slice.addressType, old.addressType, 'addressType'),
]

function validate(slice: Slice, old: Slice | undefined): FieldError[] {
  const errors = validateEnum(slice.addressType, ['FQDN', 'IPv4', 'IPv6'], 'addressType')
  errors.push(...validateSlicePorts(slice.ports ?? [], 'ports'))
  // endpoints from before the rules became stricter may stay as they are
  if (!old || !sameJson(slice.endpoints, old.endpoints)) errors.push(...validateSliceEndpoints(slice, 'endpoints'))
  return errors
}

function validateSlicePorts(ports: readonly Unchecked<k8s.DiscoveryV1EndpointPort>[], path: FieldPath): FieldError[] {
  if (ports.length > 20000) return [tooMany(path, ports.length, 20000)]
  const errors: FieldError[] = []
  const names = new Set<string>()
  ports.forEach(({ name = '', protocol, appProtocol }, i) => {
    const here = at(path, i)
    if (name !== '') errors.push(...validateName(dns1123Label, name, child(here, 'name')))
    if (names.has(name)) errors.push(duplicate(child(here, 'name'), name))
    names.add(name)
    errors.push(...validateEnum(protocol, protocols, child(here, 'protocol')))
    if (appProtocol !== undefined)
      errors.push(...validateName(qualifiedNameRule, appProtocol, child(here, 'appProtocol')))
  })
  return errors
}

function validateSliceEndpoints({ endpoints, addressType }: Slice, path: FieldPath): FieldError[] {
  const all = endpoints ?? []
  if (all.length > 1000) return [tooMany(path, all.length, 1000)]
  const errors: FieldError[] = []
  all.forEach((endpoint, i) => {
    const here = at(path, i)
    const addresses = endpoint.addresses ?? []
    const list = child(here, 'addresses')
    if (addresses.length === 0) errors.push(required(list, 'must contain at least 1 address'))
    else if (addresses.length > 100) errors.push(tooMany(list, addresses.length, 100))
    addresses.forEach((address, j) => {
      errors.push(...validateAddress(address, addressType, list, at(list, j)))
    })
    if (endpoint.nodeName !== undefined) {
      errors.push(...validateName(dns1123Subdomain, endpoint.nodeName, child(here, 'nodeName')))
    }
    const topology = endpoint.deprecatedTopology ?? {}
    const topologyPath = child(here, 'deprecatedTopology')
    if (Object.keys(topology).length > 16) errors.push(tooMany(topologyPath, Object.keys(topology).length, 16))
    errors.push(...validateLabels(topology, topologyPath))
    if (endpoint.hostname !== undefined) {
      errors.push(...validateName(dns1123Label, endpoint.hostname, child(here, 'hostname')))
    }
    errors.push(...validateHints(endpoint.hints?.forZones, labelValueRule, child(here, 'hints', 'forZones')))
    errors.push(...validateHints(endpoint.hints?.forNodes, dns1123Subdomain, child(here, 'hints', 'forNodes')))
  })
  return errors
}

function validateAddress(address: string, type: string | undefined, list: FieldPath, path: FieldPath): FieldError[] {
  if (type === 'FQDN') return validateDomainName(address, path)
  if (type !== 'IPv4' && type !== 'IPv6') return []
  const wrong = type === 'IPv4' ? validateIp(path, address) : validateCanonicalIp(path, address)
  if (wrong.length > 0) return wrong
  const errors = familyOf(address) === type ? [] : [invalid(list, address, `must be an ${type} address`)]
  return [...errors, ...validateEndpointIp(path, address)]
}

function validateDomainName(value: string, path: FieldPath): FieldError[] {
  if (value === '') return [required(path)]
  const name = value.replace(/\.$/, '')
  const wrong = dns1123Subdomain(name)
  if (wrong.length > 0) return [invalid(path, name, wrong.join(','))]
  const labels = name.split('.')
  if (labels.length < 2) {
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')]
  }
  const bad = labels.find((label) => dns1123Label(label).length > 0)
  return bad === undefined ? [] : [invalid(path, bad, dns1123Label(bad).join(','))]
}

function validateHints(
  hints: readonly { name?: string | undefined }[] | undefined,
  rule: typeof labelValueRule,
  path: FieldPath,
): FieldError[] {
  if ((hints?.length ?? 0) > 8) return [tooMany(path, hints?.length ?? 0, 8)]
  const errors: FieldError[] = []
  const names = new Set<string>()
  hints?.forEach(({ name = '' }, i) => {
    const here = child(at(path, i), 'name')
    if (names.has(name)) errors.push(duplicate(here, name))
    names.add(name)
    errors.push(...validateName(rule, name, here))
  })
  return errors
}

export const validateEndpoints = (endpoints: Endpoints): FieldError[] => validateSubsets(endpoints)
export const validateEndpointsUpdate = (endpoints: Endpoints, old: Endpoints): FieldError[] =>
  sameJson(endpoints.subsets, old.subsets) ? [] : validateSubsets(endpoints)

function validateSubsets({ subsets }: Endpoints): FieldError[] {
  const errors: FieldError[] = []
  subsets?.forEach((subset, i) => {
    const here = at('subsets', i)
    const { addresses = [], notReadyAddresses = [], ports = [] } = subset
    if (addresses.length === 0 && notReadyAddresses.length === 0) {
      errors.push(required(here, 'must specify `addresses` or `notReadyAddresses`'))
    }
    for (const [field, list] of Object.entries({ addresses, notReadyAddresses })) {
      list.forEach(({ ip = '', hostname, nodeName }, j) => {
        const path = at(child(here, field), j)
        errors.push(...validateIp(child(path, 'ip'), ip))
        if (hostname) errors.push(...validateName(dns1123Label, hostname, child(path, 'hostname')))
        if (nodeName !== undefined) errors.push(...validateName(dns1123Subdomain, nodeName, child(path, 'nodeName')))
        errors.push(...validateEndpointIp(child(path, 'ip'), ip))
      })
    }
    ports.forEach(({ name = '', port = 0, protocol, appProtocol }, j) => {
      const path = at(child(here, 'ports'), j)
      if (name === '' && ports.length > 1) errors.push(required(child(path, 'name')))
      else if (name !== '') errors.push(...validateName(dns1123Label, name, child(path, 'name')))
      for (const message of portNumber(port)) errors.push(invalid(child(path, 'port'), port, message))
      errors.push(...validateEnum(protocol, protocols, child(path, 'protocol')))
      if (appProtocol !== undefined) {
        errors.push(...validateName(qualifiedNameRule, appProtocol, child(path, 'appProtocol')))
      }
    })
  })
  return errors
}
