import { describe, expect, test } from 'vitest'
import { decodeAs, strictDecodingMessage } from './decode.ts'
import { duplicateFields } from './duplicate-fields.ts'

const deployment = 'io.k8s.api.apps.v1.Deployment'
const pod = 'io.k8s.api.core.v1.Pod'

describe('wrong types are named as Go names them', () => {
  test.each([
    [deployment, { spec: { replicas: '3' } }, 'string into Go struct field DeploymentSpec.spec.replicas of type int32'],
    [deployment, { spec: 'x' }, 'string into Go struct field Deployment.spec of type v1.DeploymentSpec'],
    [deployment, { spec: { paused: 1 } }, 'number into Go struct field DeploymentSpec.spec.paused of type bool'],
    [
      deployment,
      { spec: { replicas: 1.5 } },
      'number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      deployment,
      { spec: { replicas: 3e9 } },
      'number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      pod,
      { spec: { containers: { name: 'a' } } },
      'object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      pod,
      { spec: { containers: [{ env: [{ name: 'a', value: 1 }] }] } },
      'number into Go struct field EnvVar.spec.containers.env.value of type string',
    ],
    [pod, { metadata: { labels: { a: 1 } } }, 'number into Go struct field ObjectMeta.metadata.labels of type string'],
    [pod, { metadata: { name: [] } }, 'array into Go struct field ObjectMeta.metadata.name of type string'],
  ])('%s %j', (definition, value, sentence) => {
    expect(() => decodeAs(definition, value as never)).toThrow(`json: cannot unmarshal ${sentence}`)
  })
})

test('unknown fields are dropped and told of', () => {
  const { object, strictErrors } = decodeAs(pod, {
    apiVersion: 'v1',
    spec: { containers: [{ name: 'a', image: 'b', foo: 1, ports: [{ containerPort: 1, x: 2 }] }], bar: {} },
  })
  expect(strictErrors.toSorted()).toEqual([
    'unknown field "spec.bar"',
    'unknown field "spec.containers[0].foo"',
    'unknown field "spec.containers[0].ports[0].x"',
  ])
  expect(JSON.stringify(object)).not.toMatch(/foo|bar|"x"/)
  expect(strictDecodingMessage(strictErrors)).toMatch(/^strict decoding error: unknown field "spec/)
})

test('duplicate fields are found in the text', () => {
  const text = '{"spec":{"a":1,"containers":[{"name":"x","name":"y"}],"a":2},"metadata":{"labels":{"k":"1","k":"2"}}}'
  expect(duplicateFields(text)).toEqual([
    'duplicate field "spec.containers[0].name"',
    'duplicate field "spec.a"',
    'duplicate field "metadata.labels.k"',
  ])
})

test('fields that Go always writes are there, empty ones that it never writes are not', () => {
  const { object } = decodeAs(deployment, {
    metadata: { name: 'a', labels: {}, creationTimestamp: null },
    spec: { template: { spec: { containers: [{ name: 'a', image: '', args: [] }] } }, paused: false },
  })
  const { spec } = object as unknown as { spec: Record<string, unknown> }
  expect(Object.keys(spec).sort()).toEqual(['selector', 'strategy', 'template'].filter((key) => key in spec))
  expect(spec).toMatchObject({
    template: { spec: { containers: [{ name: 'a', resources: {} }] } },
    strategy: {},
  })
  expect(JSON.stringify(object)).not.toMatch(/paused|args|"image"|"labels"/)
})

test('quantities, times and data keep what they mean', () => {
  const { object } = decodeAs(pod, {
    metadata: { creationTimestamp: '2026-01-02T03:04:05.678+01:00' },
    spec: { containers: [{ name: 'a', resources: { limits: { cpu: '1000m', memory: '1024Ki' } } }] },
  })
  expect(object).toMatchObject({
    metadata: { creationTimestamp: '2026-01-02T02:04:05Z' },
    spec: { containers: [{ resources: { limits: { cpu: '1', memory: '1Mi' } } }] },
  })
})
