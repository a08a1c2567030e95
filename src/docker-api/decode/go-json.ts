import { badRequest } from '../http/docker-error.ts'
import { jsonFault } from './go-json-syntax.ts'

/**
 * A type in Go's own notation, since that is what its error sentences print: `string`, `int64`, `[]string`,
 * `map[string]string`, `*bool`, or the name of a structure in `structs`. `strslice` is a list that may be written as
 * one string.
 */
export type GoType = string

export type GoStruct = {
  /** The name with its package, as Go prints the type. */
  type: string
  /** Field (as JSON writes it) → type. */
  fields: Record<string, GoType>
}

export type GoStructs = Record<string, GoStruct>

type Place = { struct: string; fields: string[] }

/** Parses JSON; a fault of syntax has Go's sentence. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const fault = jsonFault(text)
    throw badRequest(fault === 'unexpected content after JSON' ? fault : `invalid JSON: ${fault}`)
  }
}

/** Thrown where a value has another type than its field. */
class Mismatch extends Error {}

/**
 * Reads JSON values into structures as Go's decoder does: field names match in any case, unknown fields are dropped,
 * null leaves a field out, and a value of a wrong type is refused with Go's sentence.
 */
export class GoJson {
  readonly #structs: GoStructs
  readonly #byLowerCase = new Map<string, Map<string, string>>()

  constructor(structs: GoStructs) {
    this.#structs = structs
  }

  decode(type: GoType, value: unknown): unknown {
    try {
      return this.#read(type, value, undefined)
    } catch (error) {
      if (error instanceof Mismatch) throw badRequest(`invalid JSON: ${error.message}`)
      throw error
    }
  }

  #read(type: GoType, value: unknown, place: Place | undefined): unknown {
    if (value === null) return undefined
    if (type === 'any') return value
    if (type.startsWith('*')) return this.#read(type.slice(1), value, place)
    if (type === 'strslice') {
      if (typeof value === 'string') return [value]
      return this.#list('string', '[]string', value, place)
    }
    if (type.startsWith('[]')) return this.#list(type.slice(2), type, value, place)
    if (type.startsWith('map[string]')) return this.#map(type.slice('map[string]'.length), type, value, place)
    const struct = this.#structs[type]
    if (struct !== undefined) return this.#struct(type, struct, value, place)
    return scalar(type, value, place)
  }

  #list(item: GoType, type: GoType, value: unknown, place: Place | undefined): unknown[] {
    if (!Array.isArray(value)) throw mismatch(value, this.#print(type), place)
    return value.map((each) => this.#read(item, each, place) ?? this.#zero(item))
  }

  #map(item: GoType, type: GoType, value: unknown, place: Place | undefined): Record<string, unknown> {
    if (!isObject(value)) throw mismatch(value, this.#print(type), place)
    const result: Record<string, unknown> = Object.create(null)
    for (const [key, each] of Object.entries(value)) result[key] = this.#read(item, each, place) ?? this.#zero(item)
    return { ...result }
  }

  #struct(name: string, struct: GoStruct, value: unknown, place: Place | undefined): Record<string, unknown> {
    if (!isObject(value)) throw mismatch(value, struct.type, place)
    const names = this.#fieldNames(name, struct)
    const short = struct.type.slice(struct.type.lastIndexOf('.') + 1)
    const result: Record<string, unknown> = {}
    for (const [key, each] of Object.entries(value)) {
      const field = Object.hasOwn(struct.fields, key) ? key : names.get(key.toLowerCase())
      const type = field === undefined ? undefined : struct.fields[field]
      if (field === undefined || type === undefined) continue
      const read = this.#read(type, each, { struct: short, fields: [...(place?.fields ?? []), field] })
      if (read !== undefined) result[field] = read
    }
    return result
  }

  #fieldNames(name: string, struct: GoStruct): Map<string, string> {
    const known = this.#byLowerCase.get(name)
    if (known !== undefined) return known
    const names = new Map(Object.keys(struct.fields).map((field) => [field.toLowerCase(), field]))
    this.#byLowerCase.set(name, names)
    return names
  }

  /** What null leaves in a list or map. */
  #zero(type: GoType): unknown {
    if (type === 'string') return ''
    if (type === 'bool') return false
    if (/^(u?int|float)/.test(type)) return 0
    return type.startsWith('[]') ? [] : type.startsWith('*') ? null : {}
  }

  #print(type: GoType): string {
    const prefix = /^(\*|\[\]|map\[string\])*/.exec(type)?.[0] ?? ''
    const base = type.slice(prefix.length)
    return prefix + (this.#structs[base]?.type ?? base)
  }
}

const ranges: Record<string, readonly [bigint, bigint]> = {
  int: [-(2n ** 63n), 2n ** 63n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint: [0n, 2n ** 64n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
}

function scalar(type: GoType, value: unknown, place: Place | undefined): unknown {
  if (type === 'string' || type === 'bool') {
    const wanted = type === 'bool' ? 'boolean' : 'string'
    if (typeof value === wanted) return value
    throw mismatch(value, type, place)
  }
  if (typeof value !== 'number') throw mismatch(value, type, place)
  if (type === 'float64') return value
  const range = ranges[type]
  if (range === undefined) throw new Error(`unknown Go type ${type}`)
  // 2^63 - 1 itself arrives as 2^63, the nearest double: the upper end is taken as reached, not passed.
  const fits = Number.isInteger(value) && value >= Number(range[0]) && value <= Number(range[1])
  if (!fits) throw mismatch(value, type, place, `number ${value}`)
  return value
}

function mismatch(value: unknown, type: string, place: Place | undefined, shown = kindOf(value)): Mismatch {
  const where = place === undefined ? 'Go value' : `Go struct field ${place.struct}.${place.fields.join('.')}`
  return new Mismatch(`json: cannot unmarshal ${shown} into ${where} of type ${type}`)
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
