import { describe, expect, test } from 'vitest'
import { defaultObject } from '../defaulting.ts'
import { printerOf } from '../printer.ts'
import { type Fields, resourceFor, writes } from '../test-object.ts'

/** Cells by the name of their column, as `kubectl get -o wide` shows them. */
function row(apiVersion: string, plural: string, fields: Fields, metadata: Fields = {}): Record<string, unknown> {
  const resource = resourceFor(apiVersion, plural)
  const { columns, cells } = printerOf(resource)
  const named = { name: 'a', creationTimestamp: '2026-03-01T10:55:00Z', ...metadata }
  const object = { apiVersion, kind: resource.kind, metadata: named, ...fields }
  defaultObject(resource, object)
  const values = cells(object, writes.nowMs)
  return Object.fromEntries(columns.map(({ name }, i) => [name, values[i]]))
}

const started = { running: { startedAt: '2026-03-01T11:00:00Z' } }
const waiting = (reason: string) => ({ waiting: { reason } })
const ended = (exitCode: number, more: Fields = {}) => ({
  terminated: { exitCode, finishedAt: '2026-03-01T11:55:00Z', ...more },
})
const container = (state: Fields, more: Fields = {}): Fields => ({
  name: 'a',
  ready: false,
  started: true,
  restartCount: 0,
  state,
  ...more,
})

describe('pods: STATUS, READY and RESTARTS', () => {
  const spec = { containers: [{ name: 'a', image: 'x' }] }
  const withInit = { ...spec, initContainers: [{ name: 'i', image: 'y' }] }
  const withSidecar = { ...spec, initContainers: [{ name: 'i', image: 'y', restartPolicy: 'Always' }] }
  test.each<[string, Fields, Fields, Fields, [string, string, string]]>([
    ['nothing yet', spec, { phase: 'Pending' }, {}, ['Pending', '0/1', '0']],
    [
      'running',
      spec,
      { phase: 'Running', containerStatuses: [container(started, { ready: true })] },
      {},
      ['Running', '1/1', '0'],
    ],
    [
      'no image',
      spec,
      { phase: 'Pending', containerStatuses: [container(waiting('ImagePullBackOff'))] },
      {},
      ['ImagePullBackOff', '0/1', '0'],
    ],
    [
      'crashes',
      spec,
      {
        phase: 'Running',
        containerStatuses: [container(waiting('CrashLoopBackOff'), { restartCount: 3, lastState: ended(1) })],
      },
      {},
      ['CrashLoopBackOff', '0/1', '3 (5m ago)'],
    ],
    [
      'done',
      spec,
      { phase: 'Succeeded', containerStatuses: [container(ended(0, { reason: 'Completed' }))] },
      {},
      ['Completed', '0/1', '0'],
    ],
    ['failed', spec, { phase: 'Failed', containerStatuses: [container(ended(3))] }, {}, ['ExitCode:3', '0/1', '0']],
    [
      'killed',
      spec,
      { phase: 'Failed', containerStatuses: [container(ended(137, { signal: 9 }))] },
      {},
      ['Signal:9', '0/1', '0'],
    ],
    ['evicted', spec, { phase: 'Failed', reason: 'Evicted' }, {}, ['Evicted', '0/1', '0']],
    [
      'first the init containers',
      withInit,
      { phase: 'Pending', initContainerStatuses: [container(started, { name: 'i' })] },
      {},
      ['Init:0/1', '0/1', '0'],
    ],
    [
      'an init container fails',
      withInit,
      { phase: 'Pending', initContainerStatuses: [container(waiting('CrashLoopBackOff'), { name: 'i' })] },
      {},
      ['Init:CrashLoopBackOff', '0/1', '0'],
    ],
    [
      'an init container of a pod that is set up',
      withInit,
      { phase: 'Pending', initContainerStatuses: [container(waiting('PodInitializing'), { name: 'i' })] },
      {},
      ['Init:0/1', '0/1', '0'],
    ],
    [
      'a sidecar counts',
      withSidecar,
      {
        phase: 'Running',
        initContainerStatuses: [container(started, { name: 'i', ready: true })],
        containerStatuses: [container(started, { ready: true })],
      },
      {},
      ['Running', '2/2', '0'],
    ],
    [
      'on its way out',
      spec,
      { phase: 'Running', containerStatuses: [container(started, { ready: true })] },
      { deletionTimestamp: '2026-03-01T12:00:00Z' },
      ['Terminating', '1/1', '0'],
    ],
    [
      'waits for a gate',
      { ...spec, schedulingGates: [{ name: 'g' }] },
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
      {},
      ['SchedulingGated', '0/1', '0'],
    ],
  ])('%s', (_title, podSpec, status, metadata, [statusText, ready, restarts]) => {
    const cells = row('v1', 'pods', { spec: podSpec, status }, metadata)
    expect(cells).toMatchObject({ Status: statusText, Ready: ready, Restarts: restarts })
  })

  test('the wide columns', () => {
    const status = { phase: 'Running', podIPs: [{ ip: '10.0.0.5' }], podIP: '10.0.0.5' }
    expect(row('v1', 'pods', { spec: { ...spec, nodeName: 'n' }, status })).toEqual({
      Name: 'a',
      Ready: '0/1',
      Status: 'Running',
      Restarts: '0',
      Age: '65m',
      IP: '10.0.0.5',
      Node: 'n',
      'Nominated Node': '<none>',
      'Readiness Gates': '<none>',
    })
  })
})

