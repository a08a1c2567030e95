import { DecodeError, type Json, type JsonObject, type Schema } from './contract.ts'
import { schemaOf, type WireForm, wireFormOf } from './field-schema.ts'
import { goQuote } from './validation/field-error.ts'
import { canonicalQuantity } from './value/quantity.ts'
import { canonicalTime } from './value/time.ts'

export interface Decoded {
  /** A new object: unknown fields left out, zero values written as Kubernetes writes them. */
  readonly object: JsonObject
  /** `unknown field "spec.foo"`, at most 100: what is wrong under strict field validation. */
  readonly strictErrors: string[]
}

export interface DecodeOptions {
  /**
   * Leave absent fields absent and zero values as they are, instead of writing the object as Go would: for
   * configurations that are merged into something later.
   */
  readonly partial?: boolean
}

const maxStrictErrors = 100

/**
 * Reads a JSON value as a definition (`io.k8s.api.apps.v1.Deployment`).
 * @throws DecodeError in the words of Go's decoder where a value has the wrong type
 */
export function decodeAs(definition: string, value: unknown, options: DecodeOptions = {}): Decoded {
  const schema = schemaOf(definition)
  if (!schema) throw new DecodeError(`no kind is known by the definition ${definition}`)
  return decodeWith(schema, value, options)
}

/** The same for any schema. */
export function decodeWith(schema: Schema, value: unknown, options: DecodeOptions = {}): Decoded {
  const decoder = new Decoder(options.partial ?? false)
  const object = decoder.value(schema, value as Json)
  return { object: (object ?? {}) as JsonObject, strictErrors: decoder.strictErrors }
}

/** The sentence of a 400 for strict errors. */
export const strictDecodingMessage = (errors: readonly string[]): string =>
  `strict decoding error: ${errors.join(', ')}`

const kindOf = (value: Json): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value

class Decoder {
  readonly strictErrors: string[] = []
  readonly #partial: boolean
  /** Field names without indexes, as type errors show them. */
  readonly #fields: string[] = []
  /** The same with `[0]`, as strict errors show them. */
  readonly #path: (string | number)[] = []
  #struct = ''

  constructor(partial: boolean) {
    this.#partial = partial
  }

  /** The value as the schema has it; undefined where it is nothing: null. */
  value(schema: Schema, value: Json | undefined): Json | undefined {
    if (value === null || value === undefined) return undefined
    switch (schema.type) {
      case 'object':
        return this.#object(schema, value)
      case 'array':
        return this.#array(schema, value)
      case 'map':
        return this.#map(schema, value)
      case 'string':
        if (typeof value !== 'string') throw this.#mismatch(kindOf(value), schema)
        return schema.format === undefined ? value : this.#formatted(schema, value)
      case 'integer':
        return this.#integer(schema, value)
      case 'boolean':
        if (typeof value !== 'boolean') throw this.#mismatch(kindOf(value), schema)
        return value
      case 'number':
        if (typeof value !== 'number') throw this.#mismatch(kindOf(value), schema)
        return value
      case 'int-or-string':
        return this.#intOrString(schema, value)
      case 'any':
        return value
    }
  }

  #object(schema: Schema, value: Json): JsonObject {
    const { fields } = schema
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#mismatch(kindOf(value), schema)
    const result: JsonObject = {}
    const outer = this.#struct
    this.#struct = schema.definition ?? ''
    for (const name in value) {
      const field = fields?.get(name)
      if (!field) {
        if (schema.preserveUnknownFields) result[name] = value[name]
        else this.#unknown(name)
        continue
      }
      this.#fields.push(name)
      this.#path.push(name)
      const decoded = this.value(field, value[name])
      this.#fields.pop()
      this.#path.pop()
      if (decoded !== undefined && (this.#partial || !vanishes(decoded, field))) result[name] = decoded
      else if (this.#partial && value[name] === null) result[name] = null
    }
    if (!this.#partial) fillIn(result, wireFormOf(schema))
    this.#struct = outer
    return result
  }

  #array(schema: Schema, value: Json): Json[] {
    if (!Array.isArray(value)) throw this.#mismatch(kindOf(value), schema)
    const { items } = schema
    if (!items) return value
    const result: Json[] = new Array(value.length)
    for (let i = 0; i < value.length; i++) {
      this.#path.push(i)
      result[i] = this.value(items, value[i]) ?? zeroItem(items)
      this.#path.pop()
    }
    return result
  }

  #map(schema: Schema, value: Json): JsonObject {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#mismatch(kindOf(value), schema)
    const { items } = schema
    if (!items) return value
    const result: JsonObject = {}
    for (const key in value) {
      this.#path.push(key)
      const decoded = this.value(items, value[key]) ?? zeroItem(items)
      this.#path.pop()
      // a key named __proto__ is a key like any other
      if (key === '__proto__') Object.defineProperty(result, key, { value: decoded, enumerable: true, writable: true })
      else result[key] = decoded
    }
    return result
  }

  #integer(schema: Schema, value: Json): number {
    if (typeof value !== 'number') throw this.#mismatch(kindOf(value), schema)
    const fits = Number.isInteger(value) && (schema.format !== 'int32' || (value >= -2147483648 && value <= 2147483647))
    if (!fits) throw this.#mismatch(`number ${value}`, schema)
    return value
  }

