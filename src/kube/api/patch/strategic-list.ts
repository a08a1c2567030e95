import type { Json } from '../../schema/index.ts'

export class ListError extends Error {
  readonly code: number
  constructor(message: string, code = 500) {
    super(message)
    this.code = code
  }
}

const typeOf = (value: Json) =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'array'
      : (typeof value as 'object' | 'string' | 'number' | 'boolean')

/** The one type that all items have. */
export function typeOfItems(...lists: readonly (readonly Json[])[]): string {
  let type: string | undefined
  for (const item of lists.flat(1)) {
    const next = typeOf(item)
    if (next === 'array') throw new ListError('lists of lists are not supported', 422)
    if (type !== undefined && type !== next)
      throw new ListError(`list element types are not identical: ${JSON.stringify(lists)}`)
    type = next
  }
  if (type === undefined) throw new ListError('no elements in any of the given slices')
  return type
}

/** Both lists, every value once. */
export function appendNew(original: readonly Json[], patch: readonly Json[]): Json[] {
  return [...new Set([...original, ...patch])]
}

const identity = (item: Json, mergeKey: string): Json | undefined => {
  if (mergeKey === '') return item
  return typeof item === 'object' && item !== null && !Array.isArray(item) ? item[mergeKey] : undefined
}

/**
 * Items that `wanted` names come in its order, the others in the order that they had; where both can be told from
 * `before`, they are woven together as they were.
 */
export function inOrder(
  merged: readonly Json[],
  wanted: readonly Json[],
  before: readonly Json[],
  mergeKey: string,
): Json[] {
  const positions = (list: readonly Json[]) => {
    const map = new Map<Json | undefined, number>()
    for (const [i, item] of list.entries()) {
      const key = identity(item, mergeKey)
      if (!map.has(key)) map.set(key, i)
    }
    return map
  }
  const wantedAt = positions(wanted)
  const beforeAt = positions(before)
  const at = (map: Map<Json | undefined, number>, item: Json) => map.get(identity(item, mergeKey))
  const mine = merged.filter((item) => at(wantedAt, item) !== undefined)
  const others = merged.filter((item) => at(wantedAt, item) === undefined)
  mine.sort((a, b) => (at(wantedAt, a) ?? 0) - (at(wantedAt, b) ?? 0))
  others.sort((a, b) => (at(beforeAt, a) ?? Number.MAX_SAFE_INTEGER) - (at(beforeAt, b) ?? Number.MAX_SAFE_INTEGER))
  const result: Json[] = []
  let left = 0
  let right = 0
  while (left < others.length && right < mine.length) {
    const a = at(beforeAt, others[left] as Json)
    const b = at(beforeAt, mine[right] as Json)
    if (a !== undefined && b !== undefined && a < b) result.push(others[left++] as Json)
    else result.push(mine[right++] as Json)
  }
  result.push(...others.slice(left), ...mine.slice(right))
  return result
}
