import type { Json, JsonObject } from '../../schema/index.ts'
import { emptySet, type FieldNode, type FieldSet } from './field-set.ts'

/** FieldsV1, the form in which a set is written into `metadata.managedFields`. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const result: JsonObject = {}
  const elements = set.size < 2 ? set : [...set].sort(byElement)
  for (const [element, { member, children }] of elements) {
    const below: JsonObject = children ? toFieldsV1(children) : {}
    result[element] = member && children ? { '.': {}, ...below } : below
  }
  return result
}

const order: Readonly<Record<string, string>> = { f: '0', k: '1', v: '2', i: '3' }
const sortKey = (element: string) => (order[element.charAt(0)] ?? '4') + element.slice(1)
function byElement([a]: [string, FieldNode], [b]: [string, FieldNode]): number {
  const left = sortKey(a)
  const right = sortKey(b)
  return left < right ? -1 : left > right ? 1 : 0
}

/** @throws Error with the reason, where the text is no FieldsV1 */
export function fromFieldsV1(fields: Json | undefined): FieldSet {
  const set = emptySet()
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw new Error('expected an object')
  for (const [element, below] of Object.entries(fields)) {
    if (element === '.') continue
    const canonical = canonicalElement(element)
    if (typeof below !== 'object' || below === null || Array.isArray(below)) throw new Error('expected an object')
    const children = fromFieldsV1(below)
    const member = children.size === 0 || '.' in below
    set.set(canonical, { member, children: children.size > 0 ? children : undefined })
  }
  return set
}

function canonicalElement(element: string): string {
  if (element.length < 2) throw new Error('key must be 2 characters long:')
  if (element.charAt(1) !== ':') throw new Error(`missing colon: ${element}`)
  const content = element.slice(2)
  switch (element.charAt(0)) {
    case 'f':
      return element
    case 'v':
      return `v:${JSON.stringify(JSON.parse(content))}`
    case 'k':
      return keyElement(JSON.parse(content))
    case 'i':
      if (!/^-?\d+$/.test(content)) throw new Error(`invalid index: ${content}`)
      return element
    default:
      throw new Error('unknown path element type')
  }
}

export function keyElement(keys: Record<string, Json>): string {
  const names = Object.keys(keys)
  if (names.length > 1) names.sort()
  return `k:{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(keys[name])}`).join(',')}}`
}
