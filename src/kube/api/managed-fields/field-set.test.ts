import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  difference,
  equalSets,
  type FieldSet,
  intersection,
  pathsOf,
  pathText,
  recursiveDifference,
  setOf,
  union,
} from './field-set.ts'
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts'

const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'k:{"name":"y"}', 'v:"z"')
const path = fc.array(element, { minLength: 1, maxLength: 4 })
const set = fc.array(path, { maxLength: 8 }).map((paths) => setOf(...paths))
const texts = (of: FieldSet) => new Set([...pathsOf(of)].map((steps) => steps.join('/')))

describe('sets of fields', () => {
  test('behave as sets of paths do', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const [left, right] = [texts(a), texts(b)]
        expect(texts(union(a, b))).toEqual(left.union(right))
        expect(texts(intersection(a, b))).toEqual(left.intersection(right))
        expect(texts(difference(a, b))).toEqual(left.difference(right))
        const below = [...left].filter(
          (text) => ![...right].some((other) => text === other || text.startsWith(`${other}/`)),
        )
        expect(texts(recursiveDifference(a, b))).toEqual(new Set(below))
        expect(equalSets(a, b)).toBe(left.symmetricDifference(right).size === 0)
      }),
    )
  })

  test('survive being written as FieldsV1', () => {
    fc.assert(
      fc.property(set, (a) => {
        expect(equalSets(fromFieldsV1(JSON.parse(JSON.stringify(toFieldsV1(a)))), a)).toBe(true)
      }),
    )
  })

  test('are written with a dot where a path and something below it are both in', () => {
    const both = setOf(['f:metadata', 'f:labels'], ['f:metadata', 'f:labels', 'f:app'])
    expect(JSON.stringify(toFieldsV1(both))).toBe('{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}')
  })

  test('read keys in any order as the same', () => {
    const [a, b] = ['k:{"port":1,"protocol":"TCP"}', 'k:{"protocol":"TCP","port":1}'].map((key) =>
      fromFieldsV1({ [key]: {} }),
    )
    expect(equalSets(a ?? new Map(), b ?? new Map())).toBe(true)
  })

  test('name their paths as people read them', () => {
    expect(pathText(['f:spec', 'f:containers', 'k:{"name":"main"}', 'f:image'])).toBe(
      '.spec.containers[name="main"].image',
    )
    expect(pathText(['f:metadata', 'f:finalizers', 'v:"a/b"'])).toBe('.metadata.finalizers[="a/b"]')
  })

  test.each([
    ['x', 'key must be 2 characters long:'],
    ['fx', 'missing colon: fx'],
    ['q:x', 'unknown path element type'],
  ])('refuse %s', (key, why) => {
    expect(() => fromFieldsV1({ [key]: {} })).toThrow(why)
  })
})
