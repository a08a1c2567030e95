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
  [
    'a good one',
    'apps/v1',
    'deployments',
    {
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'x' }] } },
      },
    },
    {},
    [],
  ],
  [
    'nothing',
    'apps/v1',
    'deployments',
    { spec: {} },
    {},
    [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
      'spec.template.spec.containers: Required value',
    ],
  ],
  [
    'nothing',
    'apps/v1',
    'replicasets',
    { spec: {} },
    {},
    [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
      'spec.template.spec.containers: Required value',
    ],
  ],
  [
    'nothing',
    'apps/v1',
    'statefulsets',
    { spec: {} },
    {},
    [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
      'spec.template.spec.containers: Required value',
    ],
  ],
  [
    'nothing',
    'apps/v1',
    'daemonsets',
    { spec: {} },
    {},
    [
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
      'spec.template.spec.containers: Required value',
    ],
  ],
  [
    'a selector of other pods',
    'apps/v1',
    'deployments',
    {
      spec: {
        selector: { matchLabels: { app: 'b' } },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'x' }] } },
        replicas: -1,
      },
    },
    {},
    [
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'nothing may move',
    'apps/v1',
    'deployments',
    {
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'x' }] } },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } },
      },
    },
    {},
    ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
  ],
  [
    'numbers that are none',
    'apps/v1',
    'deployments',
    {
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'x' }] } },
        strategy: { rollingUpdate: { maxSurge: 'many', maxUnavailable: '101%' } },
      },
    },
    {},
    [
      "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"many\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
  ],
  [
    'recreate with numbers',
    'apps/v1',
    'deployments',
    {
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'x' }] } },
        strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } },
      },
    },
    {},
    ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  ],
  [
    'pods that end',
    'apps/v1',
    'deployments',
    {
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: {
          metadata: { labels: { app: 'a' } },
          spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' },
        },
      },
    },
    {},
    ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  ],
  [
    'a deadline before it is ready',
    'apps/v1',
    'deployments',
    {
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'x' }] } },
        minReadySeconds: 700,
      },
    },
    {},
    ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
  ],
  [
    'an update of no known kind',
    'apps/v1',
    'statefulsets',
    {
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'x' }] } },
        serviceName: 'a',
        updateStrategy: { type: 'X' },
      },
    },
    {},
    [
      'spec.updateStrategy: Invalid value: {"Type":"X","RollingUpdate":null}: must be \'RollingUpdate\' or \'OnDelete\'',
    ],
  ],
  [
    'an operator of no known kind',
    'apps/v1',
    'daemonsets',
    {
      spec: {
        selector: { matchExpressions: [{ key: 'a', operator: 'Is' }] },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'x' }] } },
      },
    },
    {},
    ['spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator'],
  ],
]

test.each(rows)('%s: %s %s', (_title, apiVersion, plural, fields, metadata, errors) => {
  const said = create(apiVersion, plural, fields, metadata).errors
  expect(said === '' ? [] : said.split('\n')).toEqual(errors)
})
