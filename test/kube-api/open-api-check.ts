import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

/** Checks objects against Kubernetes' own OpenAPI description, where it is at hand. */

interface Definition {
  readonly type?: string
  readonly format?: string
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Definition>>
  readonly required?: readonly string[]
  readonly items?: Definition
  readonly additionalProperties?: Definition | boolean
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; kind: string; version: string }[]
}

const path = fileURLToPath(new URL('../../../shared/specs/kubernetes-1.36-openapi-v2.json.gz', import.meta.url))

const definitions: Readonly<Record<string, Definition>> = existsSync(path)
  ? JSON.parse(gunzipSync(readFileSync(path)).toString()).definitions
  : {}

const byKind = new Map<string, Definition>()
for (const definition of Object.values(definitions))
  for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? [])
    byKind.set(`${group === '' ? version : `${group}/${version}`} ${kind}`, definition)

/** @throws Error that names every field that is not as described */
export function checkAgainstOpenApi(value: { apiVersion?: unknown; kind?: unknown }, where: string): void {
  const definition = byKind.get(`${String(value.apiVersion)} ${String(value.kind)}`)
  if (!definition) return
  const problems: string[] = []
  check(value, definition, '', problems)
  if (problems.length > 0)
    throw new Error(`${where} answers a ${String(value.kind)} that is none:\n${problems.join('\n')}`)
}

const free = new Set(['io.k8s.apimachinery.pkg.runtime.RawExtension', 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1'])

function check(value: unknown, given: Definition, at: string, problems: string[]): void {
  const name = given.$ref?.replace('#/definitions/', '')
  if (name !== undefined && (free.has(name) || name.includes('JSONSchemaProps') || name.endsWith('.JSON'))) return
  const definition = name === undefined ? given : (definitions[name] ?? {})
  // A list that Go knows no items of is null; so is a time that never was.
  if (value === null) return
  if (name?.endsWith('IntOrString') || name?.endsWith('Quantity')) {
    if (typeof value !== 'string' && typeof value !== 'number') problems.push(`${at}: ${JSON.stringify(value)}`)
    return
  }
  switch (definition.type) {
    case 'object':
    case undefined:
      checkObject(value, definition, at, problems)
      return
    case 'array':
      if (!Array.isArray(value)) problems.push(`${at}: no array`)
      else for (const [i, item] of value.entries()) check(item, definition.items ?? {}, `${at}[${i}]`, problems)
      return
    case 'integer':
      if (!Number.isInteger(value)) problems.push(`${at}: no integer: ${JSON.stringify(value)}`)
      return
    default:
      if (typeof value !== definition.type) problems.push(`${at}: no ${definition.type}: ${JSON.stringify(value)}`)
  }
}

function checkObject(
  value: unknown,
  { properties, required, additionalProperties, type }: Definition,
  at: string,
  problems: string[],
): void {
  if (properties === undefined && additionalProperties === undefined) return
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (type === 'object') problems.push(`${at}: no object: ${JSON.stringify(value)}`)
    return
  }
  const fields = value as Record<string, unknown>
  for (const field of required ?? []) if (!(field in fields)) problems.push(`${at}.${field}: required`)
  for (const [field, inner] of Object.entries(fields)) {
    const known = properties?.[field]
    if (known) check(inner, known, `${at}.${field}`, problems)
    else if (typeof additionalProperties === 'object') check(inner, additionalProperties, `${at}.${field}`, problems)
    else if (properties) problems.push(`${at}.${field}: unknown`)
  }
}
