import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateLease } from './lease-validation.ts'

export const lease = defineKind<k8s.Lease>({
  validate: validateLease,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  printer: {
    columns: [nameColumn, column('Holder', 'Who has it.'), ageColumn],
    cells: (lease, nowMs) => [nameOf(lease), lease.spec?.holderIdentity ?? '', ageCell(lease, nowMs)],
  },
})
