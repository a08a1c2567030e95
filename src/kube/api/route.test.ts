import { expect, test } from 'vitest'
import { routeOf } from './route.ts'

const none = { subresource: '', rest: '', namespace: '', name: '', watch: false }

test.each([
  ['/api/v1/pods', { group: '', version: 'v1', resource: 'pods' }],
  ['/api/v1/namespaces', { group: '', version: 'v1', resource: 'namespaces' }],
  ['/api/v1/namespaces/a', { group: '', version: 'v1', resource: 'namespaces', name: 'a', namespace: 'a' }],
  [
    '/api/v1/namespaces/a/status',
    { group: '', version: 'v1', resource: 'namespaces', name: 'a', namespace: 'a', subresource: 'status' },
  ],
  ['/api/v1/namespaces/a/pods', { group: '', version: 'v1', resource: 'pods', namespace: 'a' }],
  [
    '/api/v1/namespaces/a/pods/b/log',
    { group: '', version: 'v1', resource: 'pods', namespace: 'a', name: 'b', subresource: 'log' },
  ],
  [
    '/apis/apps/v1/namespaces/a/deployments/b',
    { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'a', name: 'b' },
  ],
  ['/apis/apps/v1/deployments/', { group: 'apps', version: 'v1', resource: 'deployments' }],
  ['/api/v1/watch/pods', { group: '', version: 'v1', resource: 'pods', watch: true }],
  [
    '/api/v1/namespaces/a/services/s:80/proxy/x/y/',
    {
      group: '',
      version: 'v1',
      resource: 'services',
      namespace: 'a',
      name: 's:80',
      subresource: 'proxy',
      rest: '/x/y/',
    },
  ],
])('%s', (path, expected) => {
  expect(routeOf(path)).toMatchObject({ type: 'resource', ...none, ...expected })
})

test.each(['/', '/version', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/openapi/v3/apis/apps/v1'])(
  '%s is no resource',
  (path) => {
    expect(routeOf(path).type).toBe('path')
  },
)

test('an encoded slash is a slash', () => {
  expect(routeOf('/api/v1/namespaces/a/pods/b%2Flog')).toMatchObject({ name: 'b', subresource: 'log' })
})
