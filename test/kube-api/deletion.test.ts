import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster, configMap, deployment, pod } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await Cluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())

const configMaps = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'
const deployments = '/apis/apps/v1/namespaces/default/deployments'

test('a deletion answers with a Status, or with the object for kinds that do so', async () => {
  const { json: made } = await cluster.post(deployments, deployment('d'))
  const { status, json } = await cluster.delete(`${deployments}/d`)
  expect(status).toBe(200)
  expect(json).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: 'd', group: 'apps', kind: 'deployments', uid: made.metadata.uid },
  })
  await cluster.post(pods, pod('p'))
  expect((await cluster.delete(`${pods}/p`)).json).toMatchObject({ kind: 'Pod', metadata: { name: 'p' } })
  expect((await cluster.delete(`${deployments}/d`)).status).toBe(404)
})

test('finalizers hold an object until the last one is gone', async () => {
  await cluster.post(configMaps, { ...configMap('held'), metadata: { name: 'held', finalizers: ['x.example/y'] } })
  const { status, json } = await cluster.delete(`${configMaps}/held`)
  expect(status).toBe(200)
  expect(json).toMatchObject({
    kind: 'ConfigMap',
    metadata: { deletionGracePeriodSeconds: 0, finalizers: ['x.example/y'] },
  })
  expect(json.metadata.deletionTimestamp).toBeDefined()
  const taken = await cluster.post(configMaps, configMap('held'))
  expect(taken.json.message).toBe('object is being deleted: configmaps "held" already exists')
  const more = await cluster.patch(
    `${configMaps}/held`,
    { metadata: { finalizers: ['x.example/y', 'x.example/z'] } },
    'merge',
  )
  expect(more.status).toBe(422)
  const freed = await cluster.patch(`${configMaps}/held`, { metadata: { finalizers: null } }, 'merge')
  expect(freed.status).toBe(200)
  expect((await cluster.get(`${configMaps}/held`)).status).toBe(404)
})

describe('preconditions', () => {
  test('of another uid or version are 409', async () => {
    const { json: made } = await cluster.post(configMaps, configMap('pre'))
    const uid = await cluster.delete(`${configMaps}/pre`, { preconditions: { uid: 'other' } })
    expect(uid.status).toBe(409)
    expect(uid.json.message).toBe(
      `Operation cannot be fulfilled on ConfigMap "pre": the UID in the precondition (other) does not match the UID in record (${made.metadata.uid}). The object might have been deleted and then recreated`,
    )
    const version = await cluster.delete(`${configMaps}/pre`, { preconditions: { resourceVersion: '1' } })
    expect(version.status).toBe(409)
    expect((await cluster.delete(`${configMaps}/pre`, { preconditions: { uid: made.metadata.uid } })).status).toBe(200)
  })
})

describe('propagation', () => {
  test('Foreground and Orphan leave the object to the garbage collector', async () => {
    for (const [policy, finalizer] of [
      ['Foreground', 'foregroundDeletion'],
      ['Orphan', 'orphan'],
    ] as const) {
      await cluster.post(deployments, deployment('g'))
      const { json } = await cluster.delete(`${deployments}/g?propagationPolicy=${policy}`)
      expect(json.metadata.finalizers).toEqual([finalizer])
      expect(json.metadata.deletionTimestamp).toBeDefined()
      await cluster.patch(`${deployments}/g`, { metadata: { finalizers: null } }, 'merge')
    }
  })

  test('of an unknown policy is 422', async () => {
    const { status, json } = await cluster.delete(`${deployments}/g?propagationPolicy=Sideways`)
    expect(status).toBe(422)
    expect(json.message).toBe(
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways": supported values: "Background", "Foreground", "Orphan", "nil"',
    )
  })

  test('jobs leave their pods behind by default, with a warning', async () => {
    const jobs = '/apis/batch/v1/namespaces/default/jobs'
    const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b' }] } } }
    await cluster.post(jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec })
    const { json, headers } = await cluster.delete(`${jobs}/j`)
    expect(json.metadata.finalizers).toEqual(['orphan'])
    expect(headers.warning).toMatch(/^299 - "child pods are preserved by default when jobs are deleted/)
  })
})

describe('pods on a node', () => {
  test('are marked first, and go when their time is set to nothing', async () => {
    await cluster.post(pods, pod('g', { nodeName: 'n', terminationGracePeriodSeconds: 40 }))
    const marked = (await cluster.delete(`${pods}/g`)).json
    expect(marked.metadata.deletionGracePeriodSeconds).toBe(40)
    const at = Date.parse(marked.metadata.deletionTimestamp)
    expect(at - Date.now()).toBeGreaterThan(30_000)
    const again = (await cluster.delete(`${pods}/g?gracePeriodSeconds=60`)).json
    expect(again.metadata.deletionGracePeriodSeconds).toBe(40)
    const shorter = (await cluster.delete(`${pods}/g?gracePeriodSeconds=5`)).json
    expect(shorter.metadata.deletionGracePeriodSeconds).toBe(5)
    await cluster.delete(`${pods}/g?gracePeriodSeconds=0`)
    expect((await cluster.get(`${pods}/g`)).status).toBe(404)
  })
})

describe('namespaces', () => {
  test('stay in phase Terminating until their content is gone, and take nothing new', async () => {
    await cluster.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'going' } })
    const { status, json } = await cluster.delete('/api/v1/namespaces/going')
    expect(status).toBe(200)
    expect(json).toMatchObject({
      kind: 'Namespace',
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Terminating' },
    })
    expect((await cluster.get('/api/v1/namespaces/going')).json.status.phase).toBe('Terminating')
    const refused = await cluster.post('/api/v1/namespaces/going/configmaps', configMap('late'))
    expect(refused.status).toBe(403)
    expect(refused.json.message).toBe(
      'configmaps "late" is forbidden: unable to create new content in namespace going because it is being terminated',
    )
    expect(refused.json.details.causes).toEqual([
      { reason: 'NamespaceTerminating', message: 'namespace going is being terminated', field: 'metadata.namespace' },
    ])
    const again = await cluster.delete('/api/v1/namespaces/going')
    expect(again.status).toBe(409)
    const finalized = await cluster.put('/api/v1/namespaces/going/finalize', {
      ...json,
      metadata: { name: 'going' },
      spec: { finalizers: [] },
    })
    expect(finalized.status).toBe(200)
    expect((await cluster.get('/api/v1/namespaces/going')).status).toBe(404)
  })

  test('that a cluster stands on may not be deleted', async () => {
    const { status, json } = await cluster.delete('/api/v1/namespaces/kube-system')
    expect(status).toBe(403)
    expect(json.message).toBe('namespaces "kube-system" is forbidden: this namespace may not be deleted')
  })
})

test('deletecollection deletes what a selector matches, and answers with it', async () => {
  for (let i = 0; i < 6; i++) await cluster.post(configMaps, configMap(`dc${i}`, {}, { dc: i < 4 ? 'yes' : 'no' }))
  const { status, json } = await cluster.delete(`${configMaps}?labelSelector=dc%3Dyes`)
  expect(status).toBe(200)
  expect(json.items).toHaveLength(4)
  expect((await cluster.get(`${configMaps}?labelSelector=dc`)).json.items).toHaveLength(2)
})

test('a dry run deletes nothing', async () => {
  await cluster.post(configMaps, configMap('dry'))
  expect((await cluster.delete(`${configMaps}/dry?dryRun=All`)).status).toBe(200)
  expect((await cluster.get(`${configMaps}/dry`)).status).toBe(200)
})
