import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateConditionTypes } from './condition-types.ts'
import { validatePriorityLevel } from './priority-level-validation.ts'

export const priorityLevelConfiguration = defineKind<k8s.PriorityLevelConfiguration>({
  subresources: { status: { validateUpdate: ({ status }) => validateConditionTypes(status?.conditions) } },
  validate: validatePriorityLevel,
  generation: ['spec'],
  defaults({ spec }) {
    if (spec?.exempt) {
      spec.exempt.nominalConcurrencyShares ??= 0
      spec.exempt.lendablePercent ??= 0
    }
    if (!spec?.limited) return
    spec.limited.nominalConcurrencyShares ??= 30
    spec.limited.lendablePercent ??= 0
    const queuing = spec.limited.limitResponse?.queuing
    if (!queuing) return
    queuing.handSize ||= 8
    queuing.queues ||= 64
    queuing.queueLengthLimit ||= 50
  },
  printer: {
    columns: [
      nameColumn,
      column('Type', 'Exempt or limited.'),
      column('NominalConcurrencyShares', 'Share of the requests that may run at one time.'),
      column('Queues', 'How many queues there are.'),
      column('HandSize', 'How many queues a flow has.'),
      column('QueueLengthLimit', 'How long a queue may be.'),
      ageColumn,
    ],
    cells(level, nowMs) {
      const limited = level.spec?.limited
      const queuing = limited?.limitResponse?.queuing
      return [
        nameOf(level),
        level.spec?.type ?? '',
        limited ? (limited.nominalConcurrencyShares ?? 0) : '<none>',
        queuing ? (queuing.queues ?? 0) : '<none>',
        queuing ? (queuing.handSize ?? 0) : '<none>',
        queuing ? (queuing.queueLengthLimit ?? 0) : '<none>',
        ageCell(level, nowMs),
      ]
    },
  },
})
