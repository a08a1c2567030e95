import type { Json, Schema } from '../../schema/index.ts'
import { emptySet, type FieldNode, type FieldSet, pathText } from './field-set.ts'
import { fieldSchema, isDeclared, isMap, itemElement, type JsonMap, shapeOf } from './shape.ts'

/**
 * Lays `config` over `live`: leaves of `config` win, nothing is removed. Lists keep the order of `live` unless `config`
 * has an order of its own for the items that it names.
 * @throws Error where a list of `config` has a key twice
 */
export function merge(live: Json | undefined, config: Json | undefined, schema: Schema | undefined): Json | undefined {
  if (config === undefined) return live
  if (live === undefined && !Array.isArray(config)) return mergeMapOrLeaf({}, config, schema)
  const shape = shapeOf(schema, config ?? live)
  if (shape.form === 'leaf' || (isEmpty(live) && isEmpty(config))) return config
  if (shape.form === 'map') return mergeMapOrLeaf(live, config, schema)
  return mergeLists(asList(live), asList(config), shape.schema)
}

const isEmpty = (value: Json | undefined) =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
const asList = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : [])

function mergeMapOrLeaf(live: Json | undefined, config: Json, schema: Schema | undefined): Json {
  const shape = shapeOf(schema, config)
  if (shape.form !== 'map' || (isEmpty(live) && isEmpty(config))) return config
  const base: JsonMap = isMap(live) ? live : {}
  const over: JsonMap = isMap(config) ? config : {}
  const result: JsonMap = {}
  for (const name in base) {
    const merged = merge(base[name], over[name], fieldSchema(shape.schema, name))
    if (merged !== undefined) result[name] = merged
  }
  for (const name in over) {
    if (base[name] !== undefined) continue
    const merged = merge(undefined, over[name], fieldSchema(shape.schema, name))
    if (merged !== undefined) result[name] = merged
  }
  return result
}

function mergeLists(live: readonly Json[], config: readonly Json[], schema: Schema): Json[] {
  const liveElements = live.map((item) => itemElement(schema, item))
  const configElements = config.map((item) => itemElement(schema, item))
  const inLive = new Map<string, Json | undefined>()
  for (const [i, element] of liveElements.entries()) inLive.set(element, inLive.has(element) ? undefined : live[i])
  const inConfig = new Map<string, Json | undefined>()
  for (const [i, element] of configElements.entries()) {
    if (inConfig.has(element)) throw new Error(`duplicate entries for key ${pathText([element])}`)
    inConfig.set(element, config[i])
  }
  const shared = configElements.filter((element) => inLive.has(element))
  let nextShared = shared.shift()
  const result: Json[] = []
  const merged = new Set<string>()
  const take = (item: Json | undefined, over: Json | undefined) => {
    const value = merge(item, over, schema.items)
    if (value !== undefined) result.push(value)
  }
  let left = 0
  let right = 0
  while (left < live.length || right < config.length) {
    const l = liveElements[left]
    const r = configElements[right]
    if (l !== undefined && r !== undefined) {
      if (l === r) {
        merged.add(l)
        take(inLive.get(l), inConfig.get(l))
        left++
        right++
        nextShared = shared.shift()
        continue
      }
      if (inConfig.has(l) && nextShared !== undefined && nextShared !== l) {
        // It is in both, but config wants another one first.
        left++
        continue
      }
    }
    if (l !== undefined) {
      if (!inConfig.has(l)) {
        take(live[left], undefined)
        left++
        continue
      }
      if (merged.has(l)) left++
    }
    if (r !== undefined) {
      merged.add(r)
      take(inLive.get(r), inConfig.get(r))
      right++
      if (nextShared === r) nextShared = shared.shift()
    }
  }
  return result
}

/** The value without the fields and items of the set. Undefined: nothing is left of it. */
export function removeItems(value: Json, items: FieldSet, schema: Schema | undefined): Json | undefined {
  const shape = shapeOf(schema, value)
  if (shape.form === 'leaf') return value
  if (shape.form === 'map') {
    if (!isMap(value)) return undefined
    const result: JsonMap = {}
    let some = false
    for (const name in value) {
      const field = value[name]
      const node = items.get(`f:${name}`)
      if (field === undefined || node?.member) continue
      const kept = node?.children ? removeItems(field, node.children, fieldSchema(shape.schema, name)) : field
      if (kept === undefined) continue
      result[name] = kept
      some = true
    }
    return some ? result : undefined
  }
  if (!Array.isArray(value)) return undefined
  const kept: Json[] = []
  for (const item of value) {
    const node = items.get(itemElement(shape.schema, item))
    if (node?.member) continue
    const rest = node?.children ? removeItems(item, node.children, shape.schema.items) : item
    if (rest !== undefined) kept.push(rest)
  }
  return kept.length > 0 ? kept : undefined
}

/** The set with every declared field a member that has something below it. */
export function withNamedFields(set: FieldSet, schema: Schema | undefined): FieldSet {
  const result = emptySet()
  for (const [element, { member, children }] of set) {
    const name = element.startsWith('f:') ? element.slice(2) : undefined
    const below = name !== undefined ? fieldSchema(schema, name) : schema?.items
    const named = member || (name !== undefined && children !== undefined && isDeclared(schema, name))
    const node: FieldNode = { member: named, children: children && withNamedFields(children, below) }
    result.set(element, node)
  }
  return result
}
