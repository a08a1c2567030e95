import { describe, expect, test } from 'vitest'
import type { Unchecked } from '../contract.ts'
import type * as k8s from '../generated/types.ts'
import { create, update } from '../test-object.ts'

const containers = [{ name: 'a', image: 'x' }]
const template = { metadata: { labels: { app: 'a' } }, spec: { containers } }
const pod = create('v1', 'pods', { spec: { containers, tolerations: [{ key: 'a', operator: 'Exists' }] } })
const fields =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,' +
  '`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing ' +
  'tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

const running = { name: 'a', image: 'x', imageID: '', ready: true, restartCount: 0, state: { running: {} } }

type Whole<T extends { spec?: unknown }> = T & { spec: NonNullable<T['spec']> }
type Change<T> = (object: Unchecked<T> & { spec: Unchecked<k8s.PodSpec> & { containers: k8s.Container[] } }) => void

describe('pods', () => {
  const changed = (change: Change<k8s.Pod>, subresource = ''): string => update(pod, change, subresource).errors

  test('the image may change, the deadline too, and tolerations may come', () => {
    const kept = changed(({ spec }) => {
      for (const container of spec.containers) container.image = 'y'
      spec.activeDeadlineSeconds = 5
      spec.tolerations = [...(spec.tolerations ?? []), { key: 'b', operator: 'Exists' }]
    })
    expect(kept).toBe('')
  })

  test('another change is refused with its difference', () => {
    const said = changed(({ spec }) => {
      for (const container of spec.containers) container.command = ['sleep']
    })
    expect(said).toBe(
      [
        fields,
        '@@ -5,7 +5,9 @@',
        '   {',
        '    "Name": "a",',
        '    "Image": "x",',
        '-   "Command": null,',
        '+   "Command": [',
        '+    "sleep"',
        '+   ],',
        '    "Args": null,',
        '    "WorkingDir": "",',
        '    "Ports": null,',
        '',
      ].join('\n'),
    )
  })

  test.each<[string, Change<k8s.Pod>, string]>([
    [
      'a container more',
      ({ spec }) => {
        spec.containers.push({ name: 'b', image: 'b' })
      },
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ],
    [
      'a toleration less',
      ({ spec }) => {
        spec.tolerations = []
      },
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ],
    [
      'another name',
      ({ metadata }) => {
        if (metadata) metadata.name = 'b'
      },
      'metadata.name: Invalid value: "b": field is immutable',
    ],
  ])('%s', (_title, change, sentence) => {
    expect(changed(change)).toBe(sentence)
  })

  test('a container for a while has a name of its own', () => {
    const said = changed(({ spec }) => {
      spec.ephemeralContainers = [{ name: 'a', image: 'b' }]
    }, 'ephemeralcontainers')
    expect(said).toBe('spec.ephemeralContainers[0].name: Duplicate value: "a"')
  })

  test('of a pod that ends for good nothing starts again, and addresses are some', () => {
    const state = { terminated: { exitCode: 0, reason: 'Completed' } }
    const never = create('v1', 'pods', { spec: { containers, restartPolicy: 'Never' } })
    const done = update(
      never,
      (object: k8s.Pod) => {
        object.status = { phase: 'Succeeded', containerStatuses: [{ ...running, state }], podIP: '10.0.0.1' }
      },
      'status',
    )
    expect(done.errors).toBe('')
    expect(done.object).toMatchObject({ status: { podIPs: [{ ip: '10.0.0.1' }] } })
    const again = update(
      done,
      (object: k8s.Pod) => {
        object.status = { containerStatuses: [running], podIPs: [{ ip: 'x' }] }
      },
      'status',
    )
    expect(again.errors.split('\n')).toEqual([
      'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
      'status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ])
  })

  test('a resize changes nothing else', () => {
    const said = changed(({ spec }) => {
      for (const container of spec.containers) container.image = 'z'
    }, 'resize')
    expect(said).toBe('spec: Forbidden: only cpu and memory resources are mutable')
  })
})

test('the selector of a deployment stays', () => {
  const deployment = create('apps/v1', 'deployments', { spec: { selector: { matchLabels: { app: 'a' } }, template } })
  const change = ({ spec }: Whole<k8s.Deployment>): void => {
    spec.selector = { matchLabels: { x: 'y', app: 'a' } }
    spec.template.metadata = { labels: { app: 'a', x: 'y' } }
  }
  expect(update(deployment, change).errors).toBe(
    'spec.selector: Invalid value: {"matchLabels":{"app":"a","x":"y"}}: field is immutable',
  )
})

test('of a stateful set only some fields change', () => {
  const spec = { selector: { matchLabels: { app: 'a' } }, serviceName: 'a', template }
  const set = create('apps/v1', 'statefulsets', { spec })
  const rename = ({ spec }: Whole<k8s.StatefulSet>): void => {
    spec.serviceName = 'b'
  }
  expect(update(set, rename).errors).toMatch(
    /^spec: Forbidden: updates to statefulset spec for fields other than 'replicas', .* are forbidden$/,
  )
  const scale = ({ spec }: Whole<k8s.StatefulSet>): void => {
    spec.replicas = 5
  }
  expect(update(set, scale).errors).toBe('')
})

test('of a job the count stays, and the template', () => {
  const job = create('batch/v1', 'jobs', { spec: { template: { spec: { containers, restartPolicy: 'Never' } } } })
  const count = ({ spec }: Whole<k8s.Job>): void => {
    spec.completions = 3
  }
  expect(update(job, count).errors).toBe('spec.completions: Invalid value: 3: field is immutable')
  const image = ({ spec }: Whole<k8s.Job>): void => {
    for (const container of spec.template.spec?.containers ?? []) container.image = 'z'
  }
  expect(update(job, image).errors).toMatch(
    /^spec.template: Invalid value: \{"labels":\{.*"Spec":\{"Volumes":null,.*\}\}: field is immutable$/,
  )
})

test('what says that it is immutable is', () => {
  const map = create('v1', 'configmaps', { data: { a: 'x' }, immutable: true })
  const change = (object: k8s.ConfigMap): void => {
    object.data = { a: 'y' }
  }
  expect(update(map, change).errors).toBe('data: Forbidden: field is immutable when `immutable` is set')
  const secret = create('v1', 'secrets', { type: 'Opaque' })
  const retype = (object: k8s.Secret): void => {
    object.type = 'other'
  }
  expect(update(secret, retype).errors).toBe('type: Invalid value: "other": field is immutable')
})

test('an address that a service once has stays', () => {
  const ports = [{ port: 80 }]
  const service = create('v1', 'services', { spec: { ports, clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] } })
  const move = ({ spec }: k8s.Service): void => {
    Object.assign(spec ?? {}, { clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] })
  }
  expect(update(service, move).errors).toBe('spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set')
})

describe('what a write leaves alone', () => {
  test('the status, and on /status the spec; the generation rises with the spec', () => {
    const deployment = create('apps/v1', 'deployments', { spec: { selector: { matchLabels: { app: 'a' } }, template } })
    expect(deployment.object.metadata.generation).toBe(1)
    const both = (object: Whole<k8s.Deployment>): void => {
      object.spec.replicas = 7
      object.status = { replicas: 7 }
    }
    const main = update(deployment, both).object
    expect(main).toMatchObject({ spec: { replicas: 7 }, metadata: { generation: 2 } })
    expect(main.status ?? {}).not.toHaveProperty('replicas')
    const status = update(deployment, both, 'status').object
    expect(status).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 7 }, metadata: { generation: 1 } })
  })
})
