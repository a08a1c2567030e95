import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster, hasKubectl } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await Cluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())

test('/version is that of Kubernetes 1.36', async () => {
  const { json } = await cluster.get('/version')
  expect(json).toMatchObject({ major: '1', minor: '36' })
  expect(json.gitVersion).toMatch(/^v1\.36\.\d+\+manufacture$/)
})

describe('health', () => {
  test.each(['/healthz', '/livez', '/readyz', '/readyz/ping'])('%s is ok', async (path) => {
    const { status, text } = await cluster.get(path)
    expect(status).toBe(200)
    expect(text).toBe('ok')
  })

  test('verbose names every check', async () => {
    const { text } = await cluster.get('/readyz?verbose')
    expect(text).toBe('[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]etcd-readiness ok\nreadyz check passed\n')
    const { text: less } = await cluster.get('/readyz?verbose&exclude=etcd')
    expect(less).toContain('[+]etcd excluded: ok\n')
  })
})

describe('discovery', () => {
  test('of groups, one by one', async () => {
    expect((await cluster.get('/api')).json).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
    const { json } = await cluster.get('/apis')
    expect(json.kind).toBe('APIGroupList')
    const apps = json.groups.find(({ name }: { name: string }) => name === 'apps')
    expect(apps).toEqual({
      name: 'apps',
      versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
      preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
    })
    expect((await cluster.get('/apis/apps')).json).toMatchObject({ kind: 'APIGroup', name: 'apps' })
  })

  test('of resources says everything that kubectl needs', async () => {
    const { json } = await cluster.get('/api/v1')
    expect(json).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' })
    const find = (name: string) => json.resources.find((resource: { name: string }) => resource.name === name)
    expect(find('pods')).toMatchObject({
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      shortNames: ['po'],
      categories: ['all'],
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    })
    expect(find('pods').storageVersionHash).toMatch(/^[A-Za-z0-9+/]{11}=$/)
    expect(find('pods/eviction')).toMatchObject({ group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] })
    expect(find('namespaces').namespaced).toBe(false)
  })

  test('of everything at once', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
    const { json, headers } = await cluster.get('/apis', { accept })
    expect(headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')
    expect(json).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' })
    const apps = json.items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'apps')
    const deployments = apps.versions[0].resources.find(
      ({ resource }: { resource: string }) => resource === 'deployments',
    )
    expect(deployments).toMatchObject({
      responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      scope: 'Namespaced',
      singularResource: 'deployment',
    })
    expect(deployments.subresources.map(({ subresource }: { subresource: string }) => subresource)).toEqual([
      'scale',
      'status',
    ])
    const again = await cluster.get('/apis', { accept, 'if-none-match': headers.etag ?? '' })
    expect(again.status).toBe(304)
  })
})

describe('OpenAPI', () => {
  test('3 is one document per group and version, named by what is in it', async () => {
    const { json } = await cluster.get('/openapi/v3')
    const url = json.paths['apis/apps/v1'].serverRelativeURL
    expect(url).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]+$/)
    const document = await cluster.get(url)
    expect(document.json.openapi).toBe('3.0.0')
    expect(document.json.components.schemas['io.k8s.api.apps.v1.Deployment'].properties.spec).toBeDefined()
    expect(document.headers['cache-control']).toBe('public, immutable')
  })

  test('2 is one document, in JSON and in protobuf', async () => {
    const { json } = await cluster.get('/openapi/v2')
    expect(json.swagger).toBe('2.0')
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
    const { status, headers, stream } = await cluster.open('GET', '/openapi/v2', undefined, { accept })
    let bytes = 0
    for await (const chunk of stream) bytes += (chunk as Buffer).length
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf')
    expect(bytes).toBeGreaterThan(100_000)
  })
})

