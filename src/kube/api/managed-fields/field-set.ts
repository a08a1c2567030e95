import type { Json } from '../../schema/index.ts'

/**
 * A set of paths into an object, as a trie. Each step is a path element in the form of FieldsV1:
 *
 *     f:name           a field               k:{"port":80}    an item of a list by its keys
 *     v:"finalizer"    an item of a set      i:3              an item by its position
 *
 *     { f:spec: { f:replicas: {} }, f:metadata: { f:labels: { .: {}, f:app: {} } } }
 *
 * A node is a member when its own path is in the set; it may have children without being one. No node is neither.
 */
export interface FieldNode {
  member: boolean
  children: FieldSet | undefined
}

export type FieldSet = Map<string, FieldNode>

export const emptySet = (): FieldSet => new Map()

const node = (member: boolean, children: FieldSet | undefined): FieldNode | undefined => {
  const kept = children && children.size > 0 ? children : undefined
  return member || kept ? { member, children: kept } : undefined
}

function put(set: FieldSet, element: string, made: FieldNode | undefined): void {
  if (made) set.set(element, made)
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0) return b
  if (b.size === 0) return a
  const result: FieldSet = new Map(a)
  for (const [element, right] of b) {
    const left = a.get(element)
    if (!left) result.set(element, right)
    else if (left !== right) {
      const children =
        left.children && right.children ? union(left.children, right.children) : (left.children ?? right.children)
      put(result, element, node(left.member || right.member, children))
    }
  }
  return result
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = new Map()
  for (const [element, left] of a) {
    const right = b.get(element)
    if (!right) continue
    const children = left.children && right.children ? intersection(left.children, right.children) : undefined
    put(result, element, node(left.member && right.member, children))
  }
  return result
}

/** Paths of `a` that are not in `b`; what lies below a path of `b` stays. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || b.size === 0) return a
  const result: FieldSet = new Map()
  for (const [element, left] of a) {
    const right = b.get(element)
    if (!right) {
      result.set(element, left)
      continue
    }
    const children = left.children && right.children ? difference(left.children, right.children) : left.children
    put(result, element, node(left.member && !right.member, children))
  }
  return result
}

/** Paths of `a` that are neither in `b` nor below a path of `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || b.size === 0) return a
  const result: FieldSet = new Map()
  for (const [element, left] of a) {
    const right = b.get(element)
    if (!right) {
      result.set(element, left)
      continue
    }
    if (right.member) continue
    const children =
      left.children && right.children ? recursiveDifference(left.children, right.children) : left.children
    put(result, element, node(left.member, children))
  }
  return result
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const [element, left] of a) {
    const right = b.get(element)
    if (!right || left.member !== right.member) return false
    if (!equalSets(left.children ?? emptySet(), right.children ?? emptySet())) return false
  }
  return true
}

export function setOf(...paths: readonly (readonly string[])[]): FieldSet {
  const set = emptySet()
  for (const path of paths) insert(set, path)
  return set
}

export function insert(set: FieldSet, path: readonly string[]): void {
  let here = set
  for (const [i, element] of path.entries()) {
    let next = here.get(element)
    if (!next) {
      next = { member: false, children: undefined }
      here.set(element, next)
    }
    if (i === path.length - 1) next.member = true
    else {
      next.children ??= emptySet()
      here = next.children
    }
  }
}

/** Every path of the set; of a node first all members, then what is below, as Kubernetes lists them. */
export function* pathsOf(set: FieldSet, prefix: readonly string[] = []): Generator<string[]> {
  const elements = [...set].sort(([a], [b]) => compareElements(a, b))
  for (const [element, { member }] of elements) if (member) yield [...prefix, element]
  for (const [element, { children }] of elements) if (children) yield* pathsOf(children, [...prefix, element])
}

const rank: Readonly<Record<string, number>> = { f: 0, k: 1, v: 2, i: 3 }

function compareElements(a: string, b: string): number {
  const byKind = (rank[a.charAt(0)] ?? 4) - (rank[b.charAt(0)] ?? 4)
  if (byKind !== 0) return byKind
  return a < b ? -1 : a > b ? 1 : 0
}

/** `.spec.containers[name="main"].image` */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join('')
}

function elementText(element: string): string {
  const content = element.slice(2)
  switch (element.charAt(0)) {
    case 'f':
      return `.${content}`
    case 'k': {
      const keys: Record<string, Json> = JSON.parse(content)
      return `[${Object.entries(keys)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`
    }
    case 'v':
      return `[=${content}]`
    default:
      return `[${content}]`
  }
}
