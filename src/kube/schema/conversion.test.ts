import { describe, expect, test } from 'vitest'
import type { KubeObject } from './contract.ts'
import { fromStorage, servedAsStored, toStorage } from './conversion.ts'
import { defaultObject } from './defaulting.ts'
import { gracePeriodSeconds } from './graceful-deletion.ts'
import { resourceFor } from './test-object.ts'

const metadata = { name: 'a', namespace: 'default' }

describe('horizontal pod autoscalers', () => {
  const v1 = resourceFor('autoscaling/v1', 'horizontalpodautoscalers')

  test('of version 1 are stored as version 2 and come back', () => {
    const scaleTargetRef = { kind: 'Deployment', name: 'a', apiVersion: 'apps/v1' }
    const object: KubeObject = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 50 },
    }
    expect(servedAsStored(v1)).toBe(false)
    const stored = toStorage(v1, structuredClone(object))
    expect(stored).toMatchObject({
      apiVersion: 'autoscaling/v2',
      spec: {
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    })
    expect(fromStorage(v1, stored)).toMatchObject(object)
  })

  test('what version 1 has no field for is in an annotation', () => {
    const memory = {
      type: 'Resource',
      resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
    }
    const stored: KubeObject = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'a' }, maxReplicas: 3, metrics: [memory] },
    }
    const served = fromStorage(v1, structuredClone(stored))
    expect(served.metadata.annotations?.['autoscaling.alpha.kubernetes.io/metrics']).toContain('"memory"')
    expect(toStorage(v1, served)).toMatchObject({ spec: { metrics: [memory] } })
  })
})

test('events are the same in both groups', () => {
  const events = resourceFor('events.k8s.io/v1', 'events')
  const object: KubeObject = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata,
    reason: 'Started',
    note: 'It started',
    regarding: { kind: 'Pod', name: 'a', namespace: 'default' },
    reportingController: 'kubelet',
    type: 'Normal',
    eventTime: '2026-01-01T00:00:00.000000Z',
    action: 'Start',
  }
  const stored = toStorage(events, structuredClone(object))
  expect(stored).toMatchObject({ apiVersion: 'v1', message: 'It started', involvedObject: { name: 'a' } })
  expect(fromStorage(events, stored)).toMatchObject(object)
})

test('pods are given time, what never ran is not', () => {
  const pods = resourceFor('v1', 'pods')
  const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: 'n', containers: [] } }
  defaultObject(pods, pod)
  expect(gracePeriodSeconds(pods, pod, undefined)).toBe(30)
  expect(gracePeriodSeconds(pods, pod, 5)).toBe(5)
  expect(gracePeriodSeconds(pods, { ...pod, spec: { containers: [] } }, 5)).toBe(0)
  expect(gracePeriodSeconds(resourceFor('v1', 'configmaps'), pod, 5)).toBe(0)
})
