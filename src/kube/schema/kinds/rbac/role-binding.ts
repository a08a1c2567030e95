import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Cell, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import type { KindRules } from '../../rules.ts'
import { defineKind } from '../../rules.ts'
import { pathSegmentName } from '../../validation/names.ts'
import { validateClusterRoleBinding, validateRoleBinding, validateSameRole } from './rbac-validation.ts'

type Binding = Unchecked<k8s.RoleBinding>

const rules: KindRules<k8s.RoleBinding> = {
  name: pathSegmentName,
  allowCreateOnUpdate: true,
  defaults(binding) {
    if (binding.roleRef) binding.roleRef.apiGroup ||= 'rbac.authorization.k8s.io'
    for (const subject of binding.subjects ?? []) {
      if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= 'rbac.authorization.k8s.io'
    }
  },
  printer: {
    columns: [
      nameColumn,
      column('Role', 'The role.'),
      ageColumn,
      column('Users', 'Users that have it.', 1),
      column('Groups', 'Groups that have it.', 1),
      column('ServiceAccounts', 'Service accounts that have it.', 1),
    ],
    cells: (binding, nowMs): Cell[] => [
      nameOf(binding),
      `${binding.roleRef?.kind ?? ''}/${binding.roleRef?.name ?? ''}`,
      ageCell(binding, nowMs),
      subjectsOf(binding, 'User'),
      subjectsOf(binding, 'Group'),
      subjectsOf(binding, 'ServiceAccount'),
    ],
  },
}

function subjectsOf({ subjects }: Binding, kind: string): string {
  return (subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ namespace, name = '' }) => (namespace ? `${namespace}/${name}` : name))
    .join(', ')
}

export const roleBinding = defineKind<k8s.RoleBinding>({
  ...rules,
  validate: validateRoleBinding,
  validateUpdate: (binding, old) => [...validateRoleBinding(binding), ...validateSameRole(binding, old)],
})

export const clusterRoleBinding = defineKind<k8s.ClusterRoleBinding>({
  ...(rules as KindRules<k8s.ClusterRoleBinding>),
  validate: validateClusterRoleBinding,
  validateUpdate: (binding, old) => [...validateClusterRoleBinding(binding), ...validateSameRole(binding, old)],
})
