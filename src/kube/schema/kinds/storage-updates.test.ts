import { expect, test } from 'vitest'
import { create, type Fields, update } from '../test-object.ts'

const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } }, storageClassName: 's' }
const volume = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/a' } }
const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' }

test.each<[string, string, string, Fields, Fields, string]>([
  [
    'a claim that grows',
    'v1',
    'persistentvolumeclaims',
    { spec: claim },
    { resources: { requests: { storage: '3Gi' } } },
    '',
  ],
  [
    'a claim that shrinks',
    'v1',
    'persistentvolumeclaims',
    { spec: claim },
    { resources: { requests: { storage: '1Gi' } } },
    'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  ],
  [
    'another directory',
    'v1',
    'persistentvolumes',
    { spec: volume },
    { hostPath: { path: '/b', type: '' } },
    [
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
      '@@ -2,7 +2,7 @@',
      '  "GCEPersistentDisk": null,',
      '  "AWSElasticBlockStore": null,',
      '  "HostPath": {',
      '-  "Path": "/a",',
      '+  "Path": "/b",',
      '   "Type": ""',
      '  },',
      '  "Glusterfs": null,',
      '',
    ].join('\n'),
  ],
  [
    'other addresses of pods',
    'v1',
    'nodes',
    { spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] } },
    { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'] },
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  ],
])('%s', (_title, apiVersion, plural, fields, change, errors) => {
  const before = create(apiVersion, plural, fields)
  expect(before.errors).toBe('')
  if (plural === 'persistentvolumeclaims') {
    Object.assign(before.object.spec as Fields, { volumeName: 'v' })
    before.object.status = { phase: 'Bound', capacity: { storage: '2Gi' } }
  }
  const after = update(before, (object: { spec: Fields }) => {
    Object.assign(object.spec, change)
  })
  expect(after.errors).toBe(errors)
})

test('another role, another class', () => {
  const binding = create('rbac.authorization.k8s.io/v1', 'rolebindings', { roleRef: role })
  const rename = (object: { roleRef: typeof role }): void => {
    object.roleRef = { ...role, name: 'b' }
  }
  expect(update(binding, rename).errors).toBe(
    'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"b"}: cannot change roleRef',
  )
  const storageClass = create('storage.k8s.io/v1', 'storageclasses', { provisioner: 'a/b', parameters: { a: 'b' } })
  const change = (object: { parameters: Fields }): void => {
    object.parameters = { a: 'c' }
  }
  expect(update(storageClass, change).errors).toBe('parameters: Invalid value: {"a":"c"}: field is immutable')
})
