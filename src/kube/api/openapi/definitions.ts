import { apiVersionOf, type JsonObject, type Schema } from '../../schema/index.ts'
import type { ServedResource } from '../resource.ts'

/** OpenAPI 2 (`/openapi/v2`) or 3 (`/openapi/v3`): they differ in where definitions are and what may stand beside $ref. */
export type OpenApiVersion = 2 | 3

const meta = 'io.k8s.apimachinery.pkg'

/** Scalars that have a definition of their own. */
const named: Readonly<Record<string, string>> = {
  quantity: `${meta}.api.resource.Quantity`,
  'date-time': `${meta}.apis.meta.v1.Time`,
  'micro-time': `${meta}.apis.meta.v1.MicroTime`,
  duration: `${meta}.apis.meta.v1.Duration`,
  'int-or-string': `${meta}.util.intstr.IntOrString`,
  raw: `${meta}.runtime.RawExtension`,
}

const scalarDefinitions = (version: OpenApiVersion): Readonly<Record<string, JsonObject>> => ({
  [`${meta}.api.resource.Quantity`]:
    version === 2 ? { type: 'string' } : { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [`${meta}.apis.meta.v1.Time`]: { type: 'string', format: 'date-time' },
  [`${meta}.apis.meta.v1.MicroTime`]: { type: 'string', format: 'date-time' },
  [`${meta}.apis.meta.v1.Duration`]: { type: 'string' },
  [`${meta}.util.intstr.IntOrString`]:
    version === 2
      ? { type: 'string', format: 'int-or-string' }
      : { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
  [`${meta}.runtime.RawExtension`]: { type: 'object' },
})

/** Gathers the definitions that a document needs, beginning with those of its kinds. */
export class Definitions {
  readonly #version: OpenApiVersion
  readonly #scalars: Readonly<Record<string, JsonObject>>
  readonly #describe: (definition: string, field?: string) => string | undefined
  readonly #all: Record<string, JsonObject> = {}

  constructor(
    version: OpenApiVersion,
    describe: (definition: string, field?: string) => string | undefined = () => undefined,
  ) {
    this.#version = version
    this.#scalars = scalarDefinitions(version)
    this.#describe = describe
  }

  /** Every definition by name, in the order of names. */
  all(): JsonObject {
    return Object.fromEntries(Object.entries(this.#all).sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  ref(definition: string): JsonObject {
    const place = this.#version === 2 ? '#/definitions/' : '#/components/schemas/'
    return { $ref: `${place}${definition}` }
  }

  /** The definitions of a resource's objects and of their list. */
  addResource({ info, schema }: ServedResource): void {
    if (!schema) return
    this.#add(info.definition, schema)
    this.#markKind(info.definition, info)
    if (!info.verbs.includes('list')) return
    const listKind = `${info.kind}List`
    this.#all[`${info.definition}List`] ??= {
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { type: 'string' },
        items: { type: 'array', items: this.#with(this.ref(info.definition), { default: {} }) },
        kind: { type: 'string' },
        metadata: this.#with(this.ref(`${meta}.apis.meta.v1.ListMeta`), { default: {} }),
      },
      'x-kubernetes-group-version-kind': [{ group: info.group, kind: listKind, version: info.version }],
    }
  }

  addNamed(definition: string, schema: Schema | undefined): void {
    if (schema) this.#add(definition, schema)
  }

  #markKind(definition: string, { group, version, kind }: { group: string; version: string; kind: string }): void {
    const made = this.#all[definition]
    if (made) made['x-kubernetes-group-version-kind'] = [{ group, kind, version }]
  }

  #add(definition: string, schema: Schema): void {
    if (this.#all[definition]) return
    const made: JsonObject = {}
    this.#all[definition] = made
    Object.assign(made, this.#object(schema, definition))
  }

  #object(schema: Schema, definition: string | undefined): JsonObject {
    const made: JsonObject = { type: 'object' }
    const text = definition === undefined ? undefined : this.#describe(definition)
    if (text !== undefined) made.description = text
    if (schema.fields && schema.fields.size > 0) {
      const properties: JsonObject = {}
      for (const [name, field] of [...schema.fields].sort(([a], [b]) => (a < b ? -1 : 1)))
        properties[name] = this.#field(field, definition === undefined ? undefined : this.#describe(definition, name))
      made.properties = properties
    }
    if (schema.required && schema.required.length > 0) made.required = [...schema.required].sort()
    if (schema.preserveUnknownFields) made['x-kubernetes-preserve-unknown-fields'] = true
    if (schema.mapType === 'atomic') made['x-kubernetes-map-type'] = 'atomic'
    return made
  }

  #field(schema: Schema, description: string | undefined): JsonObject {
    const extras: JsonObject = {}
    if (description !== undefined) extras.description = description
    if (schema.default !== undefined) extras.default = schema.default
    else if (schema.type === 'object' && this.#version === 3) extras.default = {}
    if (schema.listType) extras['x-kubernetes-list-type'] = schema.listType
    if (schema.listMapKeys) extras['x-kubernetes-list-map-keys'] = [...schema.listMapKeys]
    if (schema.patchMergeKey) extras['x-kubernetes-patch-merge-key'] = schema.patchMergeKey
    if (schema.patchStrategy) extras['x-kubernetes-patch-strategy'] = schema.patchStrategy.join(',')
    if (schema.mapType === 'atomic' && schema.type === 'map') extras['x-kubernetes-map-type'] = 'atomic'
    return this.#with(this.#type(schema), extras)
  }

  #type(schema: Schema): JsonObject {
    const name = schema.goType === 'runtime.RawExtension' ? named.raw : named[schema.format ?? schema.type]
    if (name !== undefined) {
      this.#all[name] ??= { ...this.#scalars[name] }
      return this.ref(name)
    }
    switch (schema.type) {
      case 'object':
        if (schema.definition === undefined) return this.#object(schema, undefined)
        this.#add(schema.definition, schema)
        return this.ref(schema.definition)
      case 'map':
        return { type: 'object', additionalProperties: schema.items ? this.#type(schema.items) : { type: 'object' } }
      case 'array':
        return { type: 'array', items: schema.items ? this.#item(schema.items) : { type: 'object' } }
      case 'any':
        return schema.definition ? this.#anything(schema.definition) : { type: 'object' }
      default: {
        const made: JsonObject = { type: schema.type }
        if (schema.format) made.format = schema.format
        if (schema.enum) made.enum = [...schema.enum].sort()
        return made
      }
    }
  }

  #anything(definition: string): JsonObject {
    this.#all[definition] ??= {}
    return this.ref(definition)
  }

  #item(schema: Schema): JsonObject {
    return this.#version === 3 && schema.type === 'object'
      ? this.#with(this.#type(schema), { default: {} })
      : this.#type(schema)
  }

  /** In OpenAPI 3 nothing may stand beside a $ref. */
  #with(type: JsonObject, extras: JsonObject): JsonObject {
    if (Object.keys(extras).length === 0) return type
    return this.#version === 3 && type.$ref !== undefined ? { allOf: [type], ...extras } : { ...type, ...extras }
  }
}

export const groupVersionPath = (info: { group: string; version: string }): string =>
  info.group === '' ? `api/${info.version}` : `apis/${apiVersionOf(info)}`
