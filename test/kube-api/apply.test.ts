import { afterAll, beforeAll, expect, test } from 'vitest'
import { Cluster, configMap, deployment } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await Cluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())

const configMaps = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const services = '/api/v1/namespaces/default/services'

const apply = (path: string, body: unknown, manager: string, more = '') =>
  cluster.patch(`${path}?fieldManager=${manager}${more}`, body, 'apply')

interface Entry {
  readonly manager: string
  // biome-ignore lint/suspicious/noExplicitAny: sets of fields are taken apart freely
  readonly fieldsV1: any
}

const managers = (json: { metadata: { managedFields: Entry[] } }) =>
  Object.fromEntries(json.metadata.managedFields.map(({ manager, fieldsV1 }) => [manager, fieldsV1]))

test('apply creates what is not there, and applying it again changes nothing', async () => {
  const first = await apply(`${configMaps}/a`, configMap('a', { x: '1' }), 'one')
  expect(first.status).toBe(201)
  expect(first.json.metadata.managedFields[0]).toMatchObject({ manager: 'one', operation: 'Apply', apiVersion: 'v1' })
  const second = await apply(`${configMaps}/a`, configMap('a', { x: '1' }), 'one')
  expect(second.status).toBe(200)
  expect(second.json.metadata.resourceVersion).toBe(first.json.metadata.resourceVersion)
})

test('what a manager applied and applies no more is removed, unless others own it too', async () => {
  await apply(`${configMaps}/r`, configMap('r', { mine: '1', ours: '1' }), 'one')
  await apply(`${configMaps}/r`, configMap('r', { ours: '1', yours: '1' }), 'two')
  const { json } = await apply(`${configMaps}/r`, configMap('r', {}), 'one')
  expect(json.data).toEqual({ ours: '1', yours: '1' })
  expect(Object.keys(managers(json))).toEqual(['one', 'two'])
})

test('changing what belongs to others is a conflict that names them, and force takes it', async () => {
  await apply(`${deployments}/c`, deployment('c', 1), 'one')
  const { status, json } = await apply(`${deployments}/c`, deployment('c', 5), 'two')
  expect(status).toBe(409)
  expect(json).toMatchObject({
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "one": .spec.replicas',
    details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.replicas' }] },
  })
  const forced = await apply(`${deployments}/c`, deployment('c', 5), 'two', '&force=true')
  expect(forced.status).toBe(200)
  expect(forced.json.spec.replicas).toBe(5)
  const after = managers(forced.json)
  expect(after.one['f:spec']['f:replicas']).toBeUndefined()
  expect(after.two['f:spec']['f:replicas']).toEqual({})
})

test('an update takes fields from whoever applied them, and says so in the next conflict', async () => {
  const { json: live } = await apply(`${deployments}/u`, deployment('u', 1), 'one')
  const changed = { ...live, spec: { ...live.spec, replicas: 2 } }
  await cluster.put(`${deployments}/u?fieldManager=hand`, changed)
  const { json } = await apply(`${deployments}/u`, deployment('u', 3), 'one')
  expect(json.message).toBe('Apply failed with 1 conflict: conflict with "hand" using apps/v1: .spec.replicas')
})

test('several conflicts are listed by manager', async () => {
  await apply(`${configMaps}/s`, configMap('s', { a: '1' }), 'one')
  await apply(`${configMaps}/s`, configMap('s', { b: '1' }), 'two')
  const { json } = await apply(`${configMaps}/s`, configMap('s', { a: '9', b: '9' }), 'three')
  expect(json.message).toBe(
    'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\nconflicts with "two":\n- .data.b',
  )
})

test('lists with keys are owned item by item', async () => {
  const ports = (...list: [string, number][]) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'l' },
    spec: { selector: { app: 'l' }, ports: list.map(([name, port]) => ({ name, port })) },
  })
  await apply(`${services}/l`, ports(['a', 80]), 'one')
  const { json } = await apply(`${services}/l`, ports(['b', 81]), 'two')
  expect(json.spec.ports.map(({ name }: { name: string }) => name)).toEqual(['a', 'b'])
  expect(managers(json).two['f:spec']['f:ports']).toEqual({
    'k:{"port":81,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} },
  })
  const less = await apply(`${services}/l`, ports(), 'two')
  expect(less.json.spec.ports.map(({ name }: { name: string }) => name)).toEqual(['a'])
})

