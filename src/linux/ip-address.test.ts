import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressBytes, addressText, macBytes, parseCidr } from './ip-address.ts'

test('every address goes to bytes and back', () => {
  fc.assert(
    fc.property(fc.ipV4(), (ip) => {
      expect(addressText(addressBytes(ip))).toBe(ip)
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      expect([...addressBytes(addressText(bytes))]).toEqual([...bytes])
    }),
  )
})

test('short forms of IPv6 are read', () => {
  expect(addressText(addressBytes('fd00::1'))).toBe('fd00::1')
  expect(addressBytes('::ffff:10.0.0.1').toString('hex')).toBe('00000000000000000000ffff0a000001')
  expect(addressText(addressBytes('::'))).toBe('::')
})

test('a subnet has its prefix length, and what is none is refused', () => {
  expect(parseCidr('172.18.0.1/16')).toEqual({ address: Buffer.from([172, 18, 0, 1]), prefix: 16 })
  for (const bad of ['172.18.0.1', '172.18.0.1/33', 'x/8', '1.2.3.4/a'])
    expect(() => parseCidr(bad)).toThrow('Cannot read')
  expect(() => macBytes('02:42')).toThrow('Cannot read a MAC address')
})
