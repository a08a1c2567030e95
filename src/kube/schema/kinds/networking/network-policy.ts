import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { formatLabelSelector, type LabelSelectorObject } from '../../selector/label-selector.ts'
import { validateNetworkPolicy, validateNetworkPolicyUpdate } from './network-policy-validation.ts'

export const networkPolicy = defineKind<k8s.NetworkPolicy>({
  generation: ['spec'],
  validate: validateNetworkPolicy,
  validateUpdate: validateNetworkPolicyUpdate,
  defaults({ spec }) {
    if (!spec) return
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ??= 'TCP'
    }
    if ((spec.policyTypes?.length ?? 0) === 0) {
      spec.policyTypes = (spec.egress?.length ?? 0) > 0 ? ['Ingress', 'Egress'] : ['Ingress']
    }
  },
  printer: {
    columns: [nameColumn, column('Pod-Selector', 'Labels of the pods that it is about.'), ageColumn],
    cells: (policy, nowMs) => [
      nameOf(policy),
      formatLabelSelector((policy.spec?.podSelector ?? {}) as LabelSelectorObject),
      ageCell(policy, nowMs),
    ],
  },
})
