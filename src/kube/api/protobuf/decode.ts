import type { Json, JsonObject, Schema } from '../../schema/index.ts'
import { formatDuration } from '../../schema/index.ts'
import { type MessageField, messageOf } from './messages.ts'
import { WireError, WireReader } from './wire.ts'

/** `k8s` and a zero byte stand before every message (runtime.Unknown, which says what is inside). */
const magic = [0x6b, 0x38, 0x73, 0x00]

const meta = 'apimachinery.pkg.apis.meta.v1'
const crd = 'apiextensions-apiserver.pkg.apis.apiextensions.v1'

/** Reads an object in Kubernetes' protobuf form as JSON. `resolve` finds the message and the shape of a kind. */
export function decodeProtobuf(
  bytes: Uint8Array,
  resolve: (
    apiVersion: string,
    kind: string,
  ) => { readonly message: string; readonly schema: Schema | undefined } | undefined,
): JsonObject {
  if (magic.some((byte, i) => bytes[i] !== byte))
    throw new WireError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  let apiVersion = ''
  let kind = ''
  let raw = new Uint8Array(0)
  const reader = new WireReader(bytes.subarray(magic.length))
  while (!reader.done) {
    const { number, wireType } = reader.field()
    if (number === 1 && wireType === 2) {
      const type = new WireReader(reader.bytes())
      while (!type.done) {
        const field = type.field()
        if (field.number === 1) apiVersion = type.text()
        else if (field.number === 2) kind = type.text()
        else type.skip(field.wireType)
      }
    } else if (number === 2 && wireType === 2) raw = new Uint8Array(reader.bytes())
    else reader.skip(wireType)
  }
  const found = resolve(apiVersion, kind)
  if (!found || !messageOf(found.message))
    throw new WireError(`no kind "${kind}" is registered for version "${apiVersion}"`)
  return { kind, apiVersion, ...(readMessage(raw, found.message, found.schema) as JsonObject) }
}

function readMessage(bytes: Uint8Array, name: string, schema: Schema | undefined): Json {
  const special = specials[name]
  if (special) return special(bytes)
  const fields = messageOf(name)
  if (!fields) throw new WireError(`proto: unknown message ${name}`)
  const result: JsonObject = {}
  const reader = new WireReader(bytes)
  while (!reader.done) {
    const { number, wireType } = reader.field()
    const field = fields.get(number)
    if (!field) {
      reader.skip(wireType)
      continue
    }
    const inner = schema?.fields?.get(field.name)
    if (field.form === 'map') readEntry(reader.bytes(), field, result, inner)
    else {
      const isInline = field.form === 'one' && field.type.length > 1 && schema?.fields !== undefined && !inner
      const value = readValue(reader, wireType, field, isInline ? schema : field.form === 'list' ? inner?.items : inner)
      if (isInline) Object.assign(result, value)
      else if (field.form === 'list') push(result, field.name, value)
      else if (value !== null) result[field.name] = value
    }
  }
  if (name === `${crd}.JSONSchemaProps`) dollarNames(result)
  return result
}

function push(result: JsonObject, name: string, value: Json): void {
  const list = result[name]
  if (Array.isArray(list)) list.push(value)
  else result[name] = [value]
}

function readEntry(bytes: Uint8Array, field: MessageField, result: JsonObject, schema: Schema | undefined): void {
  const reader = new WireReader(bytes)
  let key = ''
  let value: Json = field.type === 's' || field.type === 'y' ? '' : field.type.length === 1 ? 0 : {}
  while (!reader.done) {
    const { number, wireType } = reader.field()
    if (number === 1) key = reader.text()
    else if (number === 2) value = readValue(reader, wireType, field, schema?.items)
    else reader.skip(wireType)
  }
  const map = (result[field.name] ?? {}) as JsonObject
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true })
  result[field.name] = map
}

function readValue(reader: WireReader, wireType: number, { type }: MessageField, schema: Schema | undefined): Json {
  const expected = type === 'i' || type === 'b' ? 0 : type === 'd' ? 1 : 2
  if (wireType !== expected) throw new WireError(`proto: wrong wireType = ${wireType}`)
  switch (type) {
    case 's':
      return reader.text()
    case 'y':
      return base64(reader.bytes())
    case 'b':
      return reader.varint() !== 0
    case 'i':
      return reader.varint()
    case 'd':
      return reader.double()
    default:
      return readMessage(reader.bytes(), type, schema)
  }
}