describe('other kinds', () => {
  test.each<[string, string, Fields, Fields]>([
    [
      'apps/v1',
      'deployments',
      {
        spec: {
          replicas: 3,
          selector: { matchLabels: { app: 'a' } },
          template: { spec: { containers: [{ name: 'c', image: 'i:1' }] } },
        },
        status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 },
      },
      { Ready: '2/3', 'Up-to-date': 3, Available: 2, Age: '65m', Containers: 'c', Images: 'i:1', Selector: 'app=a' },
    ],
    [
      'v1',
      'services',
      {
        spec: {
          clusterIP: '10.96.0.1',
          clusterIPs: ['10.96.0.1'],
          ports: [
            { port: 80, nodePort: 30080 },
            { port: 53, protocol: 'UDP' },
          ],
        },
      },
      { Type: 'ClusterIP', 'Cluster-IP': '10.96.0.1', 'External-IP': '<none>', 'Port(s)': '80:30080/TCP,53/UDP' },
    ],
    [
      'v1',
      'services',
      { spec: { type: 'LoadBalancer', clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'], ports: [{ port: 80 }] } },
      { 'External-IP': '<pending>', Selector: '<none>' },
    ],
    [
      'v1',
      'nodes',
      {
        status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.36.0' } },
        spec: { unschedulable: true },
      },
      { Status: 'Ready,SchedulingDisabled', Roles: '<none>', Version: 'v1.36.0', 'Internal-IP': '<none>' },
    ],
    ['v1', 'configmaps', { data: { a: '1', b: '2' }, binaryData: { c: 'eA==' } }, { Data: 3 }],
    ['v1', 'namespaces', { status: { phase: 'Active' } }, { Status: 'Active', Age: '65m' }],
    [
      'batch/v1',
      'jobs',
      {
        spec: { completions: 1, template: { spec: { containers: [] } } },
        status: {
          succeeded: 1,
          startTime: '2026-03-01T11:00:00Z',
          completionTime: '2026-03-01T11:00:07Z',
          conditions: [{ type: 'Complete', status: 'True' }],
        },
      },
      { Status: 'Complete', Completions: '1/1', Duration: '7s' },
    ],
    [
      'batch/v1',
      'cronjobs',
      { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { containers: [] } } } } } },
      { Schedule: '* * * * *', Timezone: '<none>', Suspend: 'False', Active: 0, 'Last Schedule': '<none>' },
    ],
  ])('%s %s', (apiVersion, plural, fields, cells) => {
    expect(row(apiVersion, plural, fields)).toMatchObject(cells)
  })
})
