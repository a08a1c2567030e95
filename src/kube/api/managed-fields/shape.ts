import { decodeWith, type Json, type Schema } from '../../schema/index.ts'
import { keyElement } from './fields-v1.ts'

/**
 * How a value is taken apart for ownership: a leaf is owned as one, a struct and a map by their fields, a list by its
 * items.
 */
export type Shape =
  | { readonly form: 'leaf' }
  | { readonly form: 'map'; readonly schema: Schema | undefined }
  | { readonly form: 'list'; readonly schema: Schema }

const leaf: Shape = { form: 'leaf' }

export type JsonMap = { [key: string]: Json | undefined }

export const isMap = (value: Json | undefined): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function shapeOf(schema: Schema | undefined, value: Json | undefined): Shape {
  if (schema?.mapType === 'atomic' || (schema?.type === 'any' && schema.goType === 'runtime.RawExtension')) return leaf
  if (schema?.type === 'array')
    return schema.listType === 'set' || schema.listType === 'map' ? { form: 'list', schema } : leaf
  if (schema?.type === 'object' || schema?.type === 'map') return { form: 'map', schema }
  // Where nothing is known of the type, the value tells: maps by their fields, lists as one.
  if ((!schema || schema.type === 'any') && isMap(value)) return { form: 'map', schema: undefined }
  return leaf
}

/** The schema of a field or of a map's value. */
export function fieldSchema(schema: Schema | undefined, name: string): Schema | undefined {
  return schema?.fields ? schema.fields.get(name) : schema?.items
}

/** True for a declared field of a struct, false for the key of a map. */
export function isDeclared(schema: Schema | undefined, name: string): boolean {
  return schema?.fields?.has(name) ?? false
}

/** The path element of an item of an associative list. @throws Error with structured-merge-diff's own sentence */
export function itemElement(schema: Schema, item: Json): string {
  if (schema.listType === 'set') {
    if (isMap(item)) throw new Error("associative list without keys has an element that's a map type")
    if (Array.isArray(item)) throw new Error('not supported: associative list with lists as elements')
    if (item === null) throw new Error("associative list without keys has an element that's an explicit null")
    return `v:${JSON.stringify(item)}`
  }
  if (item === null) throw new Error('associative list with keys may not have a null element')
  if (!isMap(item)) throw new Error('associative list with keys may not have non-map elements')
  const names = schema.listMapKeys ?? []
  const keys: Record<string, Json> = {}
  let count = 0
  for (const name of names) {
    const value = item[name] ?? schema.items?.fields?.get(name)?.default
    if (value === undefined || value === null) continue
    keys[name] = value
    count++
  }
  if (count === 0)
    throw new Error(
      `associative list with keys has an element that omits all key fields [${names.map((name) => `"${name}"`).join(' ')}] (and doesn't have default values for any key fields)`,
    )
  return keyElement(keys)
}

/** What Go's zero value of a type looks like in JSON: structs are there, lists without omitempty are empty. */
export function zeroObject(schema: Schema | undefined): JsonMap {
  if (!schema) return {}
  const known = zeroObjects.get(schema)
  if (known) return known
  const zero: JsonMap = { ...decodeWith(schema, {}).object }
  for (const name in zero) {
    const field = schema.fields?.get(name)
    if (field?.type === 'object' && isMap(zero[name])) zero[name] = { ...zeroObject(field), ...zero[name] }
  }
  zeroObjects.set(schema, zero)
  return zero
}

const zeroObjects = new WeakMap<Schema, JsonMap>()
