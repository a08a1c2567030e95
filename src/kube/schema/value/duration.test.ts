import { expect, test } from 'vitest'
import { ageOf, formatDuration, humanDuration, parseDuration } from './duration.ts'

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000]

test.each([
  [0, '0s'],
  [-500, '0s'],
  [-3 * second, '<invalid>'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + 5 * second, '2m5s'],
  [9 * minute + 59 * second, '9m59s'],
  [10 * minute + 30 * second, '10m'],
  [179 * minute, '179m'],
  [3 * hour, '3h'],
  [3 * hour + 20 * minute, '3h20m'],
  [8 * hour + 20 * minute, '8h'],
  [47 * hour, '47h'],
  [48 * hour, '2d'],
  [3 * day + 4 * hour, '3d4h'],
  [8 * day, '8d'],
  [729 * day, '729d'],
  [730 * day, '2y'],
  [800 * day, '2y70d'],
  [9 * 365 * day, '9y'],
])('%i ms are %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text)
})

test('age of what was never made', () => {
  expect(ageOf(undefined, 0)).toBe('<unknown>')
  expect(ageOf(null, 0)).toBe('<unknown>')
  expect(ageOf('1970-01-01T00:00:00Z', 61_000)).toBe('61s')
})

test.each([
  ['1h30m', '1h30m0s'],
  ['90s', '1m30s'],
  ['1.5s', '1.5s'],
  ['0', '0s'],
  ['300ms', '300ms'],
])('%s is %s', (text, written) => {
  expect(formatDuration(parseDuration(text))).toBe(written)
})

test.each(['', 'x', '1', '5 s'])('%j is no duration', (text) => {
  expect(() => parseDuration(text)).toThrow()
})
