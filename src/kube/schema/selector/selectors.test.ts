import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldSelectorText, matchesFields, parseFieldSelector } from './field-selector.ts'
import {
  formatLabelSelector,
  labelSelectorRequirements,
  labelSelectorText,
  matchesLabels,
  parseLabelSelector,
} from './label-selector.ts'

describe('label selectors', () => {
  test.each([
    ['', { a: 'b' }, true],
    ['a=b', { a: 'b' }, true],
    ['a==b', { a: 'c' }, false],
    ['a!=b', {}, true],
    ['a', { a: '' }, true],
    ['!a', { a: '' }, false],
    ['a in (b,c)', { a: 'c' }, true],
    ['a notin (b,c)', {}, true],
    ['a notin (b,c)', { a: 'b' }, false],
    ['a in (b), x=y', { a: 'b' }, false],
    ['a>3', { a: '4' }, true],
    ['a<3', { a: 'x' }, false],
    ['a=', { a: '' }, true],
  ])('%j of %j: %s', (text, labels, matches) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(matches)
  })

  test.each([
    ['a in', "unable to parse requirement: found '' expected: '('"],
    ['a=b,', "found '', expected: identifier after ','"],
    ['=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['a in (', "found '', expected: ',', ')' or identifier"],
  ])('%j: %s', (text, sentence) => {
    expect(() => parseLabelSelector(text)).toThrow(sentence)
  })

  const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,5}[a-z0-9])?$/)
  const requirement = fc.oneof(
    label,
    label.map((key) => `!${key}`),
    fc.tuple(label, fc.constantFrom('=', '==', '!='), label).map((parts) => parts.join('')),
    fc
      .tuple(label, fc.constantFrom('in', 'notin'), fc.array(label, { minLength: 1, maxLength: 3 }))
      .map(([key, operator, values]) => `${key} ${operator} (${values.join(',')})`),
  )

  test('what is written is read as the same', () => {
    const labels = fc.dictionary(label, label)
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), labels, (parts, set) => {
        const requirements = parseLabelSelector(parts.join(','))
        const text = labelSelectorText(requirements)
        expect(labelSelectorText(parseLabelSelector(text))).toBe(text)
        expect(matchesLabels(parseLabelSelector(text), set)).toBe(matchesLabels(requirements, set))
      }),
    )
  })

  test('as an object', () => {
    const selector = {
      matchLabels: { b: '1', a: '2' },
      matchExpressions: [
        { key: 'x', operator: 'In', values: ['z', 'y'] },
        { key: 'n', operator: 'DoesNotExist' },
      ],
    }
    expect(formatLabelSelector(selector)).toBe('a=2,b=1,!n,x in (y,z)')
    expect(matchesLabels(labelSelectorRequirements(selector) ?? [], { a: '2', b: '1', x: 'y' })).toBe(true)
    expect(formatLabelSelector({})).toBe('<none>')
    expect(formatLabelSelector(null)).toBe('<none>')
  })
})

describe('field selectors', () => {
  test('are read, written and matched', () => {
    const requirements = parseFieldSelector('metadata.name=a,status.phase!=Running,spec.nodeName==n')
    expect(fieldSelectorText(requirements)).toBe('metadata.name=a,spec.nodeName=n,status.phase!=Running')
    const fields = { 'metadata.name': 'a', 'status.phase': 'Pending', 'spec.nodeName': 'n' }
    expect(matchesFields(requirements, fields)).toBe(true)
    expect(matchesFields(requirements, { ...fields, 'status.phase': 'Running' })).toBe(false)
  })

  test('a backslash keeps , = and \\', () => {
    const requirements = parseFieldSelector(String.raw`a=b\,c\=d\\`)
    expect(matchesFields(requirements, { a: 'b,c=d\\' })).toBe(true)
    expect(fieldSelectorText(requirements)).toBe(String.raw`a=b\,c\=d\\`)
  })

  test('must have an operator', () => {
    expect(() => parseFieldSelector('a')).toThrow("invalid selector: 'a'; can't understand 'a'")
  })
})
