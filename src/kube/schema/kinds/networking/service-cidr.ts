import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateRange, validateRangeUpdate } from './address-validation.ts'

export const serviceCidr = defineKind<k8s.ServiceCIDR>({
  validate: validateRange,
  validateUpdate: validateRangeUpdate,
  printer: {
    columns: [nameColumn, column('CIDRs', 'Ranges from which services get their addresses.'), ageColumn],
    cells: (range, nowMs) => [nameOf(range), (range.spec?.cidrs ?? []).join(','), ageCell(range, nowMs)],
  },
})