describe.runIf(hasKubectl)('kubectl', () => {
  test('knows client and server', async () => {
    const { stdout } = await cluster.kubectl(['version'])
    expect(stdout).toMatch(/Server Version: v1\.36\.\d+\+manufacture/)
  })

  test('lists the kinds', async () => {
    const { stdout } = await cluster.kubectl(['api-resources', '--api-group=apps', '--no-headers'])
    expect(stdout.split('\n').map((line) => line.split(/\s+/)[0])).toEqual(
      expect.arrayContaining(['deployments', 'daemonsets', 'statefulsets', 'replicasets', 'controllerrevisions']),
    )
    expect((await cluster.kubectl(['api-versions'])).stdout).toContain('networking.k8s.io/v1\n')
  })

  test('explains fields', async () => {
    const { stdout, code } = await cluster.kubectl(['explain', 'deployment.spec.replicas'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/GROUP:\s+apps\nKIND:\s+Deployment\nVERSION:\s+v1\n\nFIELD: replicas <integer>/)
  })

  test('makes objects by its own subcommands, which speak protobuf', async () => {
    for (const args of [
      ['create', 'configmap', 'cm', '--from-literal=a=b'],
      ['create', 'secret', 'generic', 'sec', '--from-literal=p=q'],
      ['create', 'deployment', 'dep', '--image=nginx'],
      ['create', 'job', 'job', '--image=busybox', '--', 'true'],
      ['create', 'cronjob', 'cron', '--image=busybox', '--schedule=*/5 * * * *'],
      ['create', 'serviceaccount', 'sa'],
      ['create', 'role', 'role', '--verb=get', '--resource=pods'],
      ['create', 'clusterrole', 'crole', '--verb=get', '--resource=pods'],
      ['create', 'rolebinding', 'rb', '--role=role', '--serviceaccount=default:sa'],
      ['create', 'quota', 'q', '--hard=pods=3'],
      ['create', 'pdb', 'pdb', '--selector=app=x', '--min-available=1'],
      ['create', 'ingress', 'ing', '--rule=a.example/*=svc:80'],
      ['create', 'service', 'clusterip', 'svc', '--tcp=80:8080'],
      ['create', 'priorityclass', 'prio', '--value=7'],
      ['create', 'namespace', 'space'],
      ['run', 'solo', '--image=busybox'],
    ]) {
      const { stderr, code } = await cluster.kubectl(args)
      expect(`${args.join(' ')}: ${stderr}`).toBe(`${args.join(' ')}: `)
      expect(code).toBe(0)
    }
    const { stdout } = await cluster.kubectl(['get', 'deploy,job,cronjob,svc,ing', '-o', 'name'])
    expect(stdout.split('\n').sort()).toEqual(
      [
        '',
        'cronjob.batch/cron',
        'deployment.apps/dep',
        'ingress.networking.k8s.io/ing',
        'job.batch/job',
        'service/kubernetes',
        'service/svc',
      ].sort(),
    )
    const { json } = await cluster.get('/api/v1/namespaces/default/configmaps/cm')
    expect(json.data).toEqual({ a: 'b' })
  })

  test('edits, labels, scales, rolls out and deletes', async () => {
    const run = async (...args: string[]) => {
      const { stdout, stderr } = await cluster.kubectl(args)
      return stdout + stderr
    }
    expect(await run('label', 'deploy/dep', 'a=b')).toBe('deployment.apps/dep labeled\n')
    expect(await run('annotate', 'deploy/dep', 'note=x')).toBe('deployment.apps/dep annotated\n')
    expect(await run('scale', 'deploy/dep', '--replicas=4')).toBe('deployment.apps/dep scaled\n')
    expect(await run('set', 'image', 'deploy/dep', 'nginx=nginx:2')).toBe('deployment.apps/dep image updated\n')
    expect(await run('rollout', 'restart', 'deploy/dep')).toBe('deployment.apps/dep restarted\n')
    expect(await run('autoscale', 'deploy/dep', '--max=5')).toBe('horizontalpodautoscaler.autoscaling/dep autoscaled\n')
    expect(await run('expose', 'deploy/dep', '--port=80')).toBe('service/dep exposed\n')
    expect(await run('get', 'deploy', 'dep', '--no-headers')).toMatch(/^dep\s+0\/4\s+0\s+0\s+\S+\n$/)
    expect(await run('describe', 'deploy', 'dep')).toContain('Replicas:               4 desired')
    expect(await run('delete', 'deploy', 'dep')).toBe('deployment.apps "dep" deleted\n')
    expect(await run('get', 'deploy', 'dep')).toBe('Error from server (NotFound): deployments.apps "dep" not found\n')
  })
})
