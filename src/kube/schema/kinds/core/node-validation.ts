import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, duplicate, forbidden, invalid } from '../../validation/field-error.ts'
import { familyOf, validateCidr } from '../../validation/ip.ts'
import { validateLabelName } from '../../validation/label-selector.ts'
import { labelValueRule } from '../../validation/names.ts'
import { validateResourceQuantity } from './pod-validation/resources.ts'
import { validateTaintEffect } from './pod-validation/scheduling.ts'

type Node = Unchecked<k8s.Node>

function validateTaints(taints: Unchecked<k8s.NodeSpec>['taints'], path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  taints?.forEach(({ key = '', value = '', effect = '', timeAdded }, i) => {
    const here = at(path, i)
    errors.push(...validateLabelName(key, child(here, 'key')))
    const wrong = labelValueRule(value)
    if (wrong.length > 0) errors.push(invalid(child(here, 'value'), value, wrong.join(';')))
    errors.push(...validateTaintEffect(effect, child(here, 'effect')))
    if (seen.has(`${effect}/${key}`)) {
      const error = duplicate(here, { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null })
      errors.push({ ...error, message: `${error.message}: taints must be unique by key and effect pair` })
    }
    seen.add(`${effect}/${key}`)
  })
  return errors
}

function validateAmounts({ status }: Node): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((list) =>
    Object.entries(status?.[list] ?? {}).flatMap(([name, value = '0']) =>
      validateResourceQuantity(name, value, child('status', list, name)),
    ),
  )
}

export function validateNode(node: Node): FieldError[] {
  const errors = [...validateTaints(node.spec?.taints, 'metadata.taints'), ...validateAmounts(node)]
  const ranges = node.spec?.podCIDRs ?? []
  ranges.forEach((range, i) => {
    errors.push(...validateCidr(at('spec.podCIDRs', i), range))
  })
  const families = new Set(ranges.map((range) => familyOf(range.split('/')[0] ?? '')))
  if (ranges.length > 1 && (families.size !== 2 || ranges.length > 2)) {
    errors.push(invalid('spec.podCIDRs', ranges, 'may specify no more than one CIDR for each IP family'))
  }
  return errors
}

export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors = validateAmounts(node)
  const seen = new Set<string>()
  node.status?.addresses?.forEach(({ type = '', address = '' }, i) => {
    const key = `${type}/${address}`
    if (seen.has(key)) errors.push(duplicate(at('status.addresses', i), { Type: type, Address: address }))
    seen.add(key)
  })
  const [ranges, before] = [node.spec?.podCIDRs ?? [], old.spec?.podCIDRs ?? []]
  const sentence = (field: string) => `node updates may not change ${field} except from "" to valid`
  if (before.length > 0 && before.length !== ranges.length) {
    errors.push(forbidden('spec.podCIDRs', sentence('podCIDR')))
  } else {
    before.forEach((range, i) => {
      if (range !== ranges[i]) errors.push(forbidden('spec.podCIDRs', sentence('podCIDR')))
    })
  }
  if (old.spec?.providerID && old.spec.providerID !== node.spec?.providerID) {
    errors.push(forbidden('spec.providerID', sentence('providerID')))
  }
  errors.push(...validateTaints(node.spec?.taints, 'metadata.taints'))
  if ((node.spec?.externalID ?? '') !== (old.spec?.externalID ?? '')) {
    errors.push(forbidden('spec.externalID', 'may not be updated'))
  }
  return errors
}