  #intOrString(schema: Schema, value: Json): Json {
    if (schema.format === 'quantity') {
      if (typeof value === 'string' || typeof value === 'number') return canonical(() => canonicalQuantity(value))
      // the quantity's own reader takes any token as text
      return canonical(() => canonicalQuantity(JSON.stringify(value)))
    }
    if (typeof value === 'string') return value
    if (typeof value !== 'number') {
      throw new DecodeError(`json: cannot unmarshal ${kindOf(value)} into Go value of type int32`)
    }
    if (!Number.isInteger(value) || Math.abs(value) > 2147483647) {
      throw new DecodeError(`json: cannot unmarshal number ${value} into Go value of type int32`)
    }
    return value
  }

  #formatted(schema: Schema, value: string): Json {
    switch (schema.format) {
      case 'date-time':
        return canonical(() => canonicalTime(value, 'seconds'))
      case 'micro-time':
        return canonical(() => canonicalTime(value, 'micros'))
      case 'byte':
        checkBase64(value)
        return value
      default:
        return value
    }
  }

  #unknown(name: string): void {
    if (this.strictErrors.length >= maxStrictErrors) return
    this.strictErrors.push(`unknown field ${goQuote(pathText([...this.#path, name]))}`)
  }

  #mismatch(found: string, schema: Schema): DecodeError {
    const goType = schema.goType
    if (this.#fields.length === 0)
      return new DecodeError(`json: cannot unmarshal ${found} into Go value of type ${goType}`)
    const struct = this.#struct.slice(this.#struct.lastIndexOf('.') + 1)
    return new DecodeError(
      `json: cannot unmarshal ${found} into Go struct field ${struct}.${this.#fields.join('.')} of type ${goType}`,
    )
  }
}

function canonical<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new DecodeError(error instanceof Error ? error.message : String(error))
  }
}

/** A null among the items is Go's zero value of their type. */
function zeroItem(items: Schema): Json {
  switch (items.type) {
    case 'object':
    case 'map':
      return {}
    case 'string':
      return ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'int-or-string':
      return items.format === 'quantity' ? '0' : 0
    default:
      return null
  }
}

/** Whether Go leaves the field out: it is zero, and neither a pointer nor one that is always written. */
function vanishes(value: Json, field: Schema): boolean {
  switch (field.type) {
    case 'string':
      return value === '' && !wireFormOf(field).pointer
    case 'integer':
    case 'number':
      return value === 0 && !wireFormOf(field).pointer
    case 'boolean':
      return value === false && !wireFormOf(field).pointer
    case 'array':
      return (value as Json[]).length === 0 && wireFormOf(field).zero === undefined
    case 'map':
      return wireFormOf(field).zero === undefined && isEmptyObject(value)
    default:
      return false
  }
}

function isEmptyObject(value: Json): boolean {
  for (const _ in value as object) return false
  return true
}

/** Writes the zero values that Go never leaves out. */
function fillIn(object: JsonObject, { alwaysWritten }: WireForm): void {
  for (const [name, zero] of alwaysWritten) {
    if (object[name] === undefined) object[name] = typeof zero === 'object' && zero !== null ? { ...zero } : zero
  }
}

function pathText(path: readonly (string | number)[]): string {
  let text = ''
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`
  return text
}

const base64Alphabet = /[^A-Za-z0-9+/]/

function checkBase64(text: string): void {
  const body = text.replace(/[\r\n]/g, '')
  const unpadded = body.replace(/={1,2}$/, '')
  const wrong = base64Alphabet.exec(unpadded)
  if (wrong) throw new DecodeError(`illegal base64 data at input byte ${text.indexOf(wrong[0])}`)
  if (body.length % 4 !== 0) throw new DecodeError(`illegal base64 data at input byte ${base64End(body, unpadded)}`)
  if (unpadded.length % 4 === 1) throw new DecodeError(`illegal base64 data at input byte ${unpadded.length}`)
}

/** Where Go's reader notices that the last group of four is not whole. */
const base64End = (body: string, unpadded: string): number =>
  body.length === unpadded.length ? body.length - (body.length % 4) : body.length
