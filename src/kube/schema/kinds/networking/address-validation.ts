import type { FieldError, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, invalid, required } from '../../validation/field-error.ts'
import { familyOf, validateCanonicalCidr, validateCanonicalIp } from '../../validation/ip.ts'
import { dns1123Subdomain, pathSegmentName } from '../../validation/names.ts'
import { immutableMessage, validateImmutable } from '../../validation/object-meta.ts'
import { validateName } from '../../validation/rules.ts'

type Address = Unchecked<k8s.IPAddress>
type Range = Unchecked<k8s.ServiceCIDR>

/** An IPAddress is called by its address in canonical form. */
export const addressName = (name: string): string[] =>
  validateCanonicalIp('', name).map(({ message }) => message.replace(/^Invalid value: ".*?": /, ''))

export function validateAddress({ spec }: Address): FieldError[] {
  const parent = spec?.parentRef
  if (!parent) return [required('spec.parentRef')]
  const path = 'spec.parentRef'
  const errors: FieldError[] = []
  if (parent.group) errors.push(...validateName(dns1123Subdomain, parent.group, child(path, 'group')))
  for (const field of ['resource', 'name'] as const) {
    const value = parent[field]
    if (!value) errors.push(required(child(path, field)))
    else errors.push(...validateName(pathSegmentName, value, child(path, field)))
  }
  if (parent.namespace) errors.push(...validateName(pathSegmentName, parent.namespace, child(path, 'namespace')))
  return errors
}

export const validateAddressUpdate = (address: Address, old: Address): FieldError[] =>
  validateImmutable(address.spec?.parentRef, old.spec?.parentRef, 'spec.parentRef')

export function validateRange({ spec }: Range): FieldError[] {
  const cidrs = spec?.cidrs ?? []
  const path = 'spec.cidrs'
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalid(path, { CIDRs: cidrs }, 'may only hold up to 2 values')]
  const errors = cidrs.flatMap((cidr, i) => validateCanonicalCidr(at(path, i), cidr))
  const families = cidrs.map((cidr) => familyOf(cidr.split('/')[0] ?? ''))
  if (cidrs.length === 2 && families[0] !== undefined && families[0] === families[1]) {
    const sentence = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
    errors.push(invalid(path, cidrs, sentence))
  }
  return errors
}

export function validateRangeUpdate(range: Range, old: Range): FieldError[] {
  const [now, before] = [range.spec?.cidrs ?? [], old.spec?.cidrs ?? []]
  const path = 'spec.cidrs'
  const changed = (i: number) => (now[i] === before[i] ? [] : [invalid(at(path, i), now[i], immutableMessage)])
  if (now.length === before.length) return before.flatMap((_, i) => changed(i))
  if (before.length === 1 && now.length === 2) return [...changed(0), ...validateRange(range)]
  return [invalid(path, now, immutableMessage)]
}
