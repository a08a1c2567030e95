import type { Json, JsonObject, Schema } from '../../schema/index.ts'
import { appendNew, inOrder, ListError, typeOfItems } from './strategic-list.ts'

/**
 * Kubernetes' own patch: a merge patch that knows from the schema which lists are merged by which key, with directives:
 *
 *     $patch: replace | delete | merge                $retainKeys: [a, b]
 *     $deleteFromPrimitiveList/finalizers: [x]        $setElementOrder/containers: [{name: a}, {name: b}]
 */
export class StrategicPatchError extends Error {
  override readonly name = 'StrategicPatchError'
  /** 400, 422 or 500, as Kubernetes answers each. */
  readonly code: number
  constructor(message: string, code = 500) {
    super(message)
    this.code = code
  }
}

const directive = '$patch'
const retainKeys = '$retainKeys'
const deleteFromList = '$deleteFromPrimitiveList'
const setOrder = '$setElementOrder'

/** The patched object; neither argument is changed. @throws StrategicPatchError */
export function applyStrategicMergePatch(
  original: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  return mergeMap(original, patch, schema)
}

const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function mergeMap(original: JsonObject, patchIn: JsonObject, schema: Schema | undefined): JsonObject {
  const how = patchIn[directive]
  if (how !== undefined) {
    if (how === 'replace') {
      const { [directive]: _, ...rest } = patchIn
      return rest
    }
    if (how === 'delete') return {}
    throw new StrategicPatchError(`unknown patch type: ${String(how)} in map: ${goMap(patchIn)}`)
  }
  const result: JsonObject = { ...original }
  const patch: JsonObject = { ...patchIn }
  keepOnly(result, patch)
  orderLists(result, patch, schema)
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value === undefined) continue
    if (key.startsWith(`${deleteFromList}/`)) {
      const list = key.slice(deleteFromList.length + 1)
      if (!Array.isArray(value)) throw new StrategicPatchError('invalid patch format of primitive list', 400)
      const current = result[list]
      if (Array.isArray(current)) result[list] = current.filter((item) => !value.includes(item))
      continue
    }
    if (key.startsWith(deleteFromList)) throw new StrategicPatchError('invalid patch format of primitive list', 400)
    if (value === null) {
      delete result[key]
      continue
    }
    const merged = mergeField(result[key], value, fieldOf(schema, key), key)
    if (merged === undefined) delete result[key]
    else set(result, key, merged)
  }
  return result
}

function mergeField(current: Json | undefined, value: Json, schema: Schema | undefined, key: string): Json | undefined {
  if (isMap(current) && isMap(value))
    return schema && strategyOf(schema) === 'replace' ? value : mergeMap(current, value, schema)
  if (Array.isArray(current) && Array.isArray(value))
    return schema && strategyOf(schema) === 'merge' ? mergeList(current, value, schema, key) : value
  return withoutDirectives(withoutNulls(value))
}

const fieldOf = (schema: Schema | undefined, key: string) => (schema?.fields ? schema.fields.get(key) : schema?.items)
const strategyOf = (schema: Schema) => schema.patchStrategy?.find((strategy) => strategy !== 'retainKeys')

function set(object: JsonObject, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  else object[key] = value
}

function keepOnly(original: JsonObject, patch: JsonObject): void {
  const keep = patch[retainKeys]
  if (keep === undefined) return
  delete patch[retainKeys]
  const bad = new StrategicPatchError('invalid patch format of retainKeys', 400)
  if (!Array.isArray(keep)) throw bad
  for (const key of Object.keys(patch)) {
    if (patch[key] === null || key.startsWith(deleteFromList) || key.startsWith(setOrder)) continue
    if (!keep.includes(key)) throw bad
  }
  for (const key of Object.keys(original)) if (!keep.includes(key)) delete original[key]
}

/** Handles `$setElementOrder/…` together with the list that it is about. */
function orderLists(original: JsonObject, patch: JsonObject, schema: Schema | undefined): void {
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(setOrder)) continue
    const order = patch[key]
    delete patch[key]
    if (!key.startsWith(`${setOrder}/`))
      throw new StrategicPatchError('invalid patch format of setElementOrder list', 400)
    const name = key.slice(setOrder.length + 1)
    if (!Array.isArray(order)) throw badType('[]interface {}', order)
    const current = original[name]
    const change = patch[name]
    if (current !== undefined && !Array.isArray(current)) throw badType('[]interface {}', current)
    if (change !== undefined && change !== null && !Array.isArray(change)) throw badType('[]interface {}', change)
    if (current === undefined && !change) continue
    const list = fieldOf(schema, name)
    const mergeKey = list?.patchMergeKey ?? ''
    if (Array.isArray(change)) checkOrder(change, order, mergeKey)
    let merged: Json[]
    if (!change) merged = current ?? []
    else if (current === undefined) merged = withoutDirectives(withoutNulls(change)) as Json[]
    else merged = list && strategyOf(list) === 'merge' ? mergeList(current, change, list, name) : change
    original[name] = wrap(() => inOrder(merged, order, current ?? [], mergeKey))
    delete patch[name]
  }
}