/** The plain fields of a message that has no form of its own in JSON. */
function plain(bytes: Uint8Array, name: string): JsonObject {
  const result: JsonObject = {}
  const reader = new WireReader(bytes)
  const fields = messageOf(name)
  while (!reader.done) {
    const { number, wireType } = reader.field()
    const field = fields?.get(number)
    if (!field) reader.skip(wireType)
    else if (field.form === 'list') push(result, field.name, readValue(reader, wireType, field, undefined))
    else result[field.name] = readValue(reader, wireType, field, undefined)
  }
  return result
}

function time(name: string, digits: number): (bytes: Uint8Array) => Json {
  return (bytes) => {
    const { seconds = 0, nanos = 0 } = plain(bytes, name)
    if (seconds === 0 && nanos === 0) return null
    const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
    return digits === 0 ? `${whole}Z` : `${whole}.${String(Math.floor(Number(nanos) / 1000)).padStart(digits, '0')}Z`
  }
}

const json = (bytes: Uint8Array): Json => (bytes.length === 0 ? null : JSON.parse(new TextDecoder().decode(bytes)))

const rawJson = (bytes: Uint8Array): Json => {
  const reader = new WireReader(bytes)
  while (!reader.done) {
    const { number, wireType } = reader.field()
    if (number === 1 && wireType === 2) return json(reader.bytes())
    reader.skip(wireType)
  }
  return null
}

const items =
  (name: string) =>
  (bytes: Uint8Array): Json =>
    (plain(bytes, name).items ?? []) as Json

/** Messages whose JSON form is not an object of their fields. */
const specials: Readonly<Record<string, (bytes: Uint8Array) => Json>> = {
  [`${meta}.Time`]: time(`${meta}.Time`, 0),
  [`${meta}.MicroTime`]: time(`${meta}.MicroTime`, 6),
  [`${meta}.Duration`]: (bytes) => formatDuration(Number(plain(bytes, `${meta}.Duration`).duration ?? 0) / 1e6),
  [`${meta}.FieldsV1`]: rawJson,
  [`${meta}.Verbs`]: items(`${meta}.Verbs`),
  'apimachinery.pkg.runtime.RawExtension': rawJson,
  'apimachinery.pkg.api.resource.Quantity': (bytes) =>
    plain(bytes, 'apimachinery.pkg.api.resource.Quantity').string ?? '0',
  'apimachinery.pkg.util.intstr.IntOrString'(bytes) {
    const { type = 0, intVal = 0, strVal = '' } = plain(bytes, 'apimachinery.pkg.util.intstr.IntOrString')
    return (type === 1 ? strVal : intVal) as Json
  },
  'api.authentication.v1.ExtraValue': items('api.authentication.v1.ExtraValue'),
  'api.authorization.v1.ExtraValue': items('api.authorization.v1.ExtraValue'),
  'api.certificates.v1.ExtraValue': items('api.certificates.v1.ExtraValue'),
  [`${crd}.JSON`]: rawJson,
  [`${crd}.JSONSchemaPropsOrBool`](bytes) {
    const { allows = false, schema } = plain(bytes, `${crd}.JSONSchemaPropsOrBool`)
    return (schema ?? allows) as Json
  },
  [`${crd}.JSONSchemaPropsOrArray`](bytes) {
    const { schema, jSONSchemas } = plain(bytes, `${crd}.JSONSchemaPropsOrArray`)
    return (jSONSchemas ?? schema ?? null) as Json
  },
  [`${crd}.JSONSchemaPropsOrStringArray`](bytes) {
    const { schema, property } = plain(bytes, `${crd}.JSONSchemaPropsOrStringArray`)
    return (property ?? schema ?? null) as Json
  },
}

function dollarNames(schema: JsonObject): void {
  for (const name of ['schema', 'ref']) {
    const value = schema[name]
    delete schema[name]
    if (value !== undefined && value !== '') schema[`$${name}`] = value
  }
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
