import type { Json, Schema } from '../../schema/index.ts'
import { emptySet, type FieldNode, type FieldSet } from './field-set.ts'
import { fieldSchema, isDeclared, isMap, itemElement, type JsonMap, shapeOf } from './shape.ts'

/** Which paths are only in the new value, only in the old one, or in both with different leaves. */
export interface Comparison {
  readonly added: FieldSet
  readonly removed: FieldSet
  readonly modified: FieldSet
}

interface Difference {
  readonly added?: FieldNode | undefined
  readonly removed?: FieldNode | undefined
  readonly modified?: FieldNode | undefined
}

const here: FieldNode = { member: true, children: undefined }

export function compare(before: Json | undefined, after: Json | undefined, schema: Schema | undefined): Comparison {
  const found = compareValues(before, after, schema)
  return {
    added: found?.added?.children ?? emptySet(),
    removed: found?.removed?.children ?? emptySet(),
    modified: found?.modified?.children ?? emptySet(),
  }
}

function compareValues(
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema | undefined,
): Difference | undefined {
  if (before === after) return undefined
  if (before === undefined) return { added: everyPath(after, schema) }
  if (after === undefined) return { removed: everyPath(before, schema) }
  const shape = shapeOf(schema, after ?? before)
  if (shape.form === 'leaf' || (isEmpty(before) && isEmpty(after)))
    return equal(before, after) ? undefined : { modified: here }
  if (shape.form === 'map') return compareMaps(asMap(before), asMap(after), shape.schema)
  return compareLists(asList(before), asList(after), shape.schema)
}

const isEmpty = (value: Json) => value === null || (typeof value === 'object' && Object.keys(value).length === 0)
const asMap = (value: Json): JsonMap => (isMap(value) ? value : {})
const asList = (value: Json): Json[] => (Array.isArray(value) ? value : [])

function compareMaps(before: JsonMap, after: JsonMap, schema: Schema | undefined): Difference | undefined {
  const gathered = new Gathered()
  for (const name in before) {
    const old = before[name]
    if (old !== undefined) gathered.take(`f:${name}`, compareValues(old, after[name], fieldSchema(schema, name)))
  }
  for (const name in after) {
    const value = after[name]
    if (value !== undefined && before[name] === undefined)
      gathered.take(`f:${name}`, { added: everyPath(value, fieldSchema(schema, name)) })
  }
  return gathered.result()
}

function compareLists(before: readonly Json[], after: readonly Json[], schema: Schema): Difference | undefined {
  const old = byElement(before, schema)
  const next = byElement(after, schema)
  const gathered = new Gathered()
  for (const [element, left] of old) gathered.take(element, compareItems(left, next.get(element) ?? [], schema.items))
  for (const [element, right] of next)
    if (!old.has(element)) gathered.take(element, compareItems([], right, schema.items))
  return gathered.result()
}

/** Items of one key, of which a list should have at most one; more than one are owned as one. */
function compareItems(before: Json[], after: Json[], schema: Schema | undefined): Difference | undefined {
  if (before.length <= 1 && after.length <= 1) return compareValues(before[0], after[0], schema)
  if (before.length >= 2 && after.length >= 2) return equal(before, after) ? undefined : { modified: here }
  if (before.length >= 2) return { removed: here, ...(after.length > 0 ? { added: everyPath(after[0], schema) } : {}) }
  return { added: here, ...(before.length > 0 ? { removed: everyPath(before[0], schema) } : {}) }
}

function byElement(list: readonly Json[], schema: Schema): Map<string, Json[]> {
  const result = new Map<string, Json[]>()
  for (const item of list) {
    const element = itemElement(schema, item)
    const same = result.get(element)
    if (same) same.push(item)
    else result.set(element, [item])
  }
  return result
}

class Gathered {
  readonly #added: FieldSet = new Map()
  readonly #removed: FieldSet = new Map()
  readonly #modified: FieldSet = new Map()

  take(element: string, found: Difference | undefined): void {
    if (!found) return
    if (found.added) this.#added.set(element, found.added)
    if (found.removed) this.#removed.set(element, found.removed)
    if (found.modified) this.#modified.set(element, found.modified)
  }

  result(): Difference | undefined {
    if (this.#added.size + this.#removed.size + this.#modified.size === 0) return undefined
    const below = (children: FieldSet) => (children.size > 0 ? { member: false, children } : undefined)
    return { added: below(this.#added), removed: below(this.#removed), modified: below(this.#modified) }
  }
}

/** The value's own path and every path below it. */
function everyPath(value: Json | undefined, schema: Schema | undefined): FieldNode {
  return node(true, childrenOf(value, schema, everyPath))
}

/**
 * The leaves and items that a value names: what applying it claims. A struct's field that has something below it is not
 * named by itself; an item of a list and a key of a map always are.
 */
export function fieldSetOf(value: Json, schema: Schema | undefined): FieldSet {
  return childrenOf(value, schema, claimed) ?? emptySet()
}

function claimed(value: Json | undefined, schema: Schema | undefined, named: boolean): FieldNode {
  const shape = shapeOf(schema, value)
  const children = childrenOf(value, schema, claimed)
  const isLeaf = shape.form === 'leaf' || value === null || (isMap(value) && Object.keys(value).length === 0)
  return node(isLeaf || named, children)
}

function childrenOf(
  value: Json | undefined,
  schema: Schema | undefined,
  nodeOf: (value: Json | undefined, schema: Schema | undefined, named: boolean) => FieldNode,
): FieldSet | undefined {
  const shape = shapeOf(schema, value)
  if (shape.form === 'map' && isMap(value)) {
    const set = emptySet()
    for (const name in value) {
      const field = value[name]
      if (field === undefined) continue
      const made = nodeOf(field, fieldSchema(shape.schema, name), !isDeclared(shape.schema, name))
      if (made.member || made.children) set.set(`f:${name}`, made)
    }
    return set
  }
  if (shape.form === 'list' && Array.isArray(value)) {
    const set = emptySet()
    for (const [element, items] of byElement(value, shape.schema))
      set.set(element, items.length > 1 ? here : nodeOf(items[0], shape.schema.items, true))
    return set
  }
  return undefined
}

function node(member: boolean, children: FieldSet | undefined): FieldNode {
  if (!children || children.size === 0) return member ? here : { member, children: undefined }
  return { member, children }
}

export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b)) return false
  let count = 0
  for (const name in a) {
    if (a[name] === undefined) continue
    count++
    if (!equal(a[name], b[name])) return false
  }
  for (const name in b) if (b[name] !== undefined) count--
  return count === 0
}
