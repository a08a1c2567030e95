import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateIngressClass, validateIngressClassUpdate } from './ingress-validation.ts'

export const ingressClass = defineKind<k8s.IngressClass>({
  generation: ['spec'],
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  defaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster'
  },
  printer: {
    columns: [
      nameColumn,
      column('Controller', 'Who serves ingresses of this class.'),
      column('Parameters', 'An object with further settings.'),
      ageColumn,
    ],
    cells(ingressClass, nowMs) {
      const isDefault = ingressClass.metadata?.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true'
      return [
        `${nameOf(ingressClass)}${isDefault ? ' (default)' : ''}`,
        ingressClass.spec?.controller ?? '',
        parametersOf(ingressClass),
        ageCell(ingressClass, nowMs),
      ]
    },
  },
})

function parametersOf({ spec }: Unchecked<k8s.IngressClass>): string {
  const parameters = spec?.parameters
  if (!parameters) return '<none>'
  const group = parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`
  return `${parameters.kind ?? ''}${group}/${parameters.name ?? ''}`
}
