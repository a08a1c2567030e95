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
  [
    'a hook of nothing',
    'admissionregistration.k8s.io/v1',
    'validatingwebhookconfigurations',
    { webhooks: [{ name: 'a.b' }] },
    {},
    [
      'webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
      'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun',
      'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
      'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1',
    ],
  ],
  [
    'a hook with too much',
    'admissionregistration.k8s.io/v1',
    'mutatingwebhookconfigurations',
    {
      webhooks: [
        {
          name: 'a.b.c',
          sideEffects: 'Some',
          timeoutSeconds: 31,
          admissionReviewVersions: ['v2'],
          rules: [{ operations: ['*', 'GET'], apiGroups: ['', '*'], apiVersions: [], resources: ['*/*', 'pods'] }],
          clientConfig: { url: 'http://x?y' },
        },
      ],
    },
    {},
    [
      'webhooks[0].rules[0].operations: Invalid value: ["*","GET"]: if \'*\' is present, must not specify other operations',
      'webhooks[0].rules[0].operations[1]: Unsupported value: "GET": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
      'webhooks[0].rules[0].apiGroups: Invalid value: ["","*"]: if \'*\' is present, must not specify other API groups',
      'webhooks[0].rules[0].apiVersions: Required value',
      'webhooks[0].rules[0].resources: Invalid value: ["*/*","pods"]: if \'*/*\' is present, must not specify other resources',
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
      'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
      'webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
      'webhooks[0].clientConfig.url: Invalid value: "y": query parameters are not permitted in the URL',
      'webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
    ],
  ],
  [
    'twice the same hook',
    'admissionregistration.k8s.io/v1',
    'validatingwebhookconfigurations',
    {
      webhooks: [
        {
          name: 'a.b.c',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
          clientConfig: { service: { name: 'a', namespace: 'b', path: 'x' } },
        },
        {
          name: 'a.b.c',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
          clientConfig: { service: { name: 'a', namespace: 'b', path: 'x' } },
        },
      ],
    },
    {},
    [
      'webhooks[0].clientConfig.service.path: Invalid value: "x": must start with a \'/\'',
      'webhooks[0].clientConfig.service.path: Invalid value: "x": segment[0] may not be empty',
      'webhooks[1].clientConfig.service.path: Invalid value: "x": must start with a \'/\'',
      'webhooks[1].clientConfig.service.path: Invalid value: "x": segment[0] may not be empty',
      'webhooks[1].name: Duplicate value: "a.b.c"',
    ],
  ],
  [
    'a policy of nothing',
    'admissionregistration.k8s.io/v1',
    'validatingadmissionpolicies',
    { spec: {} },
    {},
    [
      'spec.matchConstraints: Required value',
      'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
      'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
    ],
  ],
  [
    'a binding of two minds',
    'admissionregistration.k8s.io/v1',
    'validatingadmissionpolicybindings',
    { spec: { policyName: 'a', validationActions: ['Deny', 'Warn', 'X'] } },
    {},
    [
      'spec.validationActions[2]: Unsupported value: "X": supported values: "Audit", "Deny", "Warn"',
      'spec.validationActions: Invalid value: ["Deny","Warn","X"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ],
  ],
  [
    'a priority of the system',
    'scheduling.k8s.io/v1',
    'priorityclasses',
    { value: 1 },
    { name: 'system-mine' },
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ],
  ],
  [
    'a priority too high',
    'scheduling.k8s.io/v1',
    'priorityclasses',
    { value: 2000000000 },
    {},
    ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ],
  [
    'a handler',
    'node.k8s.io/v1',
    'runtimeclasses',
    { handler: 'A b' },
    {},
    [
      "handler: Invalid value: \"A b\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    'a lease',
    'coordination.k8s.io/v1',
    'leases',
    { spec: { leaseDurationSeconds: 0, leaseTransitions: -1, preferredHolder: 'x' } },
    {},
    [
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
      'spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined',
    ],
  ],
  [
    'a controller of nothing',
    'v1',
    'replicationcontrollers',
    { spec: {} },
    {},
    ['spec.selector: Required value', 'spec.template: Required value'],
  ],
  [
    'a flow',
    'flowcontrol.apiserver.k8s.io/v1',
    'flowschemas',
    { spec: { matchingPrecedence: 1, rules: [{ subjects: [{ kind: 'User' }] }, {}] } },
    {},
    [
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
      'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
      "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'",
      'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
      'spec.rules[1].subjects: Required value: subjects must contain at least one value',
      'spec.rules[1]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
    ],
  ],
  [
    'a level',
    'flowcontrol.apiserver.k8s.io/v1',
    'prioritylevelconfigurations',
    { spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { handSize: 65 } } } } },
    {},
    ['spec.limited.limitResponse.queuing.handSize: Invalid value: 65: should not be greater than queues (64)'],
  ],
  [
    'a definition of nothing',
    'apiextensions.k8s.io/v1',
    'customresourcedefinitions',
    { spec: {} },
    {},
    [
      'metadata.name: Invalid value: "a": must be spec.names.plural+"."+spec.group',
      'spec.group: Required value',
      'spec.scope: Required value',
      'spec.versions: Invalid value: null: must have exactly one version marked as storage version',
      'spec.names.plural: Required value',
      'spec.names.singular: Required value',
      'spec.names.kind: Required value',
      'spec.names.listKind: Required value',
      'status.storedVersions: Invalid value: []: must have at least one stored version',
    ],
  ],
  [
    'a definition by another name',
    'apiextensions.k8s.io/v1',
    'customresourcedefinitions',
    {
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'Things', kind: 'thing', shortNames: ['T'] },
        versions: [{ name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    },
    {},
    [
      'metadata.name: Invalid value: "a": must be spec.names.plural+"."+spec.group',
      'spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
      "spec.names.plural: Invalid value: \"Things\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      "spec.names.shortNames[0]: Invalid value: \"T\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      'status.storedVersions: Invalid value: []: must have at least one stored version',
    ],
  ],
]

test.each(rows)('%s: %s %s', (_title, apiVersion, plural, fields, metadata, errors) => {
  const said = create(apiVersion, plural, fields, metadata).errors
  expect(said === '' ? [] : said.split('\n')).toEqual(errors)
})
