import fc from 'fast-check'
import { expect, test } from 'vitest'
import { goJsonError } from './go-json-error.ts'

test.each([
  ['', 'unexpected end of JSON input'],
  ['{', 'unexpected end of JSON input'],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['01', "invalid character '1' after top-level value"],
  ['1.', 'unexpected end of JSON input'],
  ['-a', "invalid character 'a' in numeric literal"],
  ['tru3', "invalid character '3' in literal true (expecting 'e')"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
])('%j: %s', (text, message) => {
  expect(goJsonError(text)).toBe(message)
})

test('has something to say of every text that is no JSON', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        JSON.parse(text)
      } catch {
        expect(goJsonError(text)).toMatch(/^(invalid character|unexpected end)/)
      }
    }),
  )
})
