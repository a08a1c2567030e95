import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster, deployment, pod } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await Cluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())

const pods = '/api/v1/namespaces/default/pods'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const services = '/api/v1/namespaces/default/services'

describe('scale', () => {
  test('shows and sets the replicas of a deployment', async () => {
    await cluster.post(deployments, deployment('d', 2))
    const { json } = await cluster.get(`${deployments}/d/scale`)
    expect(json).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=d' },
    })
    const put = await cluster.put(`${deployments}/d/scale`, { ...json, spec: { replicas: 7 } })
    expect(put.json.spec.replicas).toBe(7)
    const patched = await cluster.patch(`${deployments}/d/scale`, { spec: { replicas: 3 } }, 'merge')
    expect(patched.json.spec.replicas).toBe(3)
    const { json: live } = await cluster.get(`${deployments}/d`)
    expect(live.spec.replicas).toBe(3)
    expect(live.metadata.generation).toBe(3)
  })

  test('over an old version is a conflict, below nothing is invalid', async () => {
    const { json } = await cluster.get(`${deployments}/d/scale`)
    await cluster.patch(`${deployments}/d`, { metadata: { labels: { a: 'b' } } }, 'merge')
    expect((await cluster.put(`${deployments}/d/scale`, json)).status).toBe(409)
    const negative = await cluster.patch(`${deployments}/d/scale`, { spec: { replicas: -1 } }, 'merge')
    expect(negative.status).toBe(422)
    expect(negative.json.message).toBe(
      'Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    )
  })
})

describe('binding', () => {
  const binding = (name: string, node: string) => ({
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name },
    target: { kind: 'Node', name: node },
  })

  test('puts a pod on a node, once', async () => {
    await cluster.post(pods, pod('b'))
    const { status, json } = await cluster.post(`${pods}/b/binding`, binding('b', 'n1'))
    expect(status).toBe(201)
    expect(json.status).toBe('Success')
    const { json: bound } = await cluster.get(`${pods}/b`)
    expect(bound.spec.nodeName).toBe('n1')
    expect(bound.status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }])
    const again = await cluster.post(`${pods}/b/binding`, binding('b', 'n2'))
    expect(again.status).toBe(409)
    expect(again.json.message).toBe(
      'Operation cannot be fulfilled on pods/binding "b": pod b is already assigned to node "n1"',
    )
  })

  test('by the old path works too', async () => {
    await cluster.post(pods, pod('old'))
    expect((await cluster.post('/api/v1/namespaces/default/bindings', binding('old', 'n1'))).status).toBe(201)
    expect((await cluster.get(`${pods}/old`)).json.spec.nodeName).toBe('n1')
  })
})

describe('eviction', () => {
  const eviction = (name: string) => ({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } })
  const running = async (name: string) => {
    const { json } = await cluster.post(pods, pod(name, { nodeName: 'n' }))
    await cluster.put(`${pods}/${name}/status`, {
      ...json,
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    })
  }

  test('deletes a pod that no budget protects', async () => {
    await running('free')
    expect((await cluster.post(`${pods}/free/eviction`, eviction('free'))).status).toBe(201)
    expect((await cluster.get(`${pods}/free`)).json.metadata.deletionTimestamp).toBeDefined()
  })

  test('asks the budget first, and takes from it', async () => {
    await running('kept')
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
    const { json } = await cluster.post(budgets, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'pdb' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'kept' } } },
    })
    const status = {
      observedGeneration: 1,
      currentHealthy: 1,
      desiredHealthy: 1,
      disruptionsAllowed: 0,
      expectedPods: 1,
    }
    const { json: none } = await cluster.put(`${budgets}/pdb/status`, { ...json, status })
    const refused = await cluster.post(`${pods}/kept/eviction`, eviction('kept'))
    expect(refused.status).toBe(429)
    expect(refused.json).toMatchObject({
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          { reason: 'DisruptionBudget', message: 'The disruption budget pdb needs 1 healthy pods and has 1 currently' },
        ],
      },
    })
    await cluster.put(`${budgets}/pdb/status`, { ...none, status: { ...status, disruptionsAllowed: 1 } })
    expect((await cluster.post(`${pods}/kept/eviction`, eviction('kept'))).status).toBe(201)
    const { json: after } = await cluster.get(`${budgets}/pdb`)
    expect(after.status.disruptionsAllowed).toBe(0)
    expect(Object.keys(after.status.disruptedPods)).toEqual(['kept'])
  })
})

describe('services', () => {
  const service = (name: string, spec: Record<string, unknown>) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec,
  })

  test('get an address and node ports of their own, and give them back', async () => {
    const { json } = await cluster.post(
      services,
      service('a', { type: 'NodePort', ports: [{ port: 80 }], selector: { a: 'b' } }),
    )
    expect(json.spec.clusterIP).toMatch(/^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/)
    expect(json.spec.clusterIPs).toEqual([json.spec.clusterIP])
    const [{ nodePort }] = json.spec.ports
    expect(nodePort).toBeGreaterThanOrEqual(30_000)
    const taken = await cluster.post(services, service('b', { type: 'NodePort', ports: [{ port: 80, nodePort }] }))
    expect(taken.status).toBe(422)
    expect(taken.json.message).toBe(
      `Service "b" is invalid: spec.ports[0].nodePort: Invalid value: ${nodePort}: provided port is already allocated`,
    )
    const sameIp = await cluster.post(services, service('b', { clusterIP: json.spec.clusterIP, ports: [{ port: 80 }] }))
    expect(sameIp.json.message).toBe(
      `Service "b" is invalid: spec.clusterIPs: Invalid value: ["${json.spec.clusterIP}"]: failed to allocate IP ${json.spec.clusterIP}: provided IP is already allocated`,
    )
    const address = await cluster.get(`/apis/networking.k8s.io/v1/ipaddresses/${json.spec.clusterIP}`)
    expect(address.json.spec.parentRef).toEqual({ resource: 'services', namespace: 'default', name: 'a' })
    await cluster.delete(`${services}/a`)
    const now = await cluster.post(
      services,
      service('b', { type: 'NodePort', clusterIP: json.spec.clusterIP, ports: [{ port: 80, nodePort }] }),
    )
    expect(now.status).toBe(201)
  })

  test('without an address have none', async () => {
    const { json } = await cluster.post(services, service('headless', { clusterIP: 'None', ports: [{ port: 80 }] }))
    expect(json.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] })
  })

  test('keep their address through an update that leaves it out', async () => {
    const { json } = await cluster.post(services, service('k', { ports: [{ port: 80 }] }))
    const { json: after } = await cluster.put(`${services}/k`, service('k', { ports: [{ port: 81 }] }))
    expect(after.spec.clusterIP).toBe(json.spec.clusterIP)
  })
})

test('a subresource that is none is 404, a method that it has not 405', async () => {
  await cluster.post(pods, pod('x'))
  expect((await cluster.get(`${pods}/x/nothing`)).status).toBe(404)
  const { status, json } = await cluster.delete(`${pods}/x/status`)
  expect(status).toBe(405)
  expect(json.message).toBe('the server does not allow this method on the requested resource')
})

test('the log of a pod that is nowhere yet is empty, and an exec into it refused', async () => {
  expect(await cluster.get(`${pods}/x/log`)).toMatchObject({ status: 200, text: '' })
  const { status, json } = await cluster.post(`${pods}/x/exec?command=ls&stdout=1`, '')
  expect(status).toBe(400)
  expect(json.message).toBe('pod x does not have a host assigned')
  const wrong = await cluster.get(`${pods}/x/log?container=y`)
  expect(wrong.json.message).toBe('container y is not valid for pod x')
})
