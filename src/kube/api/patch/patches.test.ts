import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Json, type JsonObject, schemaOf } from '../../schema/index.ts'
import { applyJsonPatch, JsonPatchError } from './json-patch.ts'
import { applyMergePatch } from './merge-patch.ts'
import { applyStrategicMergePatch, StrategicPatchError } from './strategic-merge-patch.ts'

const leaf = fc.oneof(fc.string({ maxLength: 3 }), fc.integer(), fc.boolean())
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', '~/'), tie('json'), { maxKeys: 3 }),
  ),
})) as { json: fc.Arbitrary<Json> }

/** The merge patch that makes `to` out of `from`. */
function mergePatchBetween(from: Json, to: Json): Json {
  const isObject = (value: Json): value is JsonObject =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject(from) || !isObject(to)) return to
  const patch: JsonObject = {}
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null
  for (const key of Object.keys(to)) {
    const value = to[key] as Json
    patch[key] =
      Object.hasOwn(from, key) && isObject(from[key] as Json) && isObject(value)
        ? mergePatchBetween(from[key] as Json, value)
        : value
  }
  return patch
}

describe('a merge patch', () => {
  test('made from two values turns one into the other', () => {
    fc.assert(
      fc.property(json, json, (from, to) => {
        const before = structuredClone(from)
        expect(applyMergePatch(from, mergePatchBetween(from, to))).toEqual(to)
        expect(from).toEqual(before)
      }),
    )
  })
})

describe('a JSON patch', () => {
  test('that adds, then removes, leaves things as they were', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b'), json), json, (document, value) => {
        const added = applyJsonPatch(document, [{ op: 'add', path: '/n~0~1ew', value }])
        expect((added as JsonObject)['n~/ew']).toEqual(value)
        expect(
          applyJsonPatch(added, [
            { op: 'test', path: '/n~0~1ew', value },
            { op: 'remove', path: '/n~0~1ew' },
          ]),
        ).toEqual(document)
      }),
    )
  })

  test.each<[Json[], string]>([
    [
      [{ op: 'add', path: '/x/y', value: 1 }],
      'add operation does not apply: doc is missing path: "/x/y": missing value',
    ],
    [
      [{ op: 'remove', path: '/x' }],
      "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value",
    ],
    [
      [{ op: 'replace', path: '/x', value: 1 }],
      'replace operation does not apply: doc is missing key: /x: missing value',
    ],
    [[{ op: 'test', path: '/a', value: 2 }], 'testing value /a failed: test failed'],
    [[{ op: 'jump', path: '/a' }], 'Unexpected kind: jump'],
  ])('%j says why it does not apply', (patch, why) => {
    expect(() => applyJsonPatch({ a: 1 }, patch)).toThrow(new JsonPatchError(why))
  })

  test('never reaches into prototypes', () => {
    applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }])
    expect(() => applyJsonPatch({}, [{ op: 'add', path: '/constructor/prototype/polluted', value: true }])).toThrow(
      JsonPatchError,
    )
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('that grows without end is stopped', () => {
    const value = 'x'.repeat(1_000_000)
    const copies = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '/a', path: `/b${i}` }))
    expect(() => applyJsonPatch({ a: value }, copies)).toThrow(/accumulated size increase of copy/)
  })
})

describe('a strategic merge patch', () => {
  const schema = schemaOf('io.k8s.api.core.v1.PodSpec')
  const containers = (...names: string[]): JsonObject => ({ containers: names.map((name) => ({ name, image: name })) })
  const namesOf = ({ containers: list }: JsonObject) => (list as { name: string }[]).map(({ name }) => name)

  test('of one item changes that item only', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1 }), name, (names, one) => {
        const patched = applyStrategicMergePatch(
          containers(...names),
          { containers: [{ name: one, image: 'new' }] },
          schema,
        )
        expect(new Set(namesOf(patched))).toEqual(new Set([...names, one]))
        for (const { name: which, image } of patched.containers as { name: string; image: string }[])
          expect(image).toBe(which === one ? 'new' : which)
        const gone = applyStrategicMergePatch(patched, { containers: [{ name: one, $patch: 'delete' }] }, schema)
        expect(namesOf(gone)).toEqual(namesOf(patched).filter((other) => other !== one))
      }),
    )
  })

  test('orders a list as it is told', () => {
    const patch = {
      '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }],
      containers: [{ name: 'c', image: 'new' }],
    }
    expect(namesOf(applyStrategicMergePatch(containers('a', 'b', 'c'), patch, schema))).toEqual(['b', 'c', 'a'])
  })

  test('takes values out of lists of plain values', () => {
    const meta = schemaOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
    const patched = applyStrategicMergePatch(
      { finalizers: ['a', 'b'] },
      { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] },
      meta,
    )
    expect(patched.finalizers).toEqual(expect.arrayContaining(['b', 'c']))
    expect(patched.finalizers).not.toContain('a')
  })

  test('keeps only the fields that $retainKeys names', () => {
    const strategy = schemaOf('io.k8s.api.apps.v1.DeploymentSpec')
    const original = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } }
    const patched = applyStrategicMergePatch(
      original,
      { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
      strategy,
    )
    expect(patched).toEqual({ strategy: { type: 'Recreate' } })
  })

  test.each<[JsonObject, string]>([
    [{ containers: [{ image: 'x' }] }, 'map: map[image:x] does not contain declared merge key: name'],
    [{ $patch: 'burn' }, 'unknown patch type: burn in map: map[$patch:burn]'],
    [
      { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'a', image: 'x' }] },
      'The order in patch list:',
    ],
  ])('%j is refused', (patch, why) => {
    expect(() => applyStrategicMergePatch(containers('a'), patch, schema)).toThrow(StrategicPatchError)
    expect(() => applyStrategicMergePatch(containers('a'), patch, schema)).toThrow(why)
  })
})
