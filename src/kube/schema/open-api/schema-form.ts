import type { JsonObject, Language, Schema } from '../contract.ts'
import { describe } from '../explain/describe.ts'
import { wireFormOf } from '../field-schema.ts'

/** How a version of OpenAPI writes references and the types that JSON Schema has no word for. */
export interface Dialect {
  readonly refPrefix: string
  /** Version 3 wraps references so that a description can stand beside them, and knows oneOf. */
  readonly version: 2 | 3
}

export const v2: Dialect = { refPrefix: '#/definitions/', version: 2 }
export const v3: Dialect = { refPrefix: '#/components/schemas/', version: 3 }

/** Definitions of values that are no objects; everything that refers to them names them. */
const named = {
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  microTime: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  duration: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
  raw: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  fields: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
  json: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON',
} as const

export function scalarDefinitions({ version }: Dialect, language: Language): Record<string, JsonObject> {
  const forms: Record<string, JsonObject> = {
    [named.quantity]: version === 3 ? { oneOf: [{ type: 'string' }, { type: 'number' }] } : { type: 'string' },
    [named.intOrString]:
      version === 3
        ? { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' }
        : { type: 'string', format: 'int-or-string' },
    [named.time]: { type: 'string', format: 'date-time' },
    [named.microTime]: { type: 'string', format: 'date-time' },
    [named.duration]: { type: 'string' },
    [named.raw]: { type: 'object' },
    [named.fields]: { type: 'object' },
    [named.json]: {},
  }
  for (const [name, form] of Object.entries(forms)) {
    const description = describe(name, undefined, language)
    if (description) form.description = description
  }
  return forms
}

/** The name of the definition that a schema is a reference to. */
export function referenceOf(schema: Schema): string | undefined {
  if (schema.definition) return schema.definition
  if (schema.format === 'quantity') return named.quantity
  if (schema.type === 'int-or-string') return named.intOrString
  if (schema.format === 'date-time') return named.time
  if (schema.format === 'micro-time') return named.microTime
  if (schema.format === 'duration') return named.duration
  if (schema.goType === 'runtime.RawExtension') return named.raw
  return schema.type === 'any' ? named.json : undefined
}

/** Fields of managed fields: an object like no other. */
const managedFields: Schema = { type: 'object', goType: 'v1.FieldsV1', definition: named.fields }

/** A definition as a document holds it. `refer` is told of every other definition that it mentions. */
export function definitionForm(
  schema: Schema,
  dialect: Dialect,
  language: Language,
  refer: (definition: string) => void,
): JsonObject {
  const form: JsonObject = {}
  const text = describe(schema.definition ?? '', undefined, language)
  if (text) form.description = text
  if (schema.fields) {
    const properties: JsonObject = {}
    for (const [name, field] of schema.fields) {
      const property = name === 'fieldsV1' ? managedFields : field
      properties[name] = propertyForm(property, dialect, refer, describe(schema.definition ?? '', name, language))
    }
    form.properties = properties
    if (schema.required && schema.required.length > 0) form.required = [...schema.required]
  }
  if (schema.type !== 'any') form.type = schema.type === 'object' || schema.type === 'map' ? 'object' : schema.type
  if (schema.mapType) form['x-kubernetes-map-type'] = schema.mapType
  return form
}

function propertyForm(
  schema: Schema,
  dialect: Dialect,
  refer: (definition: string) => void,
  description: string | undefined,
): JsonObject {
  const form: JsonObject = {}
  if (description) form.description = description
  Object.assign(form, valueForm(schema, dialect, refer))
  if (schema.default !== undefined) form.default = schema.default
  else {
    const { zero } = wireFormOf(schema)
    if (dialect.version === 3 && zero !== undefined && zero !== null) form.default = zero
  }
  if (schema.enum && dialect.version === 3) form.enum = [...schema.enum]
  if (schema.listMapKeys) form['x-kubernetes-list-map-keys'] = [...schema.listMapKeys]
  if (schema.listType) form['x-kubernetes-list-type'] = schema.listType
  if (schema.mapType && !schema.definition) form['x-kubernetes-map-type'] = schema.mapType
  if (schema.patchMergeKey) form['x-kubernetes-patch-merge-key'] = schema.patchMergeKey
  if (schema.patchStrategy) form['x-kubernetes-patch-strategy'] = schema.patchStrategy.join(',')
  return form
}

function valueForm(schema: Schema, dialect: Dialect, refer: (definition: string) => void): JsonObject {
  const reference = referenceOf(schema)
  if (reference) {
    refer(reference)
    const ref = { $ref: dialect.refPrefix + reference }
    return dialect.version === 3 ? { allOf: [ref] } : ref
  }
  switch (schema.type) {
    case 'array':
      return { items: itemForm(schema, dialect, refer), type: 'array' }
    case 'map':
      return { additionalProperties: itemForm(schema, dialect, refer), type: 'object' }
    case 'integer':
      return { format: schema.format ?? 'int64', type: 'integer' }
    case 'number':
      return { format: 'double', type: 'number' }
    case 'string':
      return schema.format === 'byte' ? { format: 'byte', type: 'string' } : { type: 'string' }
    case 'boolean':
      return { type: 'boolean' }
    default:
      return {}
  }
}

function itemForm(schema: Schema, dialect: Dialect, refer: (definition: string) => void): JsonObject {
  const { items } = schema
  if (!items) return {}
  const form = valueForm(items, dialect, refer)
  if (dialect.version === 3) {
    if (items.type === 'object' && items.fields) form.default = {}
    else if (items.type === 'string') form.default = ''
    else if (items.type === 'integer') form.default = 0
  }
  return form
}
