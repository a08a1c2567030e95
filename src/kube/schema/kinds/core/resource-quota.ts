import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { roundUp } from './pod-spec-defaults.ts'
import { validateQuota, validateQuotaStatus, validateQuotaUpdate } from './resource-quota-validation.ts'

export const resourceQuota = defineKind<k8s.ResourceQuota>({
  validate: validateQuota,
  validateUpdate: validateQuotaUpdate,
  subresources: { status: { validateUpdate: validateQuotaStatus } },
  defaults(quota) {
    roundUp(quota.spec?.hard)
    roundUp(quota.status?.hard)
    roundUp(quota.status?.used)
  },
  printer: {
    columns: [
      nameColumn,
      column('Request', 'What may be asked for: used and allowed.'),
      column('Limit', 'What limits may add up to: used and allowed.'),
      ageColumn,
    ],
    cells(quota, nowMs) {
      const requests: string[] = []
      const limits: string[] = []
      for (const name of Object.keys(quota.status?.hard ?? {}).sort()) {
        const text = `${name}: ${quota.status?.used?.[name] ?? '0'}/${quota.status?.hard?.[name] ?? '0'}`
        const list = name.startsWith('limits.') ? limits : requests
        list.push(text)
      }
      return [nameOf(quota), requests.join(', '), limits.join(', '), ageCell(quota, nowMs)]
    },
  },
})
