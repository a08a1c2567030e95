import { expect, test } from 'vitest'
import { Cluster, hasKubectl, pod } from './cluster.ts'

const as = (user: string) => ({ 'impersonate-user': user })

test('who has no role is refused in Kubernetes’ own sentence, and allowed once a binding says so', async () => {
  await using cluster = await Cluster.start()
  const refused = await cluster.get('/api/v1/namespaces/default/pods', as('jane'))
  expect(refused.status).toBe(403)
  expect(refused.json.message).toBe(
    'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
  )
  await cluster.post('/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'jane-views' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }],
  })
  expect((await cluster.get('/api/v1/namespaces/default/pods', as('jane'))).status).toBe(200)
  expect((await cluster.get('/api/v1/namespaces/default/secrets', as('jane'))).status).toBe(403)
})

test('nobody gives away more than they have', async () => {
  await using cluster = await Cluster.start()
  await cluster.post('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'joe-admin' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'joe' }],
  })
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'too-much' },
    rules: [{ apiGroups: ['example.com'], resources: ['things'], verbs: ['get'] }],
  }
  const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles'
  const refused = await cluster.post(path, role, as('joe'))
  expect(refused.status).toBe(403)
  expect(refused.json.message).toBe(
    'roles.rbac.authorization.k8s.io "too-much" is forbidden: user "joe" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["example.com"], Resources:["things"], Verbs:["get"]}',
  )
})

test('a pod gets the default service account, its token volume, tolerations and a priority', async () => {
  await using cluster = await Cluster.start()
  const { json, status } = await cluster.post('/api/v1/namespaces/default/pods', pod('web'))
  expect(status).toBe(201)
  expect(json.spec.serviceAccountName).toBe('default')
  expect(json.spec.volumes[0].name).toMatch(/^kube-api-access-[a-z0-9]{5}$/)
  expect(json.spec.containers[0].volumeMounts[0].mountPath).toBe('/var/run/secrets/kubernetes.io/serviceaccount')
  expect(json.spec.priority).toBe(0)
  expect(json.spec.tolerations).toHaveLength(2)
})

test('a service account’s token opens the API as that account until the account is gone', async () => {
  await using cluster = await Cluster.start()
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  await cluster.post(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } })
  const { json, status } = await cluster.post(`${accounts}/robot/token`, { spec: {} })
  expect(status).toBe(201)
  const review = () =>
    cluster.post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: json.status.token },
    })
  const known = await review()
  expect(known.json.status.user.username).toBe('system:serviceaccount:default:robot')
  await cluster.delete(`${accounts}/robot`)
  expect((await review()).json.status.authenticated ?? false).toBe(false)
})

test.skipIf(!hasKubectl)('kubectl auth can-i answers for others', async () => {
  await using cluster = await Cluster.start()
  expect((await cluster.kubectl(['auth', 'can-i', 'list', 'pods'])).stdout).toBe('yes\n')
  expect((await cluster.kubectl(['auth', 'can-i', 'list', 'pods', '--as', 'jane'])).stdout).toBe('no\n')
})
