import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateBudget, validateBudgetStatus } from './pod-disruption-budget-validation.ts'

export const podDisruptionBudget = defineKind<k8s.PodDisruptionBudget>({
  generation: ['spec'],
  validate: validateBudget,
  subresources: { status: { validateUpdate: validateBudgetStatus } },
  allowUnconditionalUpdate: false,
  printer: {
    columns: [
      nameColumn,
      column('Min Available', 'Pods that must stay.'),
      column('Max Unavailable', 'Pods that may be missing.'),
      column('Allowed Disruptions', 'Pods that may be taken away now.', 0, 'integer'),
      ageColumn,
    ],
    cells: (budget, nowMs) => [
      nameOf(budget),
      String(budget.spec?.minAvailable ?? 'N/A'),
      String(budget.spec?.maxUnavailable ?? 'N/A'),
      budget.status?.disruptionsAllowed ?? 0,
      ageCell(budget, nowMs),
    ],
  },
})
