import type { Description, Schema } from './description.ts'

/** JSON Schema, as ajv takes it. */
type JsonSchema = Record<string, unknown>

/** Operation (`GET /images/json`) → status → schema, and the definitions that they point to. */
export function answers(description: Description) {
  const operations: Record<string, Record<string, JsonSchema | null>> = {}
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.responses === undefined) continue
      const byStatus: Record<string, JsonSchema | null> = {}
      for (const [status, { schema }] of Object.entries(operation.responses)) {
        byStatus[status] = schema === undefined ? null : jsonSchema(schema)
      }
      operations[`${method.toUpperCase()} ${path}`] = byStatus
    }
  }
  const definitions: Record<string, JsonSchema> = {}
  for (const [name, schema] of Object.entries(description.definitions)) definitions[name] = jsonSchema(schema)
  return { operations, definitions }
}

/** Keeps what constrains a value, leaves out prose and examples, and turns x-nullable into a type. */
function jsonSchema(schema: Schema): JsonSchema {
  if (schema.$ref !== undefined) {
    const target = { $ref: schema.$ref.replace('#/definitions/', '#/$defs/') }
    return schema['x-nullable'] === true ? { anyOf: [target, { type: 'null' }] } : target
  }
  const result: JsonSchema = {}
  const type = schema.type ?? (schema.properties === undefined ? undefined : 'object')
  if (type !== undefined && schema.type !== 'file') result.type = nullable(schema) ? [type, 'null'] : type
  if (schema.enum !== undefined) result.enum = nullable(schema) ? [...schema.enum, null] : schema.enum
  for (const name of ['minimum', 'maximum', 'minItems', 'maxItems', 'required'] as const) {
    if (schema[name] !== undefined) result[name] = schema[name]
  }
  if (schema.items !== undefined) result.items = jsonSchema(schema.items)
  if (schema.properties !== undefined) {
    result.properties = Object.fromEntries(Object.entries(schema.properties).map(([k, v]) => [k, jsonSchema(v)]))
  }
  if (typeof schema.additionalProperties === 'object') {
    result.additionalProperties = jsonSchema(schema.additionalProperties)
  }
  if (schema.allOf !== undefined) result.allOf = schema.allOf.map(jsonSchema)
  return result
}

const nullable = (schema: Schema) => schema['x-nullable'] === true
