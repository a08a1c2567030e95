import type { Definition, Description, Property } from './description.ts'
import { referred, shortName } from './description.ts'

/** Facts of the Go types per field: `z=` zero value that is always written, `g=` named type, `e=` enum, `d=` default. */
export type GoFacts = Readonly<Record<string, Readonly<Record<string, string>>>>

const scalars: Readonly<Record<string, string>> = {
  'apimachinery.pkg.api.resource.Quantity': 'q',
  'apimachinery.pkg.util.intstr.IntOrString': 'x',
  'apimachinery.pkg.apis.meta.v1.Time': 't',
  'apimachinery.pkg.apis.meta.v1.MicroTime': 'm',
  'apimachinery.pkg.apis.meta.v1.Duration': 'u',
  'apimachinery.pkg.runtime.RawExtension': '*',
  'apimachinery.pkg.apis.meta.v1.FieldsV1': '*',
  'apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': '?',
}

/**
 * One type as a line: fields joined by spaces, `name[!]:type[;attribute…]`, or `=type` for an alias. Types: s string,
 * b boolean, i int32, l int64, d double, y bytes, q quantity, x int or string, t time, m microtime, u duration,
 * `*` raw object, `?` any value, `@Name` a definition, `[]T` array, `{}T` map.
 */
export function typeLine(name: string, definition: Definition, facts: GoFacts): string {
  if (!definition.properties) return `=${definition.type ? typeCode(definition) : '?'}`
  const required = new Set(definition.required)
  const fields = Object.entries(definition.properties).map(([field, property]) => {
    const attributes = attributesOf(property)
    const fact = facts[name]?.[field]
    if (fact) attributes.push(...fact.split(';'))
    return `${field}${required.has(field) ? '!' : ''}:${[typeCode(property), ...attributes].join(';')}`
  })
  const atomic = definition['x-kubernetes-map-type']
  return (atomic ? `~${atomic} ` : '') + fields.join(' ')
}

function attributesOf(property: Property): string[] {
  const attributes: string[] = []
  const add = (letters: string, value: string | undefined) => value && attributes.push(`${letters}=${value}`)
  add('lt', property['x-kubernetes-list-type'])
  add('mk', property['x-kubernetes-list-map-keys']?.join(','))
  add('mt', property['x-kubernetes-map-type'])
  add('ps', property['x-kubernetes-patch-strategy'])
  add('pk', property['x-kubernetes-patch-merge-key'])
  return attributes
}

function typeCode(property: Property): string {
  if (property.$ref) {
    const name = referred(property.$ref)
    return scalars[name] ?? `@${name}`
  }
  switch (property.type) {
    case 'string':
      return property.format === 'byte' ? 'y' : 's'
    case 'boolean':
      return 'b'
    case 'integer':
      return property.format === 'int64' ? 'l' : 'i'
    case 'number':
      return 'd'
    case 'array':
      return `[]${property.items ? typeCode(property.items) : '?'}`
    case 'object':
      return property.additionalProperties ? `{}${typeCode(property.additionalProperties)}` : '*'
    default:
      return '?'
  }
}

/** The definitions that are needed from the given roots on, scalars left out. */
export function reachable(description: Description, roots: Iterable<string>): string[] {
  const seen = new Set<string>()
  const visit = (name: string) => {
    if (seen.has(name) || scalars[name]) return
    const definition = description.definitions[`io.k8s.${name}`]
    if (!definition) throw new Error(`Cannot find the definition ${name}`)
    seen.add(name)
    const walk = (property: Property | undefined): void => {
      if (!property) return
      if (property.$ref) visit(referred(property.$ref))
      walk(property.items)
      walk(property.additionalProperties)
    }
    walk(definition)
    for (const property of Object.values(definition.properties ?? {})) walk(property)
  }
  for (const root of roots) visit(shortName(root))
  return [...seen].sort()
}
