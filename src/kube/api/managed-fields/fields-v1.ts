import type { Json, JsonObject } from '../../schema/index.ts'
import { emptySet, type FieldNode, type FieldSet } from './field-set.ts'

/** FieldsV1, the form in which a set is written into `metadata.managedFields`. Fields come before items, each in order. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const result: JsonObject = {}
  const elements = [...set.keys()]
  // f: k: v: i: do not stand in one set together but for f: among themselves, so the order of code units is theirs.
  if (elements.length > 1) elements.sort()
  for (const element of elements) {
    const { member, children } = set.get(element) as FieldNode
    result[element] = children ? withChildren(member, children) : {}
  }
  return result
}

function withChildren(member: boolean, children: FieldSet): JsonObject {
  if (!member) return toFieldsV1(children)
  const below: JsonObject = { '.': {} }
  const elements = [...children.keys()]
  if (elements.length > 1) elements.sort()
  for (const element of elements) {
    const child = children.get(element) as FieldNode
    below[element] = child.children ? withChildren(child.member, child.children) : {}
  }
  return below
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
