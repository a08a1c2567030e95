import type { Definition, Description, Property } from './description.ts'
import { referred } from './description.ts'

const scalars: Readonly<Record<string, string>> = {
  'apimachinery.pkg.api.resource.Quantity': 'Quantity',
  'apimachinery.pkg.util.intstr.IntOrString': 'number | string',
  'apimachinery.pkg.apis.meta.v1.Time': 'Time',
  'apimachinery.pkg.apis.meta.v1.MicroTime': 'Time',
  'apimachinery.pkg.apis.meta.v1.Duration': 'string',
  'apimachinery.pkg.runtime.RawExtension': 'Json',
  'apimachinery.pkg.apis.meta.v1.FieldsV1': 'Json',
  'apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': 'Json',
}

/** TypeScript interfaces of the given definitions; two definitions of one name get their version or group in it. */
export function interfacesOf(description: Description, names: readonly string[]): string {
  const typeNames = namesOf(names)
  const lines = [
    '// Made by generate/main.ts from the OpenAPI description of Kubernetes. Do not edit.',
    "import type { Json } from '../contract.ts'",
    '',
    '/** `500m`, `1Gi`: see quantity.ts */',
    'export type Quantity = string | number',
    '/** RFC 3339; null is the zero time. */',
    'export type Time = string | null',
  ]
  for (const name of names) {
    const definition = description.definitions[`io.k8s.${name}`]
    const typeName = typeNames.get(name)
    if (!definition || !typeName) continue
    lines.push('', ...interfaceOf(typeName, definition, typeNames))
  }
  return `${lines.join('\n')}\n`
}

function interfaceOf(typeName: string, definition: Definition, typeNames: ReadonlyMap<string, string>): string[] {
  if (!definition.properties)
    return [`export type ${typeName} = ${definition.type ? typeOf(definition, typeNames) : 'Json'}`]
  const required = new Set(definition.required)
  const kind = definition['x-kubernetes-group-version-kind']
  const lines = [`export interface ${typeName} {`]
  for (const [field, property] of Object.entries(definition.properties)) {
    const always = required.has(field) || (kind?.length === 1 && ['apiVersion', 'kind', 'metadata'].includes(field))
    const key = /^[A-Za-z_]\w*$/.test(field) ? field : `'${field}'`
    lines.push(`  ${key}${always ? '' : '?'}: ${typeOf(property, typeNames)}`)
  }
  lines.push('}')
  return lines
}

function typeOf(property: Property, typeNames: ReadonlyMap<string, string>): string {
  if (property.$ref) {
    const name = referred(property.$ref)
    return scalars[name] ?? typeNames.get(name) ?? 'Json'
  }
  if (property.type === 'array' && property.items) {
    const item = typeOf(property.items, typeNames)
    return item.includes('|') ? `(${item})[]` : `${item}[]`
  }
  if (property.additionalProperties) return `Record<string, ${typeOf(property.additionalProperties, typeNames)}>`
  if (property.type === 'integer' || property.type === 'number') return 'number'
  if (property.type === 'string' || property.type === 'boolean') return property.type
  return 'Json'
}

function namesOf(names: readonly string[]): Map<string, string> {
  const byLast = Map.groupBy(names, (name) => name.slice(name.lastIndexOf('.') + 1))
  const typeNames = new Map<string, string>()
  for (const [last, same] of byLast) {
    const preferred =
      same.find((n) => /\.(core|meta|autoscaling)\.v[12]\./.test(n) && !/autoscaling\.v1/.test(n)) ?? same[0]
    for (const name of same) {
      const [group = '', version = ''] = name.split('.').slice(-3)
      const qualifier = group.charAt(0).toUpperCase() + group.slice(1) + version.toUpperCase()
      typeNames.set(name, name === preferred ? last : qualifier + last)
    }
  }
  return typeNames
}
