import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, forbidden, invalid, notSupported, required } from '../../validation/field-error.ts'
import { masked, parsePrefix, validateCidr } from '../../validation/ip.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { portName, portNumber } from '../../validation/names.ts'
import { validateName } from '../../validation/rules.ts'

type Policy = Unchecked<k8s.NetworkPolicy>
type Peer = Unchecked<k8s.NetworkPolicyPeer>

export const validateNetworkPolicy = (policy: Policy): FieldError[] => validate(policy, [])

export function validateNetworkPolicyUpdate(policy: Policy, old: Policy): FieldError[] {
  const peers = [
    ...(old.spec?.ingress ?? []).flatMap((rule) => rule.from ?? []),
    ...(old.spec?.egress ?? []).flatMap((rule) => rule.to ?? []),
  ]
  const existing = peers.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr ?? '', ...(ipBlock.except ?? [])] : []))
  return validate(policy, existing)
}

function validate({ spec = {} }: Policy, existing: readonly string[]): FieldError[] {
  const errors = validateLabelSelector(spec.podSelector, 'spec.podSelector')
  const rules = [
    ...(spec.ingress ?? []).map(({ ports, from }, i) => ({
      ports,
      peers: from,
      path: at('spec.ingress', i),
      field: 'from',
    })),
    ...(spec.egress ?? []).map(({ ports, to }, i) => ({ ports, peers: to, path: at('spec.egress', i), field: 'to' })),
  ]
  for (const { ports, peers, path, field } of rules) {
    ports?.forEach((port, i) => {
      errors.push(...validatePort(port, at(child(path, 'ports'), i)))
    })
    peers?.forEach((peer, i) => {
      errors.push(...validatePeer(peer, at(child(path, field), i), existing))
    })
  }
  const types = spec.policyTypes ?? []
  if (types.length > 2) {
    return [...errors, invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
  }
  types.forEach((type, i) => {
    if (type === 'Ingress' || type === 'Egress') return
    errors.push(notSupported(at('spec.policyTypes', i), type, ['Ingress', 'Egress']))
  })
  return errors
}

function validatePort({ protocol, port, endPort }: Unchecked<k8s.NetworkPolicyPort>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const protocols = ['TCP', 'UDP', 'SCTP']
  if (protocol !== undefined && !protocols.includes(protocol)) {
    errors.push(notSupported(child(path, 'protocol'), protocol, protocols))
  }
  const [portPath, endPath] = [child(path, 'port'), child(path, 'endPort')]
  if (typeof port === 'number') {
    for (const message of portNumber(port)) errors.push(invalid(portPath, port, message))
    if (endPort === undefined) return errors
    if (endPort < port) errors.push(invalid(endPath, port, 'must be greater than or equal to `port`'))
    for (const message of portNumber(endPort)) errors.push(invalid(endPath, endPort, message))
  } else if (port !== undefined) {
    if (endPort !== undefined) {
      errors.push(invalid(endPath, endPort, 'may not be specified when `port` is non-numeric'))
    }
    errors.push(...validateName(portName, port, portPath))
  } else if (endPort !== undefined) {
    errors.push(invalid(endPath, endPort, 'may not be specified when `port` is not specified'))
  }
  return errors
}

function validatePeer(
  { podSelector, namespaceSelector, ipBlock }: Peer,
  path: FieldPath,
  existing: readonly string[],
): FieldError[] {
  const errors = [
    ...validateLabelSelector(podSelector, child(path, 'podSelector')),
    ...validateLabelSelector(namespaceSelector, child(path, 'namespaceSelector')),
    ...(ipBlock ? validateBlock(ipBlock, child(path, 'ipBlock'), existing) : []),
  ]
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'))
  else if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(forbidden(path, 'may not specify both ipBlock and another peer'))
  }
  return errors
}

function validateBlock(
  { cidr, except }: Unchecked<k8s.IPBlock>,
  path: FieldPath,
  existing: readonly string[],
): FieldError[] {
  if (!cidr) return [required(child(path, 'cidr'))]
  const errors = validateCidr(child(path, 'cidr'), cidr, existing)
  const whole = parsePrefix(cidr)
  if (!whole) return errors
  except?.forEach((text, i) => {
    const here = at(child(path, 'except'), i)
    errors.push(...validateCidr(here, text, existing))
    const part = parsePrefix(text)
    if (!part) return
    const network = masked(whole).bytes
    const inside =
      part.address.bytes.length === network.length &&
      masked({ address: part.address, length: whole.length }).bytes.every((byte, j) => byte === network[j])
    if (!inside || whole.length >= part.length) errors.push(invalid(here, text, 'must be a strict subset of `cidr`'))
  })
  return errors
}
