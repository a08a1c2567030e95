import type { Json, JsonObject } from '../../schema/index.ts'
import { WireWriter } from '../protobuf/wire.ts'

/**
 * OpenAPI 2 in the protobuf form of gnostic (openapi.v2.Document), which kubectl before 1.27 and others ask for. The
 * numbers are those of gnostic's OpenAPIv2.proto; extensions are named YAML texts.
 */
export function encodeGnostic(document: JsonObject): Uint8Array {
  const { swagger, info, paths, definitions, securityDefinitions: _, security: __ } = document
  const { title, version } = info as JsonObject
  return new WireWriter()
    .text(1, String(swagger))
    .message(2, (writer) => writer.text(1, String(title)).text(2, String(version)))
    .message(8, (writer) => {
      for (const [path, item] of entries(paths))
        writer.message(2, (named) => named.text(1, path).message(2, (inner) => pathItem(inner, item)))
    })
    .message(9, (writer) => {
      for (const [name, schema] of entries(definitions))
        writer.message(1, (named) => named.text(1, name).message(2, (inner) => writeSchema(inner, schema)))
    })
    .finish()
}

const entries = (value: Json | undefined) => Object.entries((value ?? {}) as JsonObject) as [string, JsonObject][]
const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : [])

const methods: Readonly<Record<string, number>> = { get: 2, put: 3, post: 4, delete: 5, options: 6, head: 7, patch: 8 }

function pathItem(writer: WireWriter, item: JsonObject): void {
  for (const [method, number] of Object.entries(methods)) {
    const operation = item[method]
    if (operation) writer.message(number, (inner) => writeOperation(inner, operation as JsonObject))
  }
  for (const parameter of list(item.parameters))
    writer.message(9, (inner) => parametersItem(inner, parameter as JsonObject))
}

function writeOperation(writer: WireWriter, operation: JsonObject): void {
  for (const tag of list(operation.tags)) writer.text(1, String(tag))
  if (operation.description) writer.text(3, String(operation.description))
  if (operation.operationId) writer.text(5, String(operation.operationId))
  for (const type of list(operation.produces)) writer.text(6, String(type))
  for (const type of list(operation.consumes)) writer.text(7, String(type))
  for (const parameter of list(operation.parameters))
    writer.message(8, (inner) => parametersItem(inner, parameter as JsonObject))
  writer.message(9, (responses) => {
    for (const [code, response] of entries(operation.responses))
      responses.message(1, (named) =>
        named.text(1, code).message(2, (value) => value.message(1, (inner) => writeResponse(inner, response))),
      )
  })
  for (const scheme of list(operation.schemes)) writer.text(10, String(scheme))
  extensions(writer, 13, operation)
}

function writeResponse(writer: WireWriter, response: JsonObject): void {
  writer.text(1, String(response.description ?? ''))
  const { schema } = response
  if (schema) writer.message(2, (item) => item.message(1, (inner) => writeSchema(inner, schema as JsonObject)))
}

/** ParametersItem { parameter = 1 }, Parameter { body_parameter = 1, non_body_parameter = 2 } */
function parametersItem(writer: WireWriter, parameter: JsonObject): void {
  if (typeof parameter.$ref === 'string') {
    const { $ref } = parameter
    writer.message(2, (reference) => reference.text(1, $ref))
    return
  }
  writer.message(1, (outer) => {
    if (parameter.in === 'body') {
      outer.message(1, (body) => {
        if (parameter.description) body.text(1, String(parameter.description))
        body.text(2, String(parameter.name)).text(3, 'body')
        if (parameter.required) body.bool(4, true)
        body.message(5, (inner) => writeSchema(inner, (parameter.schema ?? {}) as JsonObject))
      })
      return
    }
    outer.message(2, (nonBody) => {
      if (parameter.in === 'header') nonBody.message(1, (inner) => nonBodyFields(inner, parameter, 5))
      else if (parameter.in === 'path') nonBody.message(4, (inner) => nonBodyFields(inner, parameter, 5))
      else nonBody.message(3, (inner) => nonBodyFields(inner, parameter, 6))
    })
  })
}

/** Query parameters have one field more (allow_empty_value) before their type. */
function nonBodyFields(writer: WireWriter, parameter: JsonObject, type: number): void {
  if (parameter.required) writer.bool(1, true)
  writer.text(2, String(parameter.in))
  if (parameter.description) writer.text(3, String(parameter.description))
  writer.text(4, String(parameter.name)).text(type, String(parameter.type ?? 'string'))
  if (parameter.uniqueItems) writer.bool(type + 14, true)
}

function writeSchema(writer: WireWriter, schema: JsonObject): void {
  if (schema.$ref) writer.text(1, String(schema.$ref))
  if (schema.format) writer.text(2, String(schema.format))
  if (schema.title) writer.text(3, String(schema.title))
  if (schema.description) writer.text(4, String(schema.description))
  if (schema.default !== undefined) writer.message(5, (any) => any.text(2, JSON.stringify(schema.default)))
  for (const name of list(schema.required)) writer.text(19, String(name))
  for (const value of list(schema.enum)) writer.message(20, (any) => any.text(2, JSON.stringify(value)))
  const additional = schema.additionalProperties
  if (typeof additional === 'boolean') writer.message(21, (item) => item.bool(2, additional))
  else if (additional)
    writer.message(21, (item) => item.message(1, (inner) => writeSchema(inner, additional as JsonObject)))
  if (schema.type)
    writer.message(22, (item) => {
      for (const type of Array.isArray(schema.type) ? schema.type : [schema.type]) item.text(1, String(type))
    })
  const { items } = schema
  if (items) writer.message(23, (item) => item.message(1, (inner) => writeSchema(inner, items as JsonObject)))
  for (const part of list(schema.allOf)) writer.message(24, (inner) => writeSchema(inner, part as JsonObject))
  if (schema.properties)
    writer.message(25, (properties) => {
      for (const [name, property] of entries(schema.properties))
        properties.message(1, (named) => named.text(1, name).message(2, (inner) => writeSchema(inner, property)))
    })
  extensions(writer, 31, schema)
}

/** NamedAny { name = 1, value = 2 }, Any { yaml = 2 } */
function extensions(writer: WireWriter, number: number, value: JsonObject): void {
  for (const [name, extension] of Object.entries(value))
    if (name.startsWith('x-'))
      writer.message(number, (named) =>
        named.text(1, name).message(2, (any) => any.text(2, `${JSON.stringify(extension)}\n`)),
      )
}
