import { nameOf } from '../../cells.ts'
import { column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'

export const componentStatus = defineKind<k8s.ComponentStatus>({
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  printer: {
    columns: [
      nameColumn,
      column('Status', 'Whether the component is well.'),
      column('Message', 'What it says.'),
      column('Error', 'What is wrong with it.'),
    ],
    cells(component) {
      const healthy = component.conditions?.find((condition) => condition.type === 'Healthy')
      const status = healthy ? (healthy.status === 'True' ? 'Healthy' : 'Unhealthy') : 'Unknown'
      return [nameOf(component), status, healthy?.message ?? '', healthy?.error ?? '']
    },
  },
})
