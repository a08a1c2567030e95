import { expect, test } from 'vitest'
import { checkEndpoint } from './endpoint-settings.ts'
import { validateIpam } from './validate-ipam.ts'

test.each([
  [{ Subnet: '10.0.0.1/24' }, 'invalid subnet 10.0.0.1/24: it should be 10.0.0.0/24'],
  [
    { Subnet: '10.0.0.0/24', Gateway: '10.0.1.1' },
    "invalid gateway 10.0.1.1: parent subnet 10.0.0.0/24 doesn't contain this address",
  ],
  [{ Subnet: '10.0.0.0/24', Gateway: 'fd00::1' }, 'invalid gateway fd00::1: parent subnet is an IPv4 block'],
  [
    { Subnet: '10.0.0.0/24', IPRange: '10.0.0.0/16' },
    'invalid ip-range 10.0.0.0/16: CIDR block is bigger than its parent subnet 10.0.0.0/24',
  ],
  [
    { Subnet: '10.0.0.0/24', IPRange: '10.1.0.0/25' },
    "invalid ip-range 10.1.0.0/25: parent subnet 10.0.0.0/24 doesn't contain ip-range",
  ],
  [
    { Subnet: '10.0.0.0/24', AuxiliaryAddresses: { printer: '10.9.0.1' } },
    "invalid auxiliary address printer: parent subnet 10.0.0.0/24 doesn't contain this address",
  ],
])('%j is refused in Docker’s words', (config, message) => {
  expect(() => validateIpam([config], false)).toThrow(`invalid network config:\n${message}`)
})

test('a place on a network is checked, all faults at once', () => {
  expect(() =>
    checkEndpoint(undefined, 'bridge', { IPAMConfig: { IPv4Address: '1.2.3.4' }, Aliases: ['web'] }),
  ).toThrow(
    'invalid endpoint settings:\nuser-specified IP address is supported on user-defined networks only\nnetwork-scoped aliases are only supported for user-defined networks',
  )
  expect(() => checkEndpoint(undefined, 'mine', { IPAMConfig: { IPv4Address: 'fd00::1' } })).toThrow(
    'invalid endpoint settings:\ninvalid IPv4 address: fd00::1',
  )
})
