import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AddressPool } from './address-pool.ts'
import { freeSubnet } from './default-pools.ts'
import { contains, formatAddress, formatSubnet, overlaps, parseAddress, parseSubnet, type Subnet } from './ip.ts'

const subnet = (text: string) => parseSubnet(text) as Subnet

test('an address comes back as it went in', () => {
  fc.assert(fc.property(fc.ipV4(), (text) => formatAddress(parseAddress(text) ?? { bits: 32, value: 0n }) === text))
  fc.assert(
    fc.property(
      fc.bigInt(0n, (1n << 128n) - 1n),
      (value) => parseAddress(formatAddress({ bits: 128, value }))?.value === value,
    ),
  )
})

test.each([
  ['fd00::1', 'fd00::1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::ffff:10.0.0.1', '::ffff:a00:1'],
])('%s is written %s', (text, written) => {
  const address = parseAddress(text)
  expect(address && formatAddress(address)).toBe(written)
})

test.each(['', '1.2.3', '1.2.3.4.5', '256.0.0.1', 'fe80::1%eth0', ':::'])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined()
})

test('a subnet knows what is in it and what it shares', () => {
  expect(formatSubnet(subnet('10.1.2.3/16'))).toBe('10.1.0.0/16')
  expect(contains(subnet('10.1.0.0/16'), parseAddress('10.1.255.255') ?? { bits: 32, value: 0n })).toBe(true)
  expect(overlaps(subnet('10.0.0.0/8'), subnet('10.9.0.0/24'))).toBe(true)
  expect(overlaps(subnet('10.0.0.0/24'), subnet('10.0.1.0/24'))).toBe(false)
  expect(parseSubnet('10.0.0.0/33')).toBeUndefined()
})

test('a pool gives the lowest free address, never the network’s, the gateway’s or the broadcast’s', () => {
  const gateway = parseAddress('10.0.0.1') ?? { bits: 32 as const, value: 0n }
  const pool = new AddressPool(subnet('10.0.0.0/29'), undefined, [gateway])
  const taken = Array.from({ length: 6 }, (_, at) => pool.take(`c${at}`))
  expect(taken.map((address) => address && formatAddress(address))).toEqual([
    '10.0.0.2',
    '10.0.0.3',
    '10.0.0.4',
    '10.0.0.5',
    '10.0.0.6',
    undefined,
  ])
  const third = parseAddress('10.0.0.4') ?? gateway
  expect(pool.takeThis(third, 'other')).toBe(false)
  pool.release(third)
  expect(pool.takeThis(third, 'other')).toBe(true)
  pool.release(gateway)
  expect(pool.isTaken(gateway)).toBe(true)
})

test('free subnets are taken in Docker’s order, around what the machine uses', () => {
  const first = freeSubnet([])
  expect(first && formatSubnet(first)).toBe('172.17.0.0/16')
  const next = freeSubnet([subnet('172.16.0.0/12')])
  expect(next && formatSubnet(next)).toBe('192.168.0.0/20')
  const later = freeSubnet([subnet('172.16.0.0/12'), subnet('192.168.0.0/19')])
  expect(later && formatSubnet(later)).toBe('192.168.32.0/20')
  expect(freeSubnet([subnet('0.0.0.0/0')])).toBeUndefined()
})
