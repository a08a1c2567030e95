import type { FieldError, FieldErrorType, FieldPath } from '../contract.ts'

/** `spec` + `containers` → `spec.containers`. */
export function child(path: FieldPath, ...names: string[]): FieldPath {
  let result = path
  for (const name of names) result = result === '' ? name : `${result}.${name}`
  return result
}

/** `spec.containers` + 0 → `spec.containers[0]`; a map's key stands in the same brackets. */
export function at(path: FieldPath, indexOrKey: number | string): FieldPath {
  return `${path}[${indexOrKey}]`
}

const texts: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTooFew: 'Too few',
  FieldValueTooShort: 'Too short',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
}

function make(type: FieldErrorType, field: FieldPath, valueText: string | undefined, detail: string): FieldError {
  let message = texts[type]
  if (valueText !== undefined) message += `: ${valueText}`
  if (detail !== '') message += `: ${detail}`
  // Go prints a nil path as <nil>
  return { type, field: field === '' ? '<nil>' : field, message }
}

/** A value as Kubernetes quotes it: strings in Go's quotes, scalars bare, the rest as JSON. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return goQuote(value)
  if (value === undefined) return 'null'
  return escapeHtml(JSON.stringify(value, sortedMaps))
}

const maps = new Set(['', 'labels', 'annotations', 'matchLabels', 'nodeSelector', 'parameters', 'NodeSelector'])

/** Go writes maps in the order of their keys, and structs in the order of their fields. */
function sortedMaps(key: string, value: unknown): unknown {
  if (!maps.has(key) || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value)
  if (entries.some(([, item]) => typeof item !== 'string')) return value
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const escapeHtml = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Go's %q of a string. */
export function goQuote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`
  let out = '"'
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0
    if (c === '"' || c === '\\') out += `\\${c}`
    else if (c === '\n') out += '\\n'
    else if (c === '\t') out += '\\t'
    else if (c === '\r') out += '\\r'
    else if (code === 7) out += '\\a'
    else if (code === 8) out += '\\b'
    else if (code === 11) out += '\\v'
    else if (code === 12) out += '\\f'
    else if (code < 32 || code === 127) out += `\\x${code.toString(16).padStart(2, '0')}`
    else if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(c)) out += c
    else if (code < 0x10000) out += `\\u${code.toString(16).padStart(4, '0')}`
    else out += `\\U${code.toString(16).padStart(8, '0')}`
  }
  return `${out}"`
}

export const required = (path: FieldPath, detail = ''): FieldError =>
  make('FieldValueRequired', path, undefined, detail)
export const forbidden = (path: FieldPath, detail = ''): FieldError =>
  make('FieldValueForbidden', path, undefined, detail)
export const invalid = (path: FieldPath, value: unknown, detail = ''): FieldError =>
  make('FieldValueInvalid', path, quoted(value), detail)
/** Without showing the value. */
export const invalidOmitted = (path: FieldPath, detail = ''): FieldError =>
  make('FieldValueInvalid', path, undefined, detail)
export const typeInvalid = (path: FieldPath, value: unknown, detail = ''): FieldError =>
  make('FieldValueTypeInvalid', path, quoted(value), detail)
export const duplicate = (path: FieldPath, value: unknown): FieldError =>
  make('FieldValueDuplicate', path, quoted(value), '')
export const notFound = (path: FieldPath, value: unknown): FieldError =>
  make('FieldValueNotFound', path, quoted(value), '')
export const internalError = (path: FieldPath, detail: string): FieldError =>
  make('InternalError', path, undefined, detail)

/** An enum's value that is not one; the supported ones are shown in the order given. */
export function notSupported(path: FieldPath, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length > 0 ? `supported values: ${supported.map((v) => goQuote(v)).join(', ')}` : ''
  return make('FieldValueNotSupported', path, quoted(value), detail)
}

/** Longer than `max` bytes. */
export const tooLong = (path: FieldPath, max: number): FieldError =>
  make('FieldValueTooLong', path, undefined, `may not be more than ${max} ${max === 1 ? 'byte' : 'bytes'}`)

export const tooLongCharacters = (path: FieldPath, max: number): FieldError =>
  make('FieldValueTooLong', path, undefined, `may not be more than ${max} ${max === 1 ? 'character' : 'characters'}`)

export const tooMany = (path: FieldPath, actual: number, max: number): FieldError =>
  make(
    'FieldValueTooMany',
    path,
    String(actual),
    max >= 0 ? `must have at most ${max} ${max === 1 ? 'item' : 'items'}` : 'has too many items',
  )

/** The sentence of a Status' message: one error bare, several in brackets, repeated ones once. */
export function joinErrors(errors: readonly FieldError[]): string {
  const sentences = [...new Set(errors.map((e) => `${e.field}: ${e.message}`))]
  return sentences.length === 1 ? (sentences[0] ?? '') : `[${sentences.join(', ')}]`
}
