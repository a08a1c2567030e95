import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apiVersionOf, builtinGroups, builtinResources, findKind, resourcesOf, storageResource } from '../catalog.ts'
import type { JsonObject, KubeObject, ResourceInfo, Schema } from '../contract.ts'
import { fromStorage, toStorage } from '../conversion.ts'
import { decodeAs } from '../decode.ts'
import { defaultObject } from '../defaulting.ts'
import { checkFieldSelector, fieldsOf } from '../field-labels.ts'
import { schemaOf } from '../field-schema.ts'
import { openApiV2, openApiV3, openApiV3Paths } from '../open-api/documents.ts'
import { printerOf } from '../printer.ts'
import { strategyOf } from '../strategy.ts'
import { writes } from '../test-object.ts'

const all = builtinResources.map((resource) => [`${apiVersionOf(resource)} ${resource.plural}`, resource] as const)

function decoded(resource: ResourceInfo, fields: JsonObject): KubeObject {
  const namespace = resource.namespaced ? { namespace: 'default' } : {}
  const metadata = { name: 'a', uid: 'u', ...namespace }
  const value = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...fields, metadata }
  return decodeAs(resource.definition, value).object as unknown as KubeObject
}

function goThrough(resource: ResourceInfo, fields: JsonObject): KubeObject {
  const served = decoded(resource, fields)
  defaultObject(resource, served)
  const once = structuredClone(served)
  defaultObject(resource, once)
  expect(once).toEqual(served)

  const object = toStorage(resource, served)
  const strategy = strategyOf(resource)
  strategy.prepareForCreate(object, writes)
  for (const { message } of strategy.validateCreate(object, writes)) expect(message).not.toMatch(/undefined|\[object/)
  const next = structuredClone(object)
  strategy.prepareForUpdate(next, object, writes)
  strategy.validateUpdate(next, object, writes)

  const { columns, cells } = printerOf(resource)
  const row = cells(object, writes.nowMs)
  expect(row).toHaveLength(columns.length)
  for (const cell of row) expect(cell).not.toBeUndefined()
  expect(fieldsOf(resource, object)['metadata.name']).toBe('a')
  expect(fromStorage(resource, object).kind).toBe(resource.kind)
  return object
}

describe.each(all)('%s', (_name, resource) => {
  test('an empty object, and one with an empty spec', () => {
    goThrough(resource, {})
    if (schemaOf(resource.definition)?.fields?.has('spec')) goThrough(resource, { spec: {}, status: {} })
  })

  test('objects of any shape that its schema allows', () => {
    const schema = schemaOf(resource.definition)
    if (!schema) throw new Error('no schema')
    const objects = objectOf(schema, 6)
    fc.assert(
      fc.property(objects, objects, (fields, others) => {
        const [old, next] = [goThrough(resource, fields as JsonObject), goThrough(resource, others as JsonObject)]
        const strategy = strategyOf(resource)
        strategy.prepareForUpdate(next, old, writes)
        strategy.validateUpdate(next, old, writes)
        for (const { name } of resource.subresources) {
          if (name !== 'status') continue
          const status = strategyOf(resource, name)
          status.prepareForUpdate(next, old, writes)
          status.validateUpdate(next, old, writes)
        }
      }),
      { numRuns: 20, seed: 7 },
    )
  })

  test('is found by its kind, and where it is stored', () => {
    expect(findKind(resource.group, resource.version, resource.kind)).toBe(resource)
    expect(storageResource(resource).kind).toBe(resource.kind)
    expect(resourcesOf(resource.group, resource.version)).toContain(resource)
  })
})

/** Some value of a schema: few fields, each more likely left out the deeper it is. */
function anyOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'object':
      return depth <= 0 ? fc.constant({}) : objectOf(schema, depth)
    case 'map': {
      const keys = fc.constantFrom('a', 'cpu', 'app.kubernetes.io/name', 'B_')
      return fc.dictionary(keys, schema.items ? anyOf(schema.items, depth - 1) : fc.constant('x'), { maxKeys: 2 })
    }
    case 'array':
      return fc.array(schema.items ? anyOf(schema.items, depth - 1) : fc.constant('x'), { maxLength: 2 })
    case 'string': {
      if (schema.format === 'date-time') return fc.constant('2026-01-01T00:00:00Z')
      if (schema.format === 'micro-time') return fc.constant('2026-01-01T00:00:00.000000Z')
      if (schema.format === 'byte') return fc.constant('eA==')
      if (schema.format === 'duration') return fc.constant('1m0s')
      return fc.constantFrom('', 'a', 'Some Name', '10.0.0.1', 'x/y', ...(schema.enum ?? []))
    }
    case 'integer':
      return fc.constantFrom(0, 1, -1, 80, 70000)
    case 'number':
      return fc.constantFrom(0, 0.5)
    case 'boolean':
      return fc.boolean()
    case 'int-or-string':
      return schema.format === 'quantity' ? fc.constantFrom('1', '500m', '1Gi') : fc.constantFrom(1, '25%', 'http')
    case 'any':
      return fc.constant({ a: 1 })
  }
}

function objectOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const fields = [...(schema.fields ?? [])].filter(([name]) => !['apiVersion', 'kind'].includes(name))
  if (fields.length === 0) return fc.constant({})
  const some = fc.subarray(fields, { maxLength: Math.min(fields.length, 6) })
  return some.chain((chosen) =>
    fc.record(Object.fromEntries(chosen.map(([name, field]) => [name, anyOf(field, depth - 1)]))),
  )
}

describe('OpenAPI', () => {
  test('every reference has its definition, every operation its own name', () => {
    for (const path of openApiV3Paths()) {
      const parts = path.split('/')
      const document = openApiV3(parts[0] === 'api' ? '' : (parts[1] ?? ''), parts.at(-1) ?? '', 'v1.36.2', 'fr')
      const text = JSON.stringify(document)
      const { schemas } = { ...document }.components as {
        schemas: Record<string, { properties?: Record<string, JsonObject> }>
      }
      for (const [, name = ''] of text.matchAll(/#\/components\/schemas\/([^"]+)/g))
        expect(schemas).toHaveProperty([name])
      // kubectl explain stumbles over properties that say nothing
      const properties = Object.values(schemas).flatMap((schema) => Object.values(schema.properties ?? {}))
      expect(properties.filter((property) => Object.keys(property).length === 0)).toEqual([])
      const operations = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, name]) => name)
      expect(new Set(operations).size).toBe(operations.length)
    }
  })

  test('every kind is in version 2 with its group, version and kind', () => {
    const document = openApiV2('v1.36.2', 'en')
    const definitions = document.definitions as Record<string, JsonObject>
    for (const { definition, group, version, kind } of builtinResources) {
      expect(definitions[definition]?.['x-kubernetes-group-version-kind']).toContainEqual({ group, version, kind })
    }
    for (const [, name = ''] of JSON.stringify(document).matchAll(/#\/definitions\/([^"]+)/g)) {
      expect(definitions).toHaveProperty([name])
    }
  })
})

test('groups: the core one first, every version with resources', () => {
  expect(builtinGroups[0]).toEqual({ name: '', versions: ['v1'], preferredVersion: 'v1' })
  for (const { name, versions, preferredVersion } of builtinGroups) {
    expect(versions[0]).toBe(preferredVersion)
    for (const version of versions) expect(resourcesOf(name, version).length).toBeGreaterThan(0)
  }
})

test('field selectors that a kind does not know are refused in its words', () => {
  const pods = builtinResources.find(({ plural }) => plural === 'pods') as ResourceInfo
  const requirement = { field: 'spec.foo', operator: '=', value: 'x' } as const
  expect(() => checkFieldSelector(pods, [requirement])).toThrow('field label not supported: spec.foo')
})
