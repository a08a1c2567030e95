import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind, type PrinterOf } from '../../rules.ts'
import { formatLabelSelector, type LabelSelectorObject } from '../../selector/label-selector.ts'
import {
  validateMutatingBinding,
  validateMutatingPolicy,
  validateValidatingBinding,
  validateValidatingPolicy,
} from './policy-validation.ts'

export const validatingAdmissionPolicy = defineKind<k8s.ValidatingAdmissionPolicy>({
  validate: validateValidatingPolicy,
  generation: ['spec'],
  allowUnconditionalUpdate: false,
  defaults({ spec }) {
    if (!spec) return
    spec.failurePolicy ??= 'Fail'
    defaultMatch(spec.matchConstraints)
  },
  printer: {
    columns: [
      nameColumn,
      column('Validations', 'How many rules there are.', 0, 'integer'),
      column('ParamKind', 'Kind of the parameters.'),
      ageColumn,
    ],
    cells: (policy, nowMs) => [
      nameOf(policy),
      policy.spec?.validations?.length ?? 0,
      paramKindCell(policy.spec?.paramKind),
      ageCell(policy, nowMs),
    ],
  },
})

export const mutatingAdmissionPolicy = defineKind<k8s.MutatingAdmissionPolicy>({
  validate: validateMutatingPolicy,
  generation: ['spec'],
  allowUnconditionalUpdate: false,
  defaults({ spec }) {
    if (!spec) return
    spec.failurePolicy ??= 'Fail'
    defaultMatch(spec.matchConstraints)
  },
  printer: {
    columns: [
      nameColumn,
      column('Mutations', 'How many changes there are.', 0, 'integer'),
      column('ParamKind', 'Kind of the parameters.'),
      ageColumn,
    ],
    cells: (policy, nowMs) => [
      nameOf(policy),
      policy.spec?.mutations?.length ?? 0,
      paramKindCell(policy.spec?.paramKind),
      ageCell(policy, nowMs),
    ],
  },
})

export const validatingAdmissionPolicyBinding = defineKind<k8s.ValidatingAdmissionPolicyBinding>({
  validate: validateValidatingBinding,
  generation: ['spec'],
  allowUnconditionalUpdate: false,
  defaults: ({ spec }) => defaultMatch(spec?.matchResources),
  printer: bindingPrinter(),
})

export const mutatingAdmissionPolicyBinding = defineKind<k8s.MutatingAdmissionPolicyBinding>({
  validate: validateMutatingBinding,
  generation: ['spec'],
  allowUnconditionalUpdate: false,
  defaults: ({ spec }) => defaultMatch(spec?.matchResources),
  printer: bindingPrinter(),
})

function defaultMatch(match: Unchecked<k8s.MatchResources> | undefined): void {
  if (!match) return
  match.matchPolicy ??= 'Equivalent'
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*'
}

const paramKindCell = (kind: Unchecked<k8s.ParamKind> | undefined): string =>
  kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : '<unset>'

function bindingPrinter<T>(): PrinterOf<T> {
  const common: PrinterOf<k8s.ValidatingAdmissionPolicyBinding> = {
    columns: [nameColumn, column('PolicyName', 'The policy.'), column('ParamRef', 'The parameters.'), ageColumn],
    cells: (binding, nowMs) => [
      nameOf(binding),
      binding.spec?.policyName ?? '',
      paramRefCell(binding.spec?.paramRef),
      ageCell(binding, nowMs),
    ],
  }
  return common as unknown as PrinterOf<T>
}

function paramRefCell(ref: Unchecked<k8s.ParamRef> | undefined): string {
  if (ref?.name) return `${ref.namespace || '*'}/${ref.name}`
  return ref?.selector ? formatLabelSelector(ref.selector as LabelSelectorObject) : '<unset>'
}
