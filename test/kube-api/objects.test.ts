import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster, configMap, pod } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await Cluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())

const configMaps = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'

describe('create', () => {
  test('answers 201 with what the server alone says: uid, version, time, managed fields', async () => {
    const { status, json } = await cluster.post(`${configMaps}?fieldManager=me`, configMap('made', { a: '1' }))
    expect(status).toBe(201)
    expect(json.metadata).toMatchObject({ name: 'made', namespace: 'default' })
    expect(json.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(json.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(Number(json.metadata.resourceVersion)).toBeGreaterThan(0)
    expect(json.metadata.managedFields).toEqual([
      {
        manager: 'me',
        operation: 'Update',
        apiVersion: 'v1',
        time: json.metadata.creationTimestamp,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { '.': {}, 'f:a': {} } },
      },
    ])
    expect((await cluster.get(`${configMaps}/made`)).json).toEqual(json)
  })

  test('of a name that is taken is 409 AlreadyExists', async () => {
    await cluster.post(configMaps, configMap('taken'))
    const { status, json } = await cluster.post(configMaps, configMap('taken'))
    expect(status).toBe(409)
    expect(json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "taken" already exists',
      reason: 'AlreadyExists',
      details: { name: 'taken', kind: 'configmaps' },
      code: 409,
    })
  })

  test('with generateName makes a name of five characters that make no words', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'gen-' } }
    const names = await Promise.all(
      Array.from({ length: 20 }, async () => (await cluster.post(configMaps, body)).json.metadata.name),
    )
    expect(new Set(names).size).toBe(20)
    for (const name of names) expect(name).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  })

  test('needs a namespace that is there', async () => {
    const { status, json } = await cluster.post('/api/v1/namespaces/nowhere/configmaps', configMap('x'))
    expect(status).toBe(404)
    expect(json.message).toBe('namespaces "nowhere" not found')
    expect(json.details).toEqual({ name: 'nowhere', kind: 'namespaces' })
  })

  test('refuses a namespace in the body that is not that of the path', async () => {
    const body = { ...configMap('x'), metadata: { name: 'x', namespace: 'kube-system' } }
    const { status, json } = await cluster.post(configMaps, body)
    expect(status).toBe(400)
    expect(json.message).toBe('the namespace of the provided object does not match the namespace sent on the request')
  })

  test('fills in what the path says where the body leaves out kind and apiVersion', async () => {
    const { status, json } = await cluster.post(configMaps, { metadata: { name: 'untyped' } })
    expect(status).toBe(201)
    expect(json).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' })
  })

  test('ignores what only the server may say', async () => {
    const metadata = {
      name: 'forged',
      uid: 'mine',
      resourceVersion: '77',
      creationTimestamp: '2001-01-01T00:00:00Z',
      deletionTimestamp: '2001-01-01T00:00:00Z',
      generation: 9,
    }
    const { json } = await cluster.post(configMaps, { ...configMap('forged'), metadata })
    expect(json.metadata.uid).not.toBe('mine')
    expect(json.metadata.creationTimestamp).not.toMatch(/^2001/)
    expect(json.metadata.deletionTimestamp).toBeUndefined()
  })

  test('of something invalid is 422 with every cause', async () => {
    const { status, json } = await cluster.post(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'Bad_Name' },
      spec: { containers: [] },
    })
    expect(status).toBe(422)
    expect(json.reason).toBe('Invalid')
    expect(json.message).toMatch(/^Pod "Bad_Name" is invalid: \[/)
    expect(json.details).toMatchObject({ name: 'Bad_Name', kind: 'Pod' })
    const fields = json.details.causes.map((cause: { field: string }) => cause.field)
    expect(fields).toEqual(expect.arrayContaining(['metadata.name', 'spec.containers']))
  })

  test('with dryRun=All does everything but write', async () => {
    const { status, json } = await cluster.post(`${configMaps}?dryRun=All`, configMap('dry'))
    expect(status).toBe(201)
    expect(json.metadata.uid).toBeDefined()
    expect(json.metadata.resourceVersion).toBeUndefined()
    expect((await cluster.get(`${configMaps}/dry`)).status).toBe(404)
    const bad = await cluster.post(`${configMaps}?dryRun=Some`, configMap('dry'))
    expect(bad.status).toBe(422)
    expect(bad.json.message).toBe(
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    )
  })
})

