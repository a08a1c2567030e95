import { expect, test } from 'vitest'
import { create, type Fields } from '../test-object.ts'

type Row = readonly [
  title: string,
  apiVersion: string,
  plural: string,
  fields: Fields,
  metadata: Fields,
  errors: string[],
]

/** Objects with what Kubernetes 1.36 says of them, word for word. */
const rows: readonly Row[] = [
  [
    'hosts and paths',
    'networking.k8s.io/v1',
    'ingresses',
    {
      spec: {
        rules: [
          { host: 'a_b' },
          {
            http: {
              paths: [
                { path: 'x', pathType: 'Prefix', backend: {} },
                { path: '/y', backend: { service: { name: 'A' } } },
              ],
            },
          },
        ],
      },
    },
    {},
    [
      "spec.rules[0].host: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.rules[1].http.paths[0].path: Invalid value: "x": must be an absolute path',
      'spec.rules[1].http.paths[0].backend: Invalid value: "": resource or service backend is required',
      'spec.rules[1].http.paths[1].pathType: Required value: pathType must be specified',
    ],
  ],
  [
    'nothing to send to',
    'networking.k8s.io/v1',
    'ingresses',
    { spec: {} },
    {},
    ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  ],
  [
    'peers and ports',
    'networking.k8s.io/v1',
    'networkpolicies',
    {
      spec: {
        podSelector: {},
        ingress: [{ ports: [{ port: 0 }], from: [{}, { ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/8'] } }] }],
      },
    },
    {},
    [
      'spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ingress[0].from[0]: Required value: must specify a peer',
      'spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: "11.0.0.0/8": must be a strict subset of `cidr`',
    ],
  ],
  [
    'no replicas',
    'autoscaling/v2',
    'horizontalpodautoscalers',
    { spec: { scaleTargetRef: { kind: 'Deployment', name: 'a' }, maxReplicas: 0, minReplicas: 2 } },
    {},
    [
      'spec.maxReplicas: Required value: must be set and greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    ],
  ],
  [
    'both of two',
    'policy/v1',
    'poddisruptionbudgets',
    { spec: { minAvailable: 1, maxUnavailable: 1, selector: {} } },
    {},
    [
      'spec: Invalid value: {"MinAvailable":1,"Selector":{},"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
    ],
  ],
  [
    'an empty rule',
    'rbac.authorization.k8s.io/v1',
    'roles',
    { rules: [{ apiGroups: [''], resources: [], verbs: [] }] },
    {},
    [
      'rules[0].verbs: Required value: verbs must contain at least one value',
      'rules[0].resources: Required value: resource rules must supply at least one resource',
    ],
  ],
  [
    'no one and nothing',
    'rbac.authorization.k8s.io/v1',
    'rolebindings',
    {
      roleRef: { kind: 'Foo', name: '', apiGroup: 'x' },
      subjects: [{ kind: 'Group' }, { kind: 'ServiceAccount', name: 'a' }],
    },
    {},
    [
      'roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"',
      'roleRef.kind: Unsupported value: "Foo": supported values: "Role", "ClusterRole"',
      'roleRef.name: Required value',
      'subjects[0].name: Required value',
    ],
  ],
  [
    'a class of no known policy',
    'storage.k8s.io/v1',
    'storageclasses',
    { provisioner: '', reclaimPolicy: 'Recycle' },
    {},
    [
      'provisioner: Required value',
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
    ],
  ],
  [
    'an address that is none',
    'discovery.k8s.io/v1',
    'endpointslices',
    { addressType: 'IPv4', endpoints: [{ addresses: ['x'] }, { addresses: [] }] },
    {},
    [
      'endpoints[0].addresses[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'endpoints[1].addresses: Required value: must contain at least 1 address',
    ],
  ],
]

test.each(rows)('%s: %s %s', (_title, apiVersion, plural, fields, metadata, errors) => {
  const said = create(apiVersion, plural, fields, metadata).errors
  expect(said === '' ? [] : said.split('\n')).toEqual(errors)
})
