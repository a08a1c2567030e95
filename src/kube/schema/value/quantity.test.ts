import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityToMillis,
  quantityToNumber,
  subtractQuantities,
} from './quantity.ts'

describe('canonical form', () => {
  test.each([
    ['0', '0'],
    [1, '1'],
    [0.5, '500m'],
    ['0.5', '500m'],
    ['1.5', '1500m'],
    ['1000m', '1'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['1024Ki', '1Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['0.1Mi', '104857600m'],
    ['1e3', '1e3'],
    ['12e6', '12e6'],
    ['1E', '1E'],
    ['-1.5', '-1500m'],
    ['0.0000000001', '1n'],
    ['.5', '500m'],
    // Go keeps these as they came
    ['+5', '+5'],
    ['007', '007'],
    ['5.', '5.'],
    ['-', '0'],
    [' 1 ', '1'],
  ])('%s → %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical)
  })

  test.each(['', 'a', '1mm', '1Kib', '1e', '0x10', '1,5', '1..2', '٣'])('%j is none', (text) => {
    expect(() => parseQuantity(text)).toThrow(/quantities must match the regular expression|unable to parse/)
  })
})

const amount = fc.tuple(
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
  fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'e-2', '.25', '.5Gi'),
)
const quantity = amount.map(([number, suffix]) => `${number}${suffix}`)

describe('laws', () => {
  test('what is written is read as the same amount, and written the same again', () => {
    fc.assert(
      fc.property(quantity, (text) => {
        const canonical = canonicalQuantity(text)
        expect(canonicalQuantity(canonical)).toBe(canonical)
        expect(compareQuantities(canonical, text)).toBe(0)
      }),
    )
  })

  test('order and sums agree', () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        const [x, y] = [parseQuantity(a), parseQuantity(b)]
        expect(compareQuantities(a, b)).toBe(-compareQuantities(b, a) + 0)
        const sum = addQuantities(x, y)
        expect(subtractQuantities(sum, y).nanos).toBe(x.nanos)
        expect(Math.sign(Number(subtractQuantities(x, y).nanos)) + 0).toBe(compareQuantities(a, b))
        expect(parseQuantity(formatQuantity(sum)).nanos).toBe(sum.nanos)
      }),
    )
  })

  test('no text makes it fail in another way', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.+-eEinumkKMGTP ') }), (text) => {
        try {
          canonicalQuantity(text)
        } catch (error) {
          expect(String(error)).toMatch(/quantities must match|unable to parse quantity's suffix/)
        }
      }),
    )
  })
})

test('whole units and thousandths are rounded up', () => {
  expect(quantityToNumber('1500m')).toBe(2)
  expect(quantityToNumber('1Gi')).toBe(1073741824)
  expect(quantityToMillis('100u')).toBe(1)
  expect(quantityToMillis('2')).toBe(2000)
})
