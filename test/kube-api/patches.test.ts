import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster, configMap, deployment } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await Cluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())

const configMaps = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'

describe('a merge patch', () => {
  test('merges, and null removes', async () => {
    await cluster.post(configMaps, configMap('m', { a: '1', b: '2' }))
    const { status, json } = await cluster.patch(`${configMaps}/m`, { data: { a: null, c: '3' } }, 'merge')
    expect(status).toBe(200)
    expect(json.data).toEqual({ b: '2', c: '3' })
  })

  test('with an old version is a conflict', async () => {
    const { json: first } = await cluster.post(configMaps, configMap('mv', { a: '1' }))
    await cluster.patch(`${configMaps}/mv`, { data: { a: '2' } }, 'merge')
    const patch = { metadata: { resourceVersion: first.metadata.resourceVersion }, data: { a: '3' } }
    expect((await cluster.patch(`${configMaps}/mv`, patch, 'merge')).status).toBe(409)
  })

  test('of what is not there is 404', async () => {
    const { status, json } = await cluster.patch(`${configMaps}/none`, {}, 'merge')
    expect(status).toBe(404)
    expect(json.message).toBe('configmaps "none" not found')
  })
})

describe('a JSON patch', () => {
  test('adds, replaces, moves, copies, removes and tests', async () => {
    await cluster.post(configMaps, configMap('j', { a: '1', b: '2' }))
    const patch = [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'add', path: '/data/c', value: '3' },
      { op: 'replace', path: '/data/a', value: '9' },
      { op: 'copy', from: '/data/b', path: '/data/d' },
      { op: 'move', from: '/data/c', path: '/data/e' },
      { op: 'add', path: '/metadata/annotations', value: {} },
      { op: 'add', path: '/metadata/annotations/x.example~1y', value: 'z' },
      { op: 'remove', path: '/data/b' },
    ]
    const { status, json } = await cluster.patch(`${configMaps}/j`, patch, 'json')
    expect(status).toBe(200)
    expect(json.data).toEqual({ a: '9', d: '2', e: '3' })
    expect(json.metadata.annotations).toEqual({ 'x.example/y': 'z' })
  })

  test('that does not apply is 422, and changes nothing', async () => {
    const { json: before } = await cluster.post(configMaps, configMap('jf', { a: '1' }))
    for (const patch of [
      [
        { op: 'add', path: '/data/b', value: '2' },
        { op: 'test', path: '/data/a', value: 'no' },
      ],
      [{ op: 'remove', path: '/data/none' }],
      [{ op: 'replace', path: '/nowhere/at/all', value: 1 }],
    ]) {
      const { status, json } = await cluster.patch(`${configMaps}/jf`, patch, 'json')
      expect(status).toBe(422)
      expect(json.message).toBe('the server rejected our request due to an error in our request')
    }
    expect((await cluster.get(`${configMaps}/jf`)).json).toEqual(before)
  })

  test('of too many operations is 413', async () => {
    await cluster.post(configMaps, configMap('jm', { a: '1' }))
    const patch = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/data/a', value: '1' }))
    const { status, json } = await cluster.patch(`${configMaps}/jm`, patch, 'json')
    expect(status).toBe(413)
    expect(json.message).toBe(
      'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
    )
  })

  test('that is no JSON is 400', async () => {
    const { status, json } = await cluster.patch(`${configMaps}/jm`, '[{', 'json')
    expect(status).toBe(400)
    expect(json.message).toBe('invalid JSON patch')
  })
})

describe('a strategic merge patch', () => {
  test('merges lists by their keys and keeps the rest', async () => {
    await cluster.post(deployments, deployment('s'))
    const patch = {
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'side', image: 'busybox' },
              { name: 'web', image: 'nginx:2' },
            ],
          },
        },
      },
    }
    const { status, json } = await cluster.patch(`${deployments}/s`, patch, 'strategic')
    expect(status).toBe(200)
    const containers = json.spec.template.spec.containers
    expect(containers.map(({ name, image }: { name: string; image: string }) => `${name}=${image}`)).toEqual([
      'side=busybox',
      'web=nginx:2',
    ])
    expect(containers[1].ports[0].containerPort).toBe(80)
  })

  test('deletes items, replaces lists and orders them by directives', async () => {
    await cluster.post(deployments, deployment('d'))
    const containers = (items: unknown[]) => ({ spec: { template: { spec: { containers: items } } } })
    await cluster.patch(
      `${deployments}/d`,
      containers([
        { name: 'b', image: 'b' },
        { name: 'c', image: 'c' },
      ]),
      'strategic',
    )
    const gone = await cluster.patch(`${deployments}/d`, containers([{ name: 'b', $patch: 'delete' }]), 'strategic')
    const names = (json: { spec: { template: { spec: { containers: { name: string }[] } } } }) =>
      json.spec.template.spec.containers.map(({ name }) => name)
    expect(names(gone.json).sort()).toEqual(['c', 'web'])
    const order = { spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'web' }, { name: 'c' }] } } } }
    expect(names((await cluster.patch(`${deployments}/d`, order, 'strategic')).json)).toEqual(['web', 'c'])
    const replaced = await cluster.patch(
      `${deployments}/d`,
      containers([{ $patch: 'replace' }, { name: 'only', image: 'x' }]),
      'strategic',
    )
    expect(names(replaced.json)).toEqual(['only'])
  })

  test('of an unknown field is said by fieldValidation', async () => {
    await cluster.post(deployments, deployment('f'))
    const patch = { spec: { replica: 3 } }
    const warned = await cluster.patch(`${deployments}/f`, patch, 'strategic')
    expect(warned.status).toBe(200)
    expect(warned.headers.warning).toBe('299 - "unknown field \\"spec.replica\\""')
    const strict = await cluster.patch(`${deployments}/f?fieldValidation=Strict`, patch, 'strategic')
    expect(strict.status).toBe(422)
    expect(strict.json.message).toContain('strict decoding error: unknown field "spec.replica"')
    const ignored = await cluster.patch(`${deployments}/f?fieldValidation=Ignore`, patch, 'strategic')
    expect(ignored.headers.warning).toBeUndefined()
  })
})

test('a patch of an unknown type is 415 and says which there are', async () => {
  await cluster.post(configMaps, configMap('u'))
  const { status, json } = await cluster.patch(`${configMaps}/u`, {}, 'application/json')
  expect(status).toBe(415)
  expect(json.reason).toBe('UnsupportedMediaType')
  expect(json.message).toBe(
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml, application/apply-patch+cbor',
  )
})

test('patches of one object at one time all come through', async () => {
  await cluster.post(configMaps, configMap('busy'))
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) => cluster.patch(`${configMaps}/busy`, { data: { [`k${i}`]: 'v' } }, 'merge')),
  )
  expect(results.map(({ status }) => status)).toEqual(Array(20).fill(200))
  expect(Object.keys((await cluster.get(`${configMaps}/busy`)).json.data)).toHaveLength(20)
})
