import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DockerError } from '../http/docker-error.ts'
import { GoJson, parseJson } from './go-json.ts'
import { jsonFault } from './go-json-syntax.ts'
import { requestTypes } from './request-body.ts'

const decoder = new GoJson(requestTypes.structs)

describe('syntax', () => {
  // Sentences as Go's encoding/json gives them.
  test.each([
    ['   ', 'got EOF while reading request body'],
    ['[1,', 'unexpected EOF'],
    ['"abc', 'unexpected EOF'],
    ['x', "invalid character 'x' looking for beginning of value"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ['{1:2}', "invalid character '1' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ["{'a'}", "invalid character '\\'' looking for beginning of object key string"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"a\u0001"', "invalid character '\\x01' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12x4"', "invalid character 'x' in \\u hexadecimal character escape"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['[1.x]', "invalid character 'x' after decimal point in numeric literal"],
    ['[1ex]', "invalid character 'x' in exponent of numeric literal"],
    ['tru3', "invalid character '3' in literal true (expecting 'e')"],
    ['{} {}', 'unexpected content after JSON'],
    ['é', "invalid character 'Ã' looking for beginning of value"],
  ])('%j', (text, sentence) => {
    expect(jsonFault(text)).toBe(sentence)
  })

  test('says something of every text that is no JSON, however deep', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0019-+.eEtrfalsn \n') }), (text) => {
        try {
          JSON.parse(text)
        } catch {
          expect(jsonFault(text)).toMatch(/^(invalid character|unexpected|got EOF)/)
        }
      }),
    )
    expect(jsonFault('['.repeat(1_000_000))).toBe('exceeded max depth')
  })
})

describe('types', () => {
  test('field names match in any case; unknown fields and nulls are dropped', () => {
    const body = { image: 'x', HOSTCONFIG: { memory: 1, nonsense: {} }, Env: null, Cmd: 'a', Entrypoint: ['b'] }
    expect(decoder.decode('container.CreateRequest', body)).toEqual({
      Image: 'x',
      HostConfig: { Memory: 1 },
      Cmd: ['a'],
      Entrypoint: ['b'],
    })
  })

  test.each([
    [{ Env: 'A=1' }, 'string into Go struct field CreateRequest.Env of type []string'],
    [{ Env: [1] }, 'number into Go struct field CreateRequest.Env of type string'],
    [{ Labels: { a: true } }, 'bool into Go struct field CreateRequest.Labels of type string'],
    [{ Tty: 'yes' }, 'string into Go struct field CreateRequest.Tty of type bool'],
    [{ HostConfig: [] }, 'array into Go struct field CreateRequest.HostConfig of type container.HostConfig'],
    [{ HostConfig: { Memory: 1.5 } }, 'number 1.5 into Go struct field HostConfig.HostConfig.Memory of type int64'],
    [
      { HostConfig: { BlkioWeight: 70000 } },
      'number 70000 into Go struct field HostConfig.HostConfig.BlkioWeight of type uint16',
    ],
    [
      { HostConfig: { Ulimits: [{ Name: 1 }] } },
      'number into Go struct field Ulimit.HostConfig.Ulimits.Name of type string',
    ],
  ])('%j is refused', (body, sentence) => {
    expect(() => decoder.decode('container.CreateRequest', body)).toThrow(`json: cannot unmarshal ${sentence}`)
  })

  test('a name from Object.prototype is a key as any other', () => {
    const body = parseJson('{"Labels":{"__proto__":"x","constructor":"y"},"__proto__":{"Image":"evil"}}')
    const decoded = decoder.decode('container.CreateRequest', body) as { Image?: string; Labels: object }
    expect(decoded.Image).toBeUndefined()
    expect(Object.entries(decoded.Labels)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })

  test('whatever JSON comes, the answer is a value or a refusal of the user', () => {
    const names = Object.keys(requestTypes.structs)
    const fields = names.flatMap((name) => Object.keys(requestTypes.structs[name]?.fields ?? {}))
    const { body } = fc.letrec((tie) => ({
      leaf: fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.maxSafeInteger()),
      body: fc.oneof(
        { depthSize: 'small' },
        tie('leaf'),
        fc.array(tie('body')),
        fc.dictionary(fc.constantFrom(...fields, 'x'), tie('body')),
      ),
    }))
    fc.assert(
      fc.property(fc.constantFrom(...names), body, (name, value) => {
        try {
          decoder.decode(name, JSON.parse(JSON.stringify(value)))
        } catch (error) {
          expect(error).toBeInstanceOf(DockerError)
          expect((error as DockerError).status).toBe(400)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