describe('get', () => {
  test('of nothing is 404 NotFound', async () => {
    const { status, json } = await cluster.get(`${pods}/none`)
    expect(status).toBe(404)
    expect(json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'pods "none" not found',
      reason: 'NotFound',
      details: { name: 'none', kind: 'pods' },
      code: 404,
    })
  })

  test('of a resource that is not served is 404 without a name', async () => {
    for (const path of [
      '/api/v1/namespaces/default/nothings/x',
      '/apis/apps/v9/deployments',
      '/apis/nogroup.example/v1/x',
      '/nothing',
    ]) {
      const { status, json } = await cluster.get(path)
      expect(status, path).toBe(404)
      expect(json.message).toBe('the server could not find the requested resource')
    }
  })

  test('names the group of the resource where there is one', async () => {
    const { json } = await cluster.get('/apis/apps/v1/namespaces/default/deployments/none')
    expect(json.message).toBe('deployments.apps "none" not found')
    expect(json.details).toEqual({ name: 'none', group: 'apps', kind: 'deployments' })
  })

  test('answers in YAML and CBOR where that is accepted, and pretty where that is asked', async () => {
    await cluster.post(configMaps, configMap('forms', { a: 'b' }))
    const yaml = await cluster.get(`${configMaps}/forms`, { accept: 'application/yaml' })
    expect(yaml.headers['content-type']).toBe('application/yaml')
    expect(yaml.text).toMatch(/^kind: ConfigMap\n/m)
    const cbor = await cluster.get(`${configMaps}/forms`, { accept: 'application/cbor' })
    expect(cbor.headers['content-type']).toBe('application/cbor')
    const pretty = await cluster.get(`${configMaps}/forms?pretty=true`)
    expect(pretty.text).toContain('\n  "kind": "ConfigMap"')
    const curl = await cluster.get(`${configMaps}/forms`, { 'user-agent': 'curl/8' })
    expect(curl.text).toContain('\n  "kind": "ConfigMap"')
  })

  test('in a form that nobody makes is 406', async () => {
    const { status, json } = await cluster.get(configMaps, { accept: 'image/png' })
    expect(status).toBe(406)
    expect(json.reason).toBe('NotAcceptable')
    expect(json.message).toMatch(/^only the following media types are accepted: application\/json/)
  })
})

test('a namespace is read, written and watched by its own name', async () => {
  const namespaces = '/api/v1/namespaces'
  await cluster.post(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'own' } })
  const { status, json } = await cluster.get(`${namespaces}/own`)
  expect(status).toBe(200)
  expect(json).toMatchObject({
    metadata: { name: 'own' },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  })
  expect(
    (await cluster.patch(`${namespaces}/own`, { metadata: { labels: { a: 'b' } } }, 'merge')).json.metadata.labels.a,
  ).toBe('b')
  expect((await cluster.put(`${namespaces}/own/status`, { ...json, metadata: { name: 'own' } })).status).toBe(200)
  using watch = await cluster.watch(`${namespaces}?watch=1&fieldSelector=metadata.name%3Down`)
  expect((await watch.next())?.object.metadata.name).toBe('own')
})

describe('update', () => {
  test('over an old version is 409 Conflict in the words that every client knows', async () => {
    const { json: first } = await cluster.post(configMaps, configMap('raced', { a: '1' }))
    await cluster.put(`${configMaps}/raced`, { ...first, data: { a: '2' } })
    const { status, json } = await cluster.put(`${configMaps}/raced`, { ...first, data: { a: '3' } })
    expect(status).toBe(409)
    expect(json.reason).toBe('Conflict')
    expect(json.message).toBe(
      'Operation cannot be fulfilled on configmaps "raced": the object has been modified; please apply your changes to the latest version and try again',
    )
  })

  test('without a version overwrites, and what changes nothing makes no new version', async () => {
    const { json: first } = await cluster.post(configMaps, configMap('calm', { a: '1' }))
    const second = await cluster.put(`${configMaps}/calm`, configMap('calm', { a: '2' }))
    expect(second.status).toBe(200)
    expect(second.json.metadata.uid).toBe(first.metadata.uid)
    expect(Number(second.json.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion))
    const third = await cluster.put(`${configMaps}/calm`, configMap('calm', { a: '2' }))
    expect(third.json.metadata.resourceVersion).toBe(second.json.metadata.resourceVersion)
  })

  test('of what is not there is 404, but for kinds that may be made so', async () => {
    expect((await cluster.put(`${configMaps}/absent`, configMap('absent'))).status).toBe(404)
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: {} }
    const made = await cluster.put('/apis/coordination.k8s.io/v1/namespaces/default/leases/l', lease)
    expect(made.status).toBe(201)
  })

  test('under another name is 400', async () => {
    await cluster.post(configMaps, configMap('named'))
    const { status, json } = await cluster.put(`${configMaps}/named`, configMap('other'))
    expect(status).toBe(400)
    expect(json.message).toBe('the name of the object (other) does not match the name on the URL (named)')
  })

  test('bumps the generation when the spec changes, and not when the status does', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments'
    const labels = { app: 'gen' }
    const spec = {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'b' }] } },
    }
    const { json: first } = await cluster.post(path, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'gen' },
      spec,
    })
    expect(first.metadata.generation).toBe(1)
    const { json: second } = await cluster.put(`${path}/gen`, { ...first, spec: { ...first.spec, replicas: 4 } })
    expect(second.metadata.generation).toBe(2)
    const { json: third } = await cluster.put(`${path}/gen/status`, {
      ...second,
      spec: { ...second.spec, replicas: 9 },
      status: { observedGeneration: 2 },
    })
    expect(third.metadata.generation).toBe(2)
    expect(third.spec.replicas).toBe(4)
    expect(third.status.observedGeneration).toBe(2)
  })

  test('cannot write a status by the main path', async () => {
    const { json: first } = await cluster.post(pods, pod('statusless'))
    const { json } = await cluster.put(`${pods}/statusless`, { ...first, status: { phase: 'Running' } })
    expect(json.status.phase).toBe('Pending')
  })
})
