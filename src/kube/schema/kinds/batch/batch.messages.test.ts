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
    'batch/v1',
    'jobs',
    { spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } } } },
    {},
    [],
  ],
  [
    'pods that run for ever',
    'batch/v1',
    'jobs',
    { spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }] } } } },
    {},
    ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  [
    'numbers below zero',
    'batch/v1',
    'jobs',
    {
      spec: {
        template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } },
        completions: -1,
        parallelism: -1,
        backoffLimit: -1,
        activeDeadlineSeconds: -1,
        ttlSecondsAfterFinished: -1,
      },
    },
    {},
    [
      'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
      'spec.completions: Invalid value: -1: must be greater than or equal to 0',
      'spec.activeDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0',
      'spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'indexes without a count',
    'batch/v1',
    'jobs',
    {
      spec: {
        template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } },
        completionMode: 'Indexed',
      },
    },
    {},
    [],
  ],
  [
    'a selector of its own',
    'batch/v1',
    'jobs',
    {
      spec: {
        template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } },
        selector: { matchLabels: { a: 'b' } },
      },
    },
    {},
    [
      'spec.selector: Invalid value: {"matchLabels":{"a":"b","batch.kubernetes.io/controller-uid":"aaaa"}}: `selector` not auto-generated',
      'spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":"aaaa","batch.kubernetes.io/job-name":"a","controller-uid":"aaaa","job-name":"a"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'schedule * * * *',
    'batch/v1',
    'cronjobs',
    {
      spec: {
        schedule: '* * * *',
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } } },
        },
      },
    },
    {},
    ['spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]'],
  ],
  [
    'schedule 60 * * * *',
    'batch/v1',
    'cronjobs',
    {
      spec: {
        schedule: '60 * * * *',
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } } },
        },
      },
    },
    {},
    ['spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60'],
  ],
  [
    'schedule @never',
    'batch/v1',
    'cronjobs',
    {
      spec: {
        schedule: '@never',
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } } },
        },
      },
    },
    {},
    ['spec.schedule: Invalid value: "@never": unrecognized descriptor: @never'],
  ],
  [
    'schedule */0 * * * *',
    'batch/v1',
    'cronjobs',
    {
      spec: {
        schedule: '*/0 * * * *',
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } } },
        },
      },
    },
    {},
    ['spec.schedule: Invalid value: "*/0 * * * *": step of range should be a positive number: */0'],
  ],
  [
    'schedule TZ=UTC * * * * *',
    'batch/v1',
    'cronjobs',
    {
      spec: {
        schedule: 'TZ=UTC * * * * *',
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } } },
        },
      },
    },
    {},
    [
      'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  ],
  [
    'schedule 5-1 * * * *',
    'batch/v1',
    'cronjobs',
    {
      spec: {
        schedule: '5-1 * * * *',
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } } },
        },
      },
    },
    {},
    ['spec.schedule: Invalid value: "5-1 * * * *": beginning of range (5) beyond end of range (1): 5-1'],
  ],
  [
    'schedule a * * * *',
    'batch/v1',
    'cronjobs',
    {
      spec: {
        schedule: 'a * * * *',
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } } },
        },
      },
    },
    {},
    [
      'spec.schedule: Invalid value: "a * * * *": failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax',
    ],
  ],
  [
    'a zone of no known place',
    'batch/v1',
    'cronjobs',
    {
      spec: {
        schedule: '@daily',
        timeZone: 'Mars/X',
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } } },
        },
      },
    },
    {},
    ['spec.timeZone: Invalid value: "Mars/X": unknown time zone Mars/X'],
  ],
  [
    'a name too long for its jobs',
    'batch/v1',
    'cronjobs',
    {
      spec: {
        schedule: '@daily',
        concurrencyPolicy: 'Wait',
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'a', image: 'x' }], restartPolicy: 'Never' } } },
        },
      },
    },
    { name: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' },
    [
      'spec.concurrencyPolicy: Unsupported value: "Wait": supported values: "Allow", "Forbid", "Replace"',
      'metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 52 characters',
    ],
  ],
]

test.each(rows)('%s: %s %s', (_title, apiVersion, plural, fields, metadata, errors) => {
  const said = create(apiVersion, plural, fields, metadata).errors
  expect(said === '' ? [] : said.split('\n')).toEqual(errors)
})
