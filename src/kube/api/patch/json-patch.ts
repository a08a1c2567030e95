import type { Json, JsonObject } from '../../schema/index.ts'

/** RFC 6902, with the sentences of the library that Kubernetes uses. */

export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError'
}

/** More operations are refused. */
export const maxOperations = 10_000

/** Copies may add up to so many bytes. */
const maxCopiedBytes = 3 * 1024 * 1024 * 10

/** Applies the operations to a copy of the document. @throws JsonPatchError */
export function applyJsonPatch(document: Json, operations: readonly Json[]): Json {
  // A document of one field, so that the root can be replaced like any other value.
  const holder: JsonObject = { root: structuredClone(document) }
  let copied = 0
  for (const raw of operations) {
    const operation = (raw ?? {}) as JsonObject
    const { op } = operation
    const path = textOf(operation.path)
    switch (op) {
      case 'add':
        add(holder, path, operand(operation), 'add')
        break
      case 'remove':
        remove(holder, path)
        break
      case 'replace':
        replace(holder, path, operand(operation))
        break
      case 'move': {
        const from = textOf(operation.from)
        const value = take(holder, from, 'move')
        remove(holder, from)
        add(holder, path, value, 'move')
        break
      }
      case 'copy': {
        const value = structuredClone(take(holder, textOf(operation.from), 'copy'))
        copied += JSON.stringify(value).length
        if (copied > maxCopiedBytes)
          throw new JsonPatchError(
            `Unable to complete the copy, the accumulated size increase of copy is ${copied}, exceeding the limit ${maxCopiedBytes}`,
          )
        add(holder, path, value, 'copy')
        break
      }
      case 'test':
        test(holder, path, operation.value ?? null)
        break
      default:
        throw new JsonPatchError(`Unexpected kind: ${op === undefined ? 'unknown' : String(op)}`)
    }
  }
  return holder.root ?? null
}

const textOf = (value: Json | undefined) => (typeof value === 'string' ? value : '')
const operand = ({ value }: JsonObject): Json => structuredClone(value ?? null)

interface Place {
  readonly container: Json[] | JsonObject
  readonly key: string
}

function find(holder: JsonObject, path: string): Place | undefined {
  if (path === '') return { container: holder, key: 'root' }
  const parts = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  let container: Json | undefined = holder.root
  for (const part of parts.slice(1, -1)) {
    if (Array.isArray(container)) container = container[indexIn(part, container.length)]
    else if (typeof container === 'object' && container !== null) container = own(container, part)
    else return undefined
  }
  if (typeof container !== 'object' || container === null || parts.length < 2) return undefined
  return { container, key: parts.at(-1) ?? '' }
}

const own = (object: JsonObject, key: string) => (Object.hasOwn(object, key) ? object[key] : undefined)

function indexIn(text: string, length: number): number {
  if (!/^-?\d+$/.test(text)) throw new JsonPatchError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  const index = Number(text)
  if (index < -length) throw new JsonPatchError(`Unable to access invalid index: ${text}: invalid index referenced`)
  return index < 0 ? index + length : index
}

function add(holder: JsonObject, path: string, value: Json, operation: string): void {
  const place = find(holder, path)
  if (!place)
    throw new JsonPatchError(
      `${operation} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`,
    )
  const { container, key } = place
  if (!Array.isArray(container)) {
    set(container, key, value)
    return
  }
  if (key === '-') {
    container.push(value)
    return
  }
  if (!/^-?\d+$/.test(key))
    throw new JsonPatchError(
      `error in ${operation} for path: '${path}': value was not a proper array index: '${key}': strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`,
    )
  const index = Number(key)
  if (index > container.length || index < -container.length - 1)
    throw new JsonPatchError(
      `error in ${operation} for path: '${path}': Unable to access invalid index: ${index}: invalid index referenced`,
    )
  container.splice(index < 0 ? index + container.length + 1 : index, 0, value)
}

function remove(holder: JsonObject, path: string): void {
  const place = find(holder, path)
  if (!place)
    throw new JsonPatchError(
      `remove operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`,
    )
  const { container, key } = place
  const failed = (why: string) => new JsonPatchError(`error in remove for path: '${path}': ${why}`)
  if (!Array.isArray(container)) {
    if (own(container, key) === undefined) throw failed(`Unable to remove nonexistent key: ${key}: missing value`)
    delete container[key]
    return
  }
  const index = indexIn(key, container.length)
  if (index >= container.length) throw failed(`Unable to access invalid index: ${key}: invalid index referenced`)
  container.splice(index, 1)
}

function replace(holder: JsonObject, path: string, value: Json): void {
  const place = find(holder, path)
  if (!place) throw new JsonPatchError(`replace operation does not apply: doc is missing path: ${path}: missing value`)
  const { container, key } = place
  if (Array.isArray(container)) {
    const index = indexIn(key, container.length)
    if (index >= container.length)
      throw new JsonPatchError(`replace operation does not apply: doc is missing key: ${path}: missing value`)
    container[index] = value
  } else {
    if (own(container, key) === undefined)
      throw new JsonPatchError(`replace operation does not apply: doc is missing key: ${path}: missing value`)
    set(container, key, value)
  }
}

function take(holder: JsonObject, path: string, operation: string): Json {
  const place = find(holder, path)
  const value = place && valueAt(place)
  if (value === undefined)
    throw new JsonPatchError(
      place
        ? `error in ${operation} for path: '${path}': Unable to get nonexistent key: ${place.key}: missing value`
        : `${operation} operation does not apply: doc is missing from path: ${path}: missing value`,
    )
  return value
}

function test(holder: JsonObject, path: string, expected: Json): void {
  const place = find(holder, path)
  if (!place) throw new JsonPatchError(`test operation does not apply: is missing path: ${path}: missing value`)
  const value = valueAt(place)
  if (!same(value ?? null, expected)) throw new JsonPatchError(`testing value ${path} failed: test failed`)
}

function valueAt({ container, key }: Place): Json | undefined {
  return Array.isArray(container) ? container[indexIn(key, container.length)] : own(container, key)
}

/** `__proto__` is a key like any other. */
function set(container: JsonObject, key: string, value: Json): void {
  Object.defineProperty(container, key, { value, enumerable: true, writable: true, configurable: true })
}

function same(a: Json, b: Json): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = a as JsonObject
  const right = b as JsonObject
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same(left[key] ?? null, right[key] ?? null))
  )
}