test('sets are owned value by value, atomic lists as one', async () => {
  const named = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'f' } }
  const finalizers = (...list: string[]) => ({ ...named, metadata: { name: 'f', finalizers: list } })
  await apply(`${configMaps}/f`, finalizers('a.example/x'), 'one')
  const { json, status } = await apply(`${configMaps}/f`, finalizers('b.example/y'), 'two')
  expect(status, json.message).toBe(200)
  expect(json.metadata.finalizers).toEqual(['a.example/x', 'b.example/y'])
  const less = await apply(`${configMaps}/f`, named, 'one')
  expect(less.json.metadata.finalizers).toEqual(['b.example/y'])
})

test('apply needs a manager, the right kind, no managed fields and only known fields', async () => {
  const nobody = await cluster.patch(`${configMaps}/n`, configMap('n'), 'apply')
  expect(nobody.status).toBe(422)
  expect(nobody.json.message).toBe(
    'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  )
  const managed = await apply(
    `${configMaps}/n`,
    { ...configMap('n'), metadata: { name: 'n', managedFields: [] } },
    'one',
  )
  expect(managed.status).toBe(400)
  expect(managed.json.message).toBe('metadata.managedFields must be nil')
  const unknown = await apply(
    `${deployments}/n`,
    { ...deployment('n'), spec: { ...deployment('n').spec, replica: 1 } },
    'one',
  )
  expect(unknown.status).toBe(500)
  expect(unknown.json.message).toContain('.spec.replica: field not declared in schema')
  const twice = await apply(
    `${services}/n`,
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'n' }, spec: { ports: [{ port: 1 }, { port: 1 }] } },
    'one',
  )
  expect(twice.status).toBe(500)
  expect(twice.json.message).toContain('duplicate entries for key [port=1,protocol="TCP"]')
})

test('force is for apply alone', async () => {
  await cluster.post(configMaps, configMap('force'))
  const { status, json } = await cluster.patch(`${configMaps}/force?force=true`, {}, 'merge')
  expect(status).toBe(422)
  expect(json.message).toBe(
    'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
  )
})

test('the status is owned apart from the rest', async () => {
  await apply(`${deployments}/st`, deployment('st', 1), 'one')
  const status = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'st' },
    status: { observedGeneration: 1 },
  }
  const { json } = await apply(`${deployments}/st/status`, status, 'loop')
  expect(json.status.observedGeneration).toBe(1)
  expect(json.spec.replicas).toBe(1)
  const entry = json.metadata.managedFields.find(({ manager }: { manager: string }) => manager === 'loop')
  expect(entry).toMatchObject({ subresource: 'status', fieldsV1: { 'f:status': { 'f:observedGeneration': {} } } })
})

test('YAML is applied as well as JSON', async () => {
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yml\ndata:\n  on: "yes"\n  mode: "0777"\n'
  const { status, json } = await apply(`${configMaps}/yml`, yaml, 'one')
  expect(status).toBe(201)
  expect(json.data).toEqual({ true: 'yes', mode: '0777' })
})

test('kubectl takes over from client-side apply without a conflict', async () => {
  const input = JSON.stringify(configMap('k', { a: '1' }))
  expect((await cluster.kubectl(['apply', '-f', '-'], input)).stdout).toBe('configmap/k created\n')
  const changed = JSON.stringify(configMap('k', { a: '2' }))
  const result = await cluster.kubectl(['apply', '--server-side', '-f', '-'], changed)
  expect(result.stdout + result.stderr).toBe('configmap/k serverside-applied\n')
  expect((await cluster.get(`${configMaps}/k`)).json.data).toEqual({ a: '2' })
})