function checkOrder(change: readonly Json[], order: readonly Json[], mergeKey: string): void {
  if (order.length === 0 || change.length === 0) return
  const items = mergeKey === '' ? change : change.filter((item) => !isMap(item) || item[directive] === undefined)
  let at = 0
  for (const wanted of order) {
    const item = items[at]
    if (item === undefined) return
    const equal =
      mergeKey === '' ? item === wanted : isMap(item) && isMap(wanted) && item[mergeKey] === wanted[mergeKey]
    if (equal) at++
  }
  if (at < items.length)
    throw new StrategicPatchError(
      `The order in patch list:\n${goList(change)}\n doesn't match ${setOrder} list:\n${goList(order)}\n`,
    )
}

function mergeList(original: readonly Json[], patch: readonly Json[], schema: Schema, name: string): Json[] {
  if (original.length === 0 && patch.length === 0) return []
  const type = wrap(() => typeOfItems(original, patch))
  if (type !== 'object') return wrap(() => inOrder(appendNew(original, patch), patch, original, ''))
  const mergeKey = schema.patchMergeKey ?? ''
  if (mergeKey === '') throw new StrategicPatchError(`cannot merge lists without merge key for ${name}`)
  const { kept, changes } = applyItemDirectives(original as JsonObject[], patch as JsonObject[], mergeKey)
  const merged: JsonObject[] = [...kept]
  for (const change of changes) {
    const value = change[mergeKey]
    if (value === undefined) throw noMergeKey(change, mergeKey)
    const at = merged.findIndex((item) => item[mergeKey] === value)
    const current = merged[at]
    if (current) merged[at] = mergeMap(current, change, schema.items)
    else merged.push(withoutNulls(withoutDirectives(change) ?? {}) as JsonObject)
  }
  return wrap(() => inOrder(merged, changes, kept, mergeKey))
}

function applyItemDirectives(original: readonly JsonObject[], patch: readonly JsonObject[], mergeKey: string) {
  let kept = [...original]
  let replace = false
  const changes: JsonObject[] = []
  for (const item of patch) {
    const how = item[directive]
    if (how === undefined) changes.push(item)
    else if (how === 'delete') {
      const value = item[mergeKey]
      if (value === undefined) throw noMergeKey(item, mergeKey)
      kept = kept.filter((other) => other[mergeKey] !== value)
    } else if (how === 'replace') replace = true
    else if (how === 'merge') throw new StrategicPatchError('merging lists cannot yet be specified in the patch')
    else throw new StrategicPatchError(`unknown patch type: ${String(how)} in map: ${goMap(item)}`)
  }
  return replace ? { kept: changes, changes: [] } : { kept, changes }
}

/** Values that are new in the object: a null means nothing there. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isMap(value)) return value
  const result: JsonObject = {}
  for (const key of Object.keys(value)) {
    const field = value[key]
    if (field !== null && field !== undefined) set(result, key, withoutNulls(field))
  }
  return result
}

/** Undefined for a map that is a directive itself. */
function withoutDirectives(value: Json): Json | undefined {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined)
  if (!isMap(value)) return value
  if (value[directive] !== undefined) return undefined
  const result: JsonObject = {}
  for (const key of Object.keys(value)) {
    const field = value[key]
    const kept = field === undefined ? undefined : withoutDirectives(field)
    if (kept !== undefined) set(result, key, kept)
  }
  return result
}

function wrap<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof ListError) throw new StrategicPatchError(error.message, error.code)
    throw error
  }
}

const noMergeKey = (item: JsonObject, key: string) =>
  new StrategicPatchError(`map: ${goMap(item)} does not contain declared merge key: ${key}`)

const badType = (expected: string, found: Json | undefined) =>
  new StrategicPatchError(`expected a ${expected}, but received a ${goTypeOf(found)}`)

function goTypeOf(value: Json | undefined): string {
  if (value === null || value === undefined) return '%!s(<nil>)'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

/** Go's `%v` of a decoded value. */
export function goMap(value: Json | undefined): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return goList(value)
  if (typeof value !== 'object') return String(value)
  const keys = Object.keys(value).sort()
  return `map[${keys.map((key) => `${key}:${goMap(value[key])}`).join(' ')}]`
}

const goList = (list: readonly Json[]): string => `[${list.map(goMap).join(' ')}]`
