import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFilters } from '../decode/filters.ts'
import { readTimestamp } from '../decode/timestamp.ts'
import { DockerError } from './docker-error.ts'
import { Query } from './query.ts'
import { readRequestPath } from './request-path.ts'

test('version, path and query are taken apart', () => {
  expect(readRequestPath('/v1.44/images/a%2Fb/json?x=1')).toEqual({
    path: '/images/a/b/json',
    version: '1.44',
    query: 'x=1',
  })
  expect(readRequestPath('/_ping')).toEqual({ path: '/_ping', version: undefined, query: '' })
  expect(readRequestPath('http://docker/v1.44/info')).toEqual({ path: '/info', version: '1.44', query: '' })
})

test('a query is read as Docker reads it', () => {
  const query = new Query('a=1&b&c=%20x+y&a=2&d=None&e=yes&f=0')
  expect(query.all('a')).toEqual(['1', '2'])
  expect([query.get('b'), query.has('b'), query.has('z')]).toEqual(['', true, false])
  expect(query.get('c')).toBe(' x y')
  expect(['d', 'e', 'f', 'z'].map((name) => query.bool(name))).toEqual([false, true, false, false])
  expect(() => new Query('a=%zz')).toThrow('invalid URL escape "%zz"')
  expect(() => new Query('a;b')).toThrow('invalid semicolon separator in query')
})

test('times are seconds with a fraction', () => {
  expect(readTimestamp('1136073600.5', 'x')?.toISOString()).toBe('2006-01-01T00:00:00.500Z')
  expect(readTimestamp('1136073600.000000001', 'x')?.toISOString()).toBe('2006-01-01T00:00:00.000Z')
  expect(readTimestamp('', 'x')).toBeUndefined()
  expect(() => readTimestamp('1.2x', 'x')).toThrow(
    'invalid value for x: invalid timestamp "1.2x": invalid nanoseconds: invalid character \'x\' at position 1',
  )
})

describe('whatever text comes, it is read or refused as the user’s fault', () => {
  const readers: [string, (text: string) => unknown][] = [
    ['targets', (text) => readRequestPath(text)],
    ['queries', (text) => new Query(text)],
    ['filters', (text) => readFilters(text)],
    ['times', (text) => readTimestamp(text, 'x')],
  ]
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'/.%2eEv1?&=;{}[]":-') }),
    fc.json(),
  )
  test.each(readers)('%s', (_name, read) => {
    fc.assert(
      fc.property(text, (each) => {
        try {
          read(each)
        } catch (error) {
          expect(error).toBeInstanceOf(DockerError)
          expect((error as DockerError).status).toBe(400)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
