import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateConditionTypes } from './condition-types.ts'
import { validateFlowSchema } from './flow-schema-validation.ts'

export const flowSchema = defineKind<k8s.FlowSchema>({
  subresources: { status: { validateUpdate: ({ status }) => validateConditionTypes(status?.conditions) } },
  validate: validateFlowSchema,
  generation: ['spec'],
  defaults({ spec }) {
    if (spec) spec.matchingPrecedence ||= 1000
  },
  printer: {
    columns: [
      nameColumn,
      column('PriorityLevel', 'Where the requests go.'),
      column('MatchingPrecedence', 'The least of those that match counts.'),
      column('DistinguisherMethod', 'What makes a flow of its own.'),
      ageColumn,
      column('MissingPL', 'Whether the priority level is missing.'),
    ],
    cells: (schema, nowMs) => [
      nameOf(schema),
      schema.spec?.priorityLevelConfiguration?.name ?? '',
      schema.spec?.matchingPrecedence ?? 0,
      schema.spec?.distinguisherMethod?.type ?? '<none>',
      ageCell(schema, nowMs),
      schema.status?.conditions?.find((condition) => condition.type === 'Dangling')?.status ?? '?',
    ],
  },
})
