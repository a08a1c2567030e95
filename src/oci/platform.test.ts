import { expect, test } from 'vitest'
import { digestOf } from './digest.ts'
import type { Descriptor, Platform } from './manifest.ts'
import { formatPlatform, parsePlatform, platformMatches, selectManifest } from './platform.ts'

const manifest = (platform: Platform): Descriptor => ({
  mediaType: 'm',
  digest: digestOf(formatPlatform(platform)),
  size: 1,
  platform,
})

test.each([
  ['linux/amd64', 'linux/amd64'],
  ['linux/x86_64', 'linux/amd64'],
  ['linux/arm64/v8', 'linux/arm64'],
  ['linux/aarch64', 'linux/arm64'],
  ['linux/arm', 'linux/arm/v7'],
  ['linux/armel', 'linux/arm/v6'],
  ['arm64', 'linux/arm64'],
])('%s means %s', (text, meaning) => {
  expect(formatPlatform(parsePlatform(text))).toBe(meaning)
})

test('an index gives an arm v7 machine v7 before v6, and nothing of v8', () => {
  const offered = ['v8', 'v5', 'v6', 'v7'].map((variant) => manifest({ os: 'linux', architecture: 'arm', variant }))
  expect(selectManifest(offered, parsePlatform('linux/arm/v7'))?.platform?.variant).toBe('v7')
  expect(selectManifest(offered.slice(0, 3), parsePlatform('linux/arm/v7'))?.platform?.variant).toBe('v6')
  expect(platformMatches(parsePlatform('linux/arm/v7'), { os: 'linux', architecture: 'arm', variant: 'v8' })).toBe(
    false,
  )
})

test('arm64 with and without v8 are one; attestations fit no machine', () => {
  const arm = parsePlatform('linux/arm64')
  expect(platformMatches(arm, { os: 'linux', architecture: 'arm64', variant: 'v8' })).toBe(true)
  expect(selectManifest([manifest({ os: 'unknown', architecture: 'unknown' })], arm)).toBeUndefined()
})

test.each(['', 'a b', 'linux/amd64/v1/x', 'nonsense'])('%o is no platform', (text) => {
  expect(() => parsePlatform(text)).toThrow(/invalid argument/)
})
