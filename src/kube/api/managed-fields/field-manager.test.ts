import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, KubeObject } from '../../schema/index.ts'
import { builtinServedResources } from '../builtin-resources.ts'
import { StatusError } from '../status-error.ts'
import { applyConfiguration, type FieldWriter, trackUpdate } from './field-manager.ts'

const resources = builtinServedResources()
const find = (kind: string) => {
  const resource = resources.find(({ info }) => info.kind === kind)
  if (!resource) throw new Error(kind)
  return resource
}
const configMaps = find('ConfigMap')
const services = find('Service')

const writer = (name: string, resource = configMaps): FieldWriter => ({ resource, subresource: '', name, nowMs: 0 })
const configMap = (data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a' },
  data,
})
const dataOf = (object: KubeObject | undefined) => ({ ...(object?.data as Record<string, string> | undefined) })

describe('apply', () => {
  const keys = fc.constantFrom('a', 'b', 'c', 'd')
  const data = fc.dictionary(keys, fc.constantFrom('1', '2', '3'), { maxKeys: 4 })
  const step = fc.record({
    manager: fc.constantFrom('one', 'two', 'three'),
    data: data.filter((map) => Object.keys(map).length > 0),
  })

  test('then read is what the managers together applied, whoever came last where they were forced', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        let live: KubeObject | undefined
        const claims = new Map<string, Set<string>>()
        let expected: Record<string, string> = {}
        for (const { manager, data: wanted } of steps) {
          live = await applyConfiguration(writer(manager), live, configMap(wanted), true)
          const before = claims.get(manager) ?? new Set<string>()
          const mine = new Set(Object.keys(wanted))
          for (const [other, theirs] of claims)
            if (other !== manager) for (const key of mine) if (expected[key] !== wanted[key]) theirs.delete(key)
          claims.set(manager, mine)
          const next = { ...expected, ...wanted }
          for (const key of before)
            if (!mine.has(key) && ![...claims].some(([other, theirs]) => other !== manager && theirs.has(key)))
              delete next[key]
          expected = next
          expect(dataOf(live)).toEqual(expected)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('without force either conflicts or changes nothing that belongs to others', async () => {
    await fc.assert(
      fc.asyncProperty(data, data, async (first, second) => {
        const live = await applyConfiguration(writer('one'), undefined, configMap(first), false)
        const clash = Object.keys(second).filter((key) => first[key] !== undefined && first[key] !== second[key])
        const result = applyConfiguration(writer('two'), live, configMap(second), false)
        if (clash.length === 0 && (Object.keys(first).length > 0 || Object.keys(second).length > 0))
          expect(dataOf(await result)).toEqual({ ...first, ...second })
        else if (clash.length > 0) {
          const error = await result.catch((reason: unknown) => reason)
          expect(error).toBeInstanceOf(StatusError)
          const fields = (error as StatusError).details?.causes?.map(({ field }) => field)
          expect(fields).toEqual(clash.sort().map((key) => `.data.${key}`))
        } else await result.catch(() => undefined)
      }),
    )
  })

  test('twice is apply once', async () => {
    await fc.assert(
      fc.asyncProperty(data, data, async (base, wanted) => {
        const live = await applyConfiguration(writer('one'), undefined, configMap(base), true)
        const once = await applyConfiguration(writer('two'), live, configMap(wanted), true)
        expect(await applyConfiguration(writer('two'), once, configMap(wanted), true)).toEqual(once)
      }),
    )
  })

  test('keeps the order of a list, and puts new items where the configuration has them', async () => {
    const service = (...names: string[]): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: {
        ports: names.map(
          (name, i) => ({ name, port: name.charCodeAt(0), protocol: 'TCP', extra: i }) as unknown as Json,
        ),
      },
    })
    const names = (object: KubeObject) => (object.spec as { ports: { name: string }[] }).ports.map(({ name }) => name)
    const live = await applyConfiguration(writer('one', services), undefined, service('a', 'b', 'c'), true)
    expect(names(await applyConfiguration(writer('two', services), live, service('x', 'b'), true))).toEqual([
      'a',
      'x',
      'b',
      'c',
    ])
    expect(names(await applyConfiguration(writer('two', services), live, service('c', 'a'), true))).toEqual([
      'b',
      'c',
      'a',
    ])
  })
})

describe('updates', () => {
  test('give their writer what changed, and take it from others', async () => {
    const made = configMap({ a: '1', b: '1' })
    await trackUpdate(writer('one'), undefined, made)
    const changed: KubeObject = { ...configMap({ a: '2', b: '1' }), metadata: { ...made.metadata } }
    await trackUpdate(writer('two'), made, changed)
    const sets = Object.fromEntries(
      (changed.metadata.managedFields ?? []).map((entry) => [entry.manager, entry.fieldsV1]),
    )
    expect(sets).toEqual({ one: { 'f:data': { '.': {}, 'f:b': {} } }, two: { 'f:data': { 'f:a': {} } } })
  })

  test('of more than ten managers are gathered under one name', async () => {
    let live = configMap({ k0: '0' })
    await trackUpdate({ ...writer('m0'), nowMs: 0 }, undefined, live)
    for (let i = 1; i < 14; i++) {
      const next: KubeObject = {
        ...configMap({ ...dataOf(live), [`k${i}`]: '1' }),
        metadata: { ...live.metadata, uid: 'u' },
      }
      await trackUpdate({ ...writer(`m${i}`), nowMs: i * 1000 }, live, next)
      live = next
    }
    const managers = live.metadata.managedFields ?? []
    expect(managers).toHaveLength(10)
    expect(managers.map(({ manager }) => manager)).toContain('ancient-changes')
  })

  test('can be forgotten by sending an empty list', async () => {
    const made = configMap({ a: '1' })
    await trackUpdate(writer('one'), undefined, made)
    const reset: KubeObject = { ...configMap({ a: '1' }), metadata: { name: 'a', managedFields: [{}] } }
    await trackUpdate(writer('one'), made, reset)
    expect(reset.metadata.managedFields).toBeUndefined()
  })
})
