import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OciError } from './oci-error.ts'
import {
  canonicalString,
  familiarString,
  isTag,
  parseAnyReference,
  parseNormalizedName,
  withTag,
  withTagDefault,
} from './reference.ts'

const hex = 'a'.repeat(64)

test.each([
  ['python', 'docker.io/library/python:latest', 'python:latest'],
  ['python:3.9', 'docker.io/library/python:3.9', 'python:3.9'],
  ['library/python', 'docker.io/library/python:latest', 'python:latest'],
  ['docker.io/python', 'docker.io/library/python:latest', 'python:latest'],
  ['index.docker.io/python', 'docker.io/library/python:latest', 'python:latest'],
  ['someone/app', 'docker.io/someone/app:latest', 'someone/app:latest'],
  ['docker.io/library/a/b', 'docker.io/library/a/b:latest', 'library/a/b:latest'],
  ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
  ['localhost:5000/app:1', 'localhost:5000/app:1', 'localhost:5000/app:1'],
  ['[::1]:5000/app', '[::1]:5000/app:latest', '[::1]:5000/app:latest'],
  ['Host/app', 'Host/app:latest', 'Host/app:latest'],
  ['a__b-c.d', 'docker.io/library/a__b-c.d:latest', 'a__b-c.d:latest'],
  [`app@sha256:${hex}`, `docker.io/library/app@sha256:${hex}`, `app@sha256:${hex}`],
  [`app:1@sha256:${hex}`, `docker.io/library/app:1@sha256:${hex}`, `app:1@sha256:${hex}`],
])('%s is %s, shown as %s', (text, canonical, familiar) => {
  const name = withTagDefault(parseNormalizedName(text))
  expect(canonicalString(name)).toBe(canonical)
  expect(familiarString(name)).toBe(familiar)
})

test.each([
  ['Foo', 'invalid reference format: repository name (library/Foo) must be lowercase'],
  ['user/Foo:1', 'invalid reference format: repository name (user/Foo) must be lowercase'],
  ['', 'invalid reference format'],
  ['a b', 'invalid reference format'],
  ['-a', 'invalid reference format'],
  ['a//b', 'invalid reference format'],
  ['a:', 'invalid reference format'],
  ['a:-x', 'invalid reference format'],
  [`a:${'x'.repeat(129)}`, 'invalid reference format'],
  ['a@sha256:abc', 'invalid reference format'],
  [`a@sha256:${'a'.repeat(40)}`, 'invalid checksum digest length'],
  ['a'.repeat(300), 'repository name must not be more than 255 characters'],
  [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
])('%s is refused in Docker’s words', (text, message) => {
  expect(() => parseNormalizedName(text)).toThrow(new OciError('invalid', message))
})

test('64 hexadecimal digits, or a digest, are an id; fewer are a name', () => {
  expect(parseAnyReference(hex)).toEqual({ id: `sha256:${hex}` })
  expect(parseAnyReference(`sha256:${hex}`)).toEqual({ id: `sha256:${hex}` })
  expect(parseAnyReference('abc123')).toMatchObject({ name: { path: 'library/abc123' } })
})

test('a tag is a word of at most 128 characters', () => {
  expect(['1.0', '_x', 'A-b.c', 'x'.repeat(128)].every(isTag)).toBe(true)
  expect(['', '.x', '-x', 'a/b', 'x'.repeat(129)].some(isTag)).toBe(false)
  expect(() => withTag(parseNormalizedName('a'), '-')).toThrow('invalid tag format')
})

test('whatever is typed gives a name or an OciError, and a name’s two strings lead back to it', () => {
  const piece = fc.constantFrom(
    'a',
    'Z',
    '0',
    '.',
    '-',
    '_',
    '/',
    ':',
    '@',
    ' ',
    'é',
    'sha256:',
    hex,
    'localhost',
    'docker.io',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      try {
        const name = parseNormalizedName(text)
        expect(parseNormalizedName(canonicalString(name))).toEqual(name)
        expect(parseNormalizedName(familiarString(name))).toEqual(name)
      } catch (error) {
        if (!(error instanceof OciError)) throw error
      }
    }),
    { numRuns: 2000 },
  )
})
