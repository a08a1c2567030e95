import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validatePriorityClass, validatePriorityClassUpdate } from './priority-class-validation.ts'

export const priorityClass = defineKind<k8s.PriorityClass>({
  validate: validatePriorityClass,
  validateUpdate: validatePriorityClassUpdate,
  generationOnce: true,
  defaults(priority) {
    priority.preemptionPolicy ??= 'PreemptLowerPriority'
  },
  printer: {
    columns: [
      nameColumn,
      column('Value', 'The priority; more goes first.', 0, 'integer'),
      column('Global-Default', 'Whether pods that name no class have it.', 0, 'boolean'),
      ageColumn,
      column('PreemptionPolicy', 'Whether pods of lower priority make room.'),
    ],
    cells: (priority, nowMs) => [
      nameOf(priority),
      priority.value ?? 0,
      priority.globalDefault ?? false,
      ageCell(priority, nowMs),
      priority.preemptionPolicy ?? '',
    ],
  },
})
