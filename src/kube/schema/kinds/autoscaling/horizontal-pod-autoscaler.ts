import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { validateAutoscaler, validateAutoscalerStatus } from './hpa-validation.ts'
import { metricsCell } from './metrics-cell.ts'

export const horizontalPodAutoscaler = defineKind<k8s.HorizontalPodAutoscaler>({
  validate: validateAutoscaler,
  subresources: { status: { validateUpdate: validateAutoscalerStatus } },
  defaults({ spec }) {
    if (!spec) return
    spec.minReplicas ??= 1
    if ((spec.metrics?.length ?? 0) === 0) {
      spec.metrics = [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ]
    }
    if (!spec.behavior) return
    spec.behavior.scaleUp = withDefaults(spec.behavior.scaleUp, {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    })
    spec.behavior.scaleDown = withDefaults(spec.behavior.scaleDown, {
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    })
  },
  printer: {
    columns: [
      nameColumn,
      column('Reference', 'What is scaled.'),
      column('Targets', 'What the metrics are now and what they should be.'),
      column('MinPods', 'Least pods.'),
      column('MaxPods', 'Most pods.'),
      column('Replicas', 'Pods that there are.'),
      ageColumn,
    ],
    cells: (scaler, nowMs) => [
      nameOf(scaler),
      `${scaler.spec?.scaleTargetRef?.kind ?? ''}/${scaler.spec?.scaleTargetRef?.name ?? ''}`,
      metricsCell(scaler.spec?.metrics, scaler.status?.currentMetrics),
      scaler.spec?.minReplicas === undefined ? '<unset>' : String(scaler.spec.minReplicas),
      scaler.spec?.maxReplicas ?? 0,
      scaler.status?.currentReplicas ?? 0,
      ageCell(scaler, nowMs),
    ],
  },
})

type Rules = Unchecked<k8s.HPAScalingRules>

function withDefaults(rules: Rules | undefined, defaults: Rules): Rules {
  return { ...defaults, ...rules }
}
