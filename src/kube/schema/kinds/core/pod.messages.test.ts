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
  ['nothing', 'v1', 'pods', { spec: {} }, {}, ['spec.containers: Required value']],
  [
    'a name with capitals, no image',
    'v1',
    'pods',
    { spec: { containers: [{ name: 'Foo', image: '' }] } },
    {},
    [
      "spec.containers[0].name: Invalid value: \"Foo\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'spec.containers[0].image: Required value',
    ],
  ],
  [
    'names of metadata',
    'v1',
    'pods',
    { spec: { containers: [{ name: 'a', image: 'x' }] } },
    { name: 'Foo_', labels: { 'a b': 'c d' } },
    [
      "metadata.name: Invalid value: \"Foo_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      "metadata.labels: Invalid value: \"c d\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
  [
    'ports',
    'v1',
    'pods',
    {
      spec: {
        containers: [
          {
            name: 'a',
            image: 'x',
            ports: [
              { containerPort: 0, protocol: 'HTTP' },
              { containerPort: 80, name: 'x' },
              { containerPort: 81, name: 'x' },
            ],
          },
        ],
      },
    },
    {},
    [
      'spec.containers[0].ports[0].containerPort: Required value',
      'spec.containers[0].ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
      'spec.containers[0].ports[2].name: Duplicate value: "x"',
    ],
  ],
  [
    'environment',
    'v1',
    'pods',
    {
      spec: {
        containers: [
          {
            name: 'a',
            image: 'x',
            env: [
              { name: 'a=b' },
              { name: 'x', valueFrom: {} },
              { name: 'A', value: '1', valueFrom: { fieldRef: { fieldPath: 'metadata.foo' } } },
            ],
            envFrom: [{}],
          },
        ],
      },
    },
    {},
    [
      'spec.containers[0].env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
      'spec.containers[0].env[1].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      'spec.containers[0].env[2].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.foo": error converting fieldPath: field label not supported: metadata.foo',
      'spec.containers[0].env[2].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
      'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
    ],
  ],
  [
    'mounts',
    'v1',
    'pods',
    {
      spec: {
        containers: [
          {
            name: 'a',
            image: 'x',
            volumeMounts: [
              { name: 'nope', mountPath: '/a' },
              { name: 'v', mountPath: '/a' },
            ],
          },
        ],
        volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }, { name: 'V' }],
      },
    },
    {},
    [
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
      "spec.volumes[1].name: Invalid value: \"V\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'spec.containers[0].volumeMounts[0].name: Not found: "nope"',
      'spec.containers[0].volumeMounts[1].name: Not found: "v"',
      'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
    ],
  ],
  [
    'resources',
    'v1',
    'pods',
    {
      spec: {
        containers: [
          { name: 'a', image: 'x', resources: { requests: { cpu: 2, foo: 1 }, limits: { cpu: 1, memory: '-1' } } },
        ],
      },
    },
    {},
    [
      'spec.containers[0].resources.limits[memory]: Invalid value: "-1": must be greater than or equal to 0',
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
      'spec.containers[0].resources.requests[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.containers[0].resources.requests[foo]: Invalid value: "foo": must be a standard resource for containers',
      'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
  [
    'twice the same name, in containers and init containers',
    'v1',
    'pods',
    {
      spec: {
        containers: [
          { name: 'a', image: 'x' },
          { name: 'a', image: 'y' },
        ],
        initContainers: [{ name: 'a', image: 'z' }],
      },
    },
    {},
    ['spec.containers[1].name: Duplicate value: "a"', 'spec.initContainers[0].name: Duplicate value: "a"'],
  ],
  [
    'probes',
    'v1',
    'pods',
    {
      spec: {
        containers: [
          {
            name: 'a',
            image: 'x',
            livenessProbe: { periodSeconds: -1, successThreshold: 2, tcpSocket: { port: 'x y' } },
            readinessProbe: {},
          },
        ],
      },
    },
    {},
    [
      'spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: "x y": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
      'spec.containers[0].readinessProbe: Required value: must specify a handler type',
    ],
  ],
  [
    'policies',
    'v1',
    'pods',
    {
      spec: {
        containers: [{ name: 'a', image: 'x', imagePullPolicy: 'Often' }],
        restartPolicy: 'Sometimes',
        dnsPolicy: 'None',
        activeDeadlineSeconds: 0,
      },
    },
    {},
    [
      'spec.containers[0].imagePullPolicy: Unsupported value: "Often": supported values: "Always", "IfNotPresent", "Never"',
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
      'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
    ],
  ],
  [
    'scheduling',
    'v1',
    'pods',
    {
      spec: {
        containers: [{ name: 'a', image: 'x' }],
        nodeSelector: { a: 'b c' },
        tolerations: [
          { key: 'a', operator: 'Exists', value: 'x' },
          { operator: 'Equal', value: 'x' },
        ],
        topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'X' }],
      },
    },
    {},
    [
      "spec.nodeSelector: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "X": supported values: "DoNotSchedule", "ScheduleAnyway"',
      'spec.tolerations[0].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\'',
      'spec.tolerations[1].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
  [
    'ports of the host',
    'v1',
    'pods',
    {
      spec: {
        containers: [{ name: 'a', image: 'x', ports: [{ containerPort: 80, hostPort: 81 }] }],
        hostNetwork: true,
      },
    },
    {},
    ['spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true'],
  ],
  [
    'privileges',
    'v1',
    'pods',
    {
      spec: {
        containers: [
          {
            name: 'a',
            image: 'x',
            securityContext: { privileged: true, allowPrivilegeEscalation: false, runAsUser: -1 },
          },
        ],
      },
    },
    {},
    [
      'spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":-1,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
    ],
  ],
]

test.each(rows)('%s: %s %s', (_title, apiVersion, plural, fields, metadata, errors) => {
  const said = create(apiVersion, plural, fields, metadata).errors
  expect(said === '' ? [] : said.split('\n')).toEqual(errors)
})
