import type { Json, Schema } from '../../schema/index.ts'
import { emptySet, type FieldSet } from './field-set.ts'
import { fieldSchema, isMap, itemElement, shapeOf } from './shape.ts'

/**
 * Fits a set to a schema that changed since it was written: below what is now owned as one, nothing is owned apart; what
 * was owned as one and is now owned by parts is owned by all of its parts.
 */
export function reconcile(set: FieldSet, value: Json | undefined, schema: Schema | undefined): FieldSet {
  let changed = false
  const result = emptySet()
  for (const [element, node] of set) {
    const below = element.startsWith('f:') ? fieldSchema(schema, element.slice(2)) : schema?.items
    const held = heldBy(value, element, schema)
    const shape = shapeOf(below, held)
    if (below && below.type !== 'any' && shape.form === 'leaf' && node.children) {
      result.set(element, { member: true, children: undefined })
      changed = true
      continue
    }
    if (!node.children) {
      result.set(element, node)
      continue
    }
    const children = reconcile(node.children, held, below)
    if (children !== node.children) changed = true
    result.set(element, children === node.children ? node : { member: node.member, children })
  }
  return changed ? result : set
}

function heldBy(value: Json | undefined, element: string, schema: Schema | undefined): Json | undefined {
  if (element.startsWith('f:')) return isMap(value) ? value[element.slice(2)] : undefined
  if (!Array.isArray(value) || schema?.type !== 'array' || (schema.listType !== 'set' && schema.listType !== 'map'))
    return undefined
  return value.find((item) => itemElement(schema, item) === element)
}
