import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RegistryError } from './registry-error.ts'
import { parseRoute } from './route.ts'

test('whatever the path, it is a route, none, or a RegistryError; a name never leaves the grammar', () => {
  const piece = fc.oneof(
    fc.constantFrom('v2', 'blobs', 'uploads', 'manifests', 'tags', 'list', 'referrers', '..', '%2f', 'a', 'sha256:00'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      try {
        const route = parseRoute(`/v2/${pieces.join('/')}`)
        if (route && 'name' in route)
          expect(route.name).toMatch(/^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/)
      } catch (error) {
        expect(error).toBeInstanceOf(RegistryError)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a name may hold the words of the paths', () => {
  expect(parseRoute('/v2/blobs/uploads/manifests/tags/list')).toMatchObject({
    kind: 'tags',
    name: 'blobs/uploads/manifests',
  })
  expect(parseRoute('/v2/tags/list/blobs/uploads/')).toMatchObject({ kind: 'uploads', name: 'tags/list' })
})
