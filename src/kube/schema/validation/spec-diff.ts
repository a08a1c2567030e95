import type { Json, JsonObject } from '../contract.ts'
import { formatQuantity, parseQuantity } from '../value/quantity.ts'
import forms from './internal-forms.json' with { type: 'json' }
import { unifiedDiff } from './unified-diff.ts'

/**
 * Refusals of a changed spec show the change: not of what was sent, but of Kubernetes' internal objects as Go prints
 * them, every field under Go's own name, absent ones as null or zero. The forms say which fields those are, in their
 * order: s string, b boolean, i integer, q quantity, x int or string, t time, y bytes, L label selector, `@Name` a
 * struct, `*` pointer, `[]` list, `{}` map.
 */
const lines: Readonly<Record<string, string>> = forms

/** Fields that Kubernetes keeps in the pod's security context, whatever the API says. */
const inSecurityContext = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers']

/** The difference of two specs, or '' where there is none. */
export function specDiff(kind: string, old: object, next: object): string {
  const texts = [old, next].map((spec) => pretty(internal(`@${kind}`, spec as JsonObject), ''))
  return unifiedDiff(texts[0] ?? '', texts[1] ?? '')
}

/** A value under Go's names, as refusals that show an internal object print it. */
export const internalForm = (name: string, value: object): Json => internalStruct(name, value as JsonObject)

function keptTogether(spec: JsonObject): JsonObject {
  const securityContext: JsonObject = { ...(spec.securityContext as JsonObject | undefined) }
  for (const field of inSecurityContext) if (spec[field] !== undefined) securityContext[field] = spec[field]
  return { ...spec, securityContext }
}

function internal(code: string, value: Json | undefined): Json {
  if (code.startsWith('*')) return value === undefined || value === null ? null : internal(code.slice(1), value)
  if (code.startsWith('[]')) {
    return Array.isArray(value) ? value.map((item) => internal(code.slice(2), item)) : null
  }
  if (code.startsWith('{}')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(entries.map(([key, item]) => [key, internal(code.slice(2), item)]))
  }
  if (code.startsWith('@')) return internalStruct(code.slice(1), value)
  switch (code) {
    case 's':
      return value ?? ''
    case 'b':
      return value ?? false
    case 'i':
      return value ?? 0
    case 'q':
      return typeof value === 'string' || typeof value === 'number' ? formatQuantity(parseQuantity(value)) : '0'
    case 'x':
      return value ?? 0
    case 'L':
      return labelSelector(value)
    default:
      return value ?? null
  }
}

function internalStruct(name: string, value: Json | undefined): Json {
  const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  const given = name === 'PodSpec' ? keptTogether(fields) : fields
  const byName = new Map(Object.entries(given).map(([field, item]) => [field.toLowerCase(), item]))
  const result: JsonObject = {}
  for (const field of (lines[name] ?? '').split(' ')) {
    if (field === '+meta') Object.assign(result, given.metadata)
    const colon = field.indexOf(':')
    if (colon < 0) continue
    const goName = field.slice(0, colon)
    result[goName] = internal(field.slice(colon + 1), byName.get(goName.toLowerCase()))
  }
  return result
}

function labelSelector(value: Json | undefined): Json {
  const { matchLabels, matchExpressions } = (value ?? {}) as JsonObject
  const result: JsonObject = {}
  if (matchLabels) result.matchLabels = internal('{}s', matchLabels)
  if (matchExpressions) result.matchExpressions = matchExpressions
  return result
}

/** Go's MarshalIndent with one space: text with <, > and & escaped. */
function pretty(value: Json | undefined, indent: string): string {
  if (typeof value === 'string') return jsonString(value)
  if (typeof value !== 'object' || value === null) return String(value ?? null)
  const inner = `${indent} `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((item) => inner + pretty(item, inner)).join(',\n')}\n${indent}]`
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return '{}'
  const rows = entries.map(([key, item]) => `${inner}${jsonString(key)}: ${pretty(item, inner)}`)
  return `{\n${rows.join(',\n')}\n${indent}}`
}

const jsonString = (text: string): string =>
  JSON.stringify(text).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)
