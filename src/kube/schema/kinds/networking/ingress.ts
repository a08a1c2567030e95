import { ageCell, loadBalancerCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateIngress, validateIngressStatus, validateIngressUpdate } from './ingress-validation.ts'

const classAnnotation = 'kubernetes.io/ingress.class'

export const ingress = defineKind<k8s.Ingress>({
  generation: ['spec'],
  warningsOnCreate: ({ metadata, spec }) =>
    metadata?.annotations?.[classAnnotation] === undefined || spec?.ingressClassName !== undefined
      ? []
      : [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`],
  warningsOnUpdate: () => [],
  validate: validateIngress,
  validateUpdate: validateIngressUpdate,
  subresources: { status: { validateUpdate: validateIngressStatus } },
  printer: {
    columns: [
      nameColumn,
      column('Class', 'Which controller it is for.'),
      column('Hosts', 'Hosts of the rules.'),
      column('Address', 'Where requests come in.'),
      column('Ports', 'Ports that are open.'),
      ageColumn,
    ],
    cells: (ingress, nowMs) => [
      nameOf(ingress),
      ingress.spec?.ingressClassName ?? '<none>',
      hostsOf(ingress.spec?.rules),
      loadBalancerCell(ingress.status?.loadBalancer?.ingress),
      (ingress.spec?.tls?.length ?? 0) > 0 ? '80, 443' : '80',
      ageCell(ingress, nowMs),
    ],
  },
})

const shown = 3

function hostsOf(rules: readonly Unchecked<k8s.IngressRule>[] | undefined): string {
  const list: string[] = []
  let more = false
  for (const { host } of rules ?? []) {
    if (list.length === shown) more = true
    if (!more && host) list.push(host)
  }
  if (list.length === 0) return '*'
  return more ? `${list.join(',')} + ${(rules?.length ?? 0) - shown} more...` : list.join(',')
}
