import type { Tags } from 'yaml'
import { duplicateFields, type Json } from '../schema/index.ts'
import { cborLibrary, protobufReader, yamlLibrary } from './encodings.ts'
import { goJsonError } from './go-json-error.ts'
import type { InputEncoding } from './negotiate.ts'
import { WireError } from './protobuf/wire.ts'

const decoder = new TextDecoder('utf-8')

/** A parsed body, and the fields that stand twice in it (looked for only when `strict`). */
export interface Parsed {
  readonly value: Json
  readonly duplicates: readonly string[]
}

/** A body that is no text of its encoding; the message is that of Kubernetes' own parser. */
export class BodySyntaxError extends Error {
  override readonly name = 'BodySyntaxError'
}

/** Deeper bodies are refused before they exhaust anybody's stack. */
const maxDepth = 10_000

export function parseBody(bytes: Uint8Array, encoding: InputEncoding, strict: boolean): Parsed {
  if (encoding === 'cbor') return { value: readCbor(bytes), duplicates: [] }
  if (encoding === 'protobuf') return { value: readProtobuf(bytes), duplicates: [] }
  const text = decoder.decode(bytes)
  if (encoding === 'json' || startsLikeJson(text)) return readJson(text, strict)
  return readYaml(text)
}

const startsLikeJson = (text: string) => /^\s*\{/.test(text.slice(0, 200))

function readJson(text: string, strict: boolean): Parsed {
  if (text.length > maxDepth * 2 && isTooDeep(text)) throw new BodySyntaxError('exceeded max depth')
  try {
    return { value: JSON.parse(text), duplicates: strict ? duplicateFields(text) : [] }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new BodySyntaxError(goJsonError(text))
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 34) {
      for (i++; i < text.length && text.charCodeAt(i) !== 34; i++) if (text.charCodeAt(i) === 92) i++
    } else if (c === 123 || c === 91) {
      if (++depth > maxDepth) return true
    } else if (c === 125 || c === 93) depth--
  }
  return false
}

/**
 * As sigs.k8s.io/yaml reads it: YAML 1.1's words for true and false and its octal numbers, but no base-60 numbers and no
 * dates.
 */
function readYaml(text: string): Parsed {
  try {
    const value = yamlLibrary().parse(text, {
      schema: 'yaml-1.1',
      customTags: withoutSurprises,
      maxAliasCount: 100,
      uniqueKeys: false,
      merge: true,
      stringKeys: false,
      logLevel: 'silent',
    })
    return { value: asJson(value), duplicates: [] }
  } catch (error) {
    throw new BodySyntaxError(`yaml: ${(error as Error).message.split('\n', 1)[0] ?? ''}`)
  }
}

const surprises = new Set([
  'tag:yaml.org,2002:timestamp',
  'tag:yaml.org,2002:binary',
  'tag:yaml.org,2002:set',
  'tag:yaml.org,2002:omap',
  'tag:yaml.org,2002:pairs',
])

function withoutSurprises(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === 'string' || (!surprises.has(tag.tag) && tag.format !== 'TIME'))
}

function readProtobuf(bytes: Uint8Array): Json {
  try {
    return protobufReader()(bytes)
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError) throw new BodySyntaxError(error.message)
    throw error
  }
}

function readCbor(bytes: Uint8Array): Json {
  try {
    return asJson(cborLibrary().decode(bytes))
  } catch (error) {
    throw new BodySyntaxError(`cbor: ${(error as Error).message}`)
  }
}

function asJson(value: unknown, depth = 0): Json {
  if (depth > maxDepth) throw new Error('exceeded max depth')
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`unsupported value: ${value}`)
    return value
  }
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return base64(value)
  if (Array.isArray(value)) return value.map((item) => asJson(item, depth + 1))
  if (typeof value !== 'object') throw new Error(`unsupported value of type ${typeof value}`)
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return Object.fromEntries(entries.map(([key, item]) => [String(key), asJson(item, depth + 1)]))
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
