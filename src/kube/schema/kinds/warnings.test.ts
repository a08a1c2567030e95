import { expect, test } from 'vitest'
import { deprecationOf, strategyOf } from '../strategy.ts'
import { create, type Fields, resourceFor, update } from '../test-object.ts'

const containers = [{ name: 'a', image: 'x' }]

function warnings(apiVersion: string, plural: string, fields: Fields, metadata: Fields = {}): string[] {
  const { resource, object } = create(apiVersion, plural, fields, metadata)
  return strategyOf(resource).warningsOnCreate(object)
}

test.each<[string, Fields, string[]]>([
  ['nothing to say', { containers }, []],
  [
    'a variable twice',
    {
      containers: [
        {
          ...containers[0],
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
            { name: 'B', value: '1' },
            { name: 'B', value: '$(B)2' },
          ],
        },
      ],
    },
    ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
  ],
  [
    'a port twice',
    {
      containers: [
        { ...containers[0], ports: [{ containerPort: 80, name: 'p' }] },
        { name: 'b', image: 'y', ports: [{ containerPort: 80, name: 'p' }] },
      ],
    },
    [
      'spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]',
      'spec.containers[1].ports[0]: duplicate port name "p" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
    ],
  ],
  [
    'half a byte, and labels of old',
    {
      containers: [{ ...containers[0], resources: { limits: { memory: '1500m' } } }],
      nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
    },
    [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer',
      'spec.containers[0].resources.requests[memory]: fractional byte value "1500m" is invalid, must be an integer',
    ],
  ],
])('pods: %s', (_title, spec, expected) => {
  expect(warnings('v1', 'pods', { spec })).toEqual(expected)
})

test('names that become names of hosts', () => {
  const spec = {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers } },
  }
  expect(warnings('apps/v1', 'deployments', { spec }, { name: 'a.b' })).toEqual([
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
  ])
})

test('a change is told of once it is one', () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers, terminationGracePeriodSeconds: -1 } }
  const before = create('apps/v1', 'deployments', { spec: { selector: { matchLabels: { a: 'b' } }, template } })
  const strategy = strategyOf(before.resource)
  const same = update(before, () => undefined)
  expect(strategy.warningsOnUpdate(same.object, before.object)).toEqual([])
  const scaled = update(before, (object: { spec: Fields }) => {
    object.spec.replicas = 2
  })
  expect(strategy.warningsOnUpdate(scaled.object, before.object)).toEqual([
    'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ])
})

test('services and ingresses', () => {
  const ports = [{ port: 80 }]
  expect(
    warnings('v1', 'services', { spec: { ports, externalName: 'x', trafficDistribution: 'PreferClose' } }),
  ).toEqual([
    'spec.externalName is ignored when spec.type is not "ExternalName"',
    'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
  ])
  const annotations = { 'kubernetes.io/ingress.class': 'nginx' }
  expect(warnings('networking.k8s.io/v1', 'ingresses', { spec: {} }, { annotations })).toEqual([
    'annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead',
  ])
})

test('kinds that have a successor', () => {
  expect(deprecationOf(resourceFor('v1', 'endpoints'))).toBe(
    'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  )
  expect(deprecationOf(resourceFor('v1', 'pods'))).toBeUndefined()
})
