import type { Description, Schema } from './description.ts'

/** JSON Schema (2019-09), as ajv takes it. */
type JsonSchema = Record<string, unknown>

/**
 * Operation (`GET /images/json`) → status → schema, and the definitions that they point to. Objects are closed: a field
 * that the description does not know is a fault, as is one of the wrong type. A definition that others extend stands
 * twice, open (`Network`) to be extended and closed (`Network!`) to be used.
 */
export function answers(description: Description) {
  const operations: Record<string, Record<string, JsonSchema | null>> = {}
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.responses === undefined) continue
      const byStatus: Record<string, JsonSchema | null> = {}
      for (const [status, { schema }] of Object.entries(operation.responses)) {
        byStatus[status] = schema === undefined ? null : jsonSchema(schema, 'closed')
      }
      operations[`${method.toUpperCase()} ${path}`] = byStatus
    }
  }
  const definitions: Record<string, JsonSchema> = {}
  for (const [name, schema] of Object.entries(description.definitions)) {
    definitions[name] = jsonSchema(schema, 'open')
    definitions[`${name}!`] = isObject(schema)
      ? { $ref: `#/$defs/${name}`, unevaluatedProperties: false }
      : { $ref: `#/$defs/${name}` }
  }
  return { operations, definitions }
}

/** Keeps what constrains a value, leaves out prose and examples, and turns x-nullable into a type. */
function jsonSchema(schema: Schema, edge: 'open' | 'closed'): JsonSchema {
  const nullable = schema['x-nullable'] === true
  if (schema.$ref !== undefined) {
    const target = { $ref: schema.$ref.replace('#/definitions/', '#/$defs/') + (edge === 'closed' ? '!' : '') }
    return nullable ? { anyOf: [target, { type: 'null' }] } : target
  }
  const result: JsonSchema = {}
  const type = schema.type ?? (schema.properties === undefined ? undefined : 'object')
  if (type !== undefined && schema.type !== 'file') result.type = nullable ? [type, 'null'] : type
  if (schema.enum !== undefined) result.enum = nullable ? [...schema.enum, null] : schema.enum
  for (const name of ['minimum', 'maximum', 'minItems', 'maxItems', 'required'] as const) {
    if (schema[name] !== undefined) result[name] = schema[name]
  }
  if (schema.items !== undefined) result.items = jsonSchema(schema.items, 'closed')
  if (schema.properties !== undefined) {
    result.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, jsonSchema(property, 'closed')]),
    )
  }
  if (typeof schema.additionalProperties === 'object') {
    result.additionalProperties = jsonSchema(schema.additionalProperties, 'closed')
  }
  if (schema.allOf !== undefined) result.allOf = schema.allOf.map((each) => jsonSchema(each, 'open'))
  if (edge === 'closed' && isObject(schema)) result.unevaluatedProperties = false
  return result
}

const isObject = (schema: Schema) =>
  schema.additionalProperties === undefined && (schema.properties !== undefined || schema.allOf !== undefined)
