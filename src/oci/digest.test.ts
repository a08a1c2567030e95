import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { chainIds, Digester, digestOf, isDigest, parseDigest } from './digest.ts'

const hello = `sha256:${createHash('sha256').update('hello').digest('hex')}`

test('a digest of sha256 or sha512 is taken as it is', () => {
  expect(parseDigest(hello)).toBe(hello)
  expect(isDigest(`sha512:${'a'.repeat(128)}`)).toBe(true)
})

test.each([
  ['sha256:abc', 'invalid checksum digest length'],
  [`sha256:${'A'.repeat(64)}`, 'invalid checksum digest format'],
  [`sha256:${'g'.repeat(64)}`, 'invalid checksum digest format'],
  [`md5:${'a'.repeat(32)}`, 'unsupported digest algorithm'],
  ['no digest', 'invalid checksum digest format'],
  ['sha256:../../etc/passwd', 'invalid checksum digest format'],
])('%s is refused: %s', (text, message) => {
  expect(() => parseDigest(text)).toThrow(message)
})

test('a running digest can be read in between', () => {
  const digester = new Digester().update(Buffer.from('hel'))
  expect(digester.peek()).toBe(digestOf('hel'))
  expect(digester.update(Buffer.from('lo')).digest()).toBe(hello)
  expect(digester.size).toBe(5)
})

test('the chain id of the lowest layer is its diff id, each further one hashes the two', () => {
  const [a, b] = [digestOf('a'), digestOf('b')]
  expect(chainIds([a, b])).toEqual([a, digestOf(`${a} ${b}`)])
})
