import { expect, test } from 'vitest'
import { create, type Fields } from '../../test-object.ts'

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
  ['no ports', 'v1', 'services', { spec: {} }, {}, ['spec.ports: Required value']],
  [
    'ports without names',
    'v1',
    'services',
    { spec: { clusterIP: 'None', clusterIPs: ['None'], ports: [{ port: 0 }, { port: 80, name: 'A_' }] } },
    {},
    [
      'spec.ports[0].name: Required value',
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
      "spec.ports[1].name: Invalid value: \"A_\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    'twice the same port',
    'v1',
    'services',
    {
      spec: {
        clusterIP: 'None',
        clusterIPs: ['None'],
        ports: [
          { port: 80, name: 'a' },
          { port: 80, name: 'a' },
        ],
      },
    },
    {},
    [
      'spec.ports[1].name: Duplicate value: "a"',
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ],
  ],
  [
    'an external name that is none',
    'v1',
    'services',
    { spec: { type: 'ExternalName', externalName: 'a b' } },
    {},
    [
      "spec.externalName: Invalid value: \"a b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'a type of no known kind',
    'v1',
    'services',
    { spec: { type: 'Foo', ports: [{ port: 80 }] } },
    {},
    ['spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'],
  ],
  [
    'a name that starts with a digit',
    'v1',
    'services',
    { spec: { ports: [{ port: 80 }] } },
    { name: '1A' },
    [
      "metadata.name: Invalid value: \"1A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    'keys',
    'v1',
    'configmaps',
    { data: { 'a b': 'x', '..': 'y', k: 'z' }, binaryData: { k: 'eA==' } },
    {},
    [
      "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      'data[..]: Invalid value: "..": must not be \'..\'',
      'data[k]: Invalid value: "k": duplicate of key present in binaryData',
    ],
  ],
  [
    'half of a certificate',
    'v1',
    'secrets',
    { type: 'kubernetes.io/tls', data: { 'tls.crt': 'eA==' } },
    {},
    ['data[tls.key]: Required value'],
  ],
  [
    'a name with dots',
    'v1',
    'namespaces',
    {},
    { name: 'a.b' },
    ['metadata.name: Invalid value: "a.b": must not contain dots'],
  ],
  [
    'a claim of nothing',
    'v1',
    'persistentvolumeclaims',
    { spec: {} },
    {},
    ['spec.accessModes: Required value: at least 1 access mode is required', 'spec.resources[storage]: Required value'],
  ],
  [
    'a claim below zero',
    'v1',
    'persistentvolumeclaims',
    { spec: { accessModes: ['X'], resources: { requests: { storage: '-1Gi' } } } },
    {},
    [
      'spec.accessModes: Unsupported value: "X": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      'spec.resources[storage]: Invalid value: "-1Gi": must be greater than zero',
    ],
  ],
  [
    'a volume of this node',
    'v1',
    'persistentvolumes',
    { spec: { local: { path: '/a/../b' } } },
    {},
    [
      'spec.accessModes: Required value',
      'spec.capacity: Required value',
      'spec.capacity: Unsupported value: null: supported values: "storage"',
      'spec.local.path: Invalid value: "/a/../b": must not contain \'..\'',
      'spec.nodeAffinity: Required value: Local volume requires node affinity',
    ],
  ],
  [
    'two volumes in one',
    'v1',
    'persistentvolumes',
    {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/a' },
        nfs: { server: 'x', path: '/y' },
      },
    },
    {},
    ['spec.nfs: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'amounts',
    'v1',
    'resourcequotas',
    { spec: { hard: { 'a b': 1, pods: '1.5', cpu: '-1' } } },
    {},
    [
      "spec.hard[a b]: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'spec.hard[a b]: Invalid value: "a b": must be a standard resource for quota',
      'spec.hard[pods]: Invalid value: "1500m": must be an integer',
      'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
  [
    'less than the least',
    'v1',
    'limitranges',
    {
      spec: {
        limits: [
          { type: 'Container', max: { cpu: 1 }, min: { cpu: 2 } },
          { type: 'Pod', default: { cpu: 1 } },
        ],
      },
    },
    {},
    [
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
      'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
      "spec.limits[1].default: Forbidden: may not be specified when `type` is 'Pod'",
    ],
  ],
  [
    'taints',
    'v1',
    'nodes',
    {
      spec: {
        taints: [
          { key: 'a', effect: 'X' },
          { key: 'b', effect: 'NoSchedule' },
          { key: 'b', effect: 'NoSchedule' },
        ],
      },
    },
    {},
    [
      'metadata.taints[0].effect: Unsupported value: "X": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      'metadata.taints[2]: Duplicate value: {"Key":"b","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
  ],
  [
    'an address of this machine',
    'v1',
    'endpoints',
    { subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 80 }] }] },
    {},
    ['subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
]

test.each(rows)('%s: %s %s', (_title, apiVersion, plural, fields, metadata, errors) => {
  const said = create(apiVersion, plural, fields, metadata).errors
  expect(said === '' ? [] : said.split('\n')).toEqual(errors)
})
