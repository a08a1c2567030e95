import type { Json, Schema } from './contract.ts'
import typesData from './generated/types.json' with { type: 'json' }

const lines: Readonly<Record<string, string>> = typesData
const definitions = new Map<string, Schema | undefined>()

/** The schema of a definition, `io.k8s.api.core.v1.Pod`; undefined where there is none of that name. */
export function schemaOf(definition: string): Schema | undefined {
  const key = definition.startsWith('io.k8s.') ? definition.slice(7) : definition
  let schema = definitions.get(key)
  if (schema === undefined && !definitions.has(key)) {
    const line = lines[key]
    schema = line === undefined ? undefined : new LazySchema(codeOf(key, line), [], key)
    definitions.set(key, schema)
  }
  return schema
}

/** How Go writes a field's zero value. */
export interface WireForm {
  /** The value that is written although nobody set it (`resources: {}`). */
  readonly zero: Json | undefined
  /** A pointer: what was set stays, be it false, 0 or ''. Other fields vanish when they are zero. */
  readonly pointer: boolean
  /** Fields of an object that have such a `zero`. */
  readonly alwaysWritten: readonly (readonly [field: string, zero: Json])[]
}

const plainWireForm: WireForm = { zero: undefined, pointer: false, alwaysWritten: [] }

/** The wire form of a built-in schema; a schema made by somebody else has the plain one. */
export function wireFormOf(schema: Schema): WireForm {
  return schema instanceof LazySchema ? schema : plainWireForm
}

/**
 * The schema at a path of field names below a definition. Items of arrays and values of maps are at any index or key:
 * `schemaAt(pod, ['spec', 'containers', '0', 'name'])`.
 */
export function schemaAt(definition: string, path: readonly string[]): Schema | undefined {
  let schema = schemaOf(definition)
  for (const step of path) {
    if (!schema) return undefined
    schema = schema.fields ? schema.fields.get(step) : schema.items
  }
  return schema
}

const codeOf = (key: string, line: string): string => (line.startsWith('=') ? line.slice(1) : `@${key}`)

const scalars: Readonly<Record<string, Pick<Schema, 'type' | 'format' | 'goType' | 'preserveUnknownFields'>>> = {
  s: { type: 'string', goType: 'string' },
  b: { type: 'boolean', goType: 'bool' },
  i: { type: 'integer', format: 'int32', goType: 'int32' },
  l: { type: 'integer', format: 'int64', goType: 'int64' },
  d: { type: 'number', format: 'double', goType: 'float64' },
  y: { type: 'string', format: 'byte', goType: '[]uint8' },
  q: { type: 'int-or-string', format: 'quantity', goType: 'resource.Quantity' },
  x: { type: 'int-or-string', goType: 'intstr.IntOrString' },
  t: { type: 'string', format: 'date-time', goType: 'v1.Time' },
  m: { type: 'string', format: 'micro-time', goType: 'v1.MicroTime' },
  u: { type: 'string', format: 'duration', goType: 'v1.Duration' },
  '*': { type: 'any', goType: 'runtime.RawExtension', preserveUnknownFields: true },
  '?': { type: 'any', goType: 'interface {}', preserveUnknownFields: true },
}

/** One node of the data, read out of its line the first time that somebody asks. */
class LazySchema implements Schema, WireForm {
  readonly type: Schema['type']
  readonly format?: Exclude<Schema['format'], undefined>
  readonly definition?: string
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  readonly mapType?: 'atomic' | 'granular'
  readonly patchStrategy?: readonly ('merge' | 'replace' | 'retainKeys')[]
  readonly patchMergeKey?: string
  readonly default?: Json
  readonly enum?: readonly string[]
  readonly preserveUnknownFields?: boolean
  readonly zero: Json | undefined
  readonly pointer: boolean
  readonly #code: string
  readonly #pointers: boolean
  readonly #named: string | undefined
  #fields: Map<string, Schema> | undefined
  #items: Schema | undefined
  #required: string[] | undefined
  #alwaysWritten: [string, Json][] | undefined

  constructor(code: string, attributes: readonly string[], key?: string) {
    this.#code = code
    let named: string | undefined
    let pointers = false
    let pointer = false
    let zero: Json | undefined
    for (const attribute of attributes) {
      const [letters, value] = attributeParts(attribute)
      if (letters === 'lt') this.listType = value as 'atomic' | 'set' | 'map'
      else if (letters === 'mk') this.listMapKeys = value.split(',')
      else if (letters === 'mt') this.mapType = value as 'atomic' | 'granular'
      else if (letters === 'ps') this.patchStrategy = value.split(',') as ('merge' | 'replace' | 'retainKeys')[]
      else if (letters === 'pk') this.patchMergeKey = value
      else if (letters === 'z') zero = JSON.parse(value)
      else if (letters === 'g') named = value
      else if (letters === 'e') this.enum = value.split('|')
      else if (letters === 'd') this.default = JSON.parse(value)
      else if (letters === 'p') pointers = true
      else if (letters === 'P') pointer = true
    }
    this.#named = named
    this.#pointers = pointers
    this.pointer = pointer
    this.zero = zero
    const scalar = scalars[code]
    if (scalar) {
      this.type = scalar.type
      if (scalar.format) this.format = scalar.format
      if (scalar.preserveUnknownFields) this.preserveUnknownFields = true
    } else if (code.startsWith('[]')) this.type = 'array'
    else if (code.startsWith('{}')) this.type = 'map'
    else {
      const name = key ?? code.slice(1)
      const line = lines[name]
      if (line?.startsWith('=')) {
        const inner = scalars[line.slice(1)]
        this.type = inner?.type ?? 'any'
        if (!inner || inner.preserveUnknownFields) this.preserveUnknownFields = true
      } else {
        this.type = 'object'
        const mapType = /^~(\w+) /.exec(line ?? '')?.[1]
        if (mapType) this.mapType = mapType as 'atomic' | 'granular'
      }
      this.definition = `io.k8s.${name}`
    }
  }

  get goType(): string {
    const scalar = scalars[this.#code]
    if (scalar) return this.#named ?? scalar.goType
    if (this.type === 'array') return `[]${this.#pointers ? '*' : ''}${this.#elementGoType()}`
    if (this.type === 'map') return `map[string]${this.#elementGoType()}`
    return (this.definition ?? '').split('.').slice(-2).join('.')
  }

  #elementGoType(): string {
    return this.#named && scalars[this.#code.slice(2)] ? this.#named : (this.items?.goType ?? 'interface {}')
  }

  get fields(): ReadonlyMap<string, Schema> | undefined {
    if (this.type !== 'object') return undefined
    this.#fields ??= this.#readFields()
    return this.#fields
  }

  get required(): readonly string[] {
    if (this.type !== 'object') return []
    this.#fields ??= this.#readFields()
    return this.#required ?? []
  }

  get alwaysWritten(): readonly (readonly [string, Json])[] {
    if (!this.#alwaysWritten) {
      this.#alwaysWritten = []
      for (const [name, field] of this.fields ?? []) {
        const zero = wireFormOf(field).zero
        if (zero !== undefined) this.#alwaysWritten.push([name, zero])
      }
    }
    return this.#alwaysWritten
  }

  get items(): Schema | undefined {
    if (this.type !== 'array' && this.type !== 'map') return undefined
    this.#items ??= sharedSchema(this.#code.slice(2))
    return this.#items
  }

  #readFields(): Map<string, Schema> {
    const fields = new Map<string, Schema>()
    const line = lines[(this.definition ?? '').slice(7)] ?? ''
    for (const field of line.split(' ')) {
      const colon = field.indexOf(':')
      if (colon < 0) continue
      let name = field.slice(0, colon)
      if (name.endsWith('!')) {
        name = name.slice(0, -1)
        this.#required ??= []
        this.#required.push(name)
      }
      const [code = '?', ...attributes] = field.slice(colon + 1).split(';')
      fields.set(name, attributes.length === 0 ? sharedSchema(code) : new LazySchema(code, attributes))
    }
    return fields
  }
}

/** Fields without attributes of their own share one node per type. */
const shared = new Map<string, Schema>()
function sharedSchema(code: string): Schema {
  const known = shared.get(code)
  if (known) return known
  const schema = (code.startsWith('@') ? schemaOf(code.slice(1)) : undefined) ?? new LazySchema(code, [])
  shared.set(code, schema)
  return schema
}

function attributeParts(attribute: string): [string, string] {
  const equals = attribute.indexOf('=')
  return equals < 0 ? [attribute, ''] : [attribute.slice(0, equals), attribute.slice(equals + 1)]
}
