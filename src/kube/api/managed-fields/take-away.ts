import { apiVersionOf, type KubeObject } from '../../schema/index.ts'
import { type Comparison, compare } from './compare.ts'
import { type Conflict, ConflictError } from './conflict.ts'
import { difference, type FieldSet, intersection, pathsOf, recursiveDifference, union } from './field-set.ts'
import type { Managers } from './managers.ts'
import { type FieldWriter, resetSet } from './ownership.ts'
import type { JsonMap } from './shape.ts'

/** What changed, in the terms of each version in which a manager speaks. */
export class Versions {
  readonly #writer: FieldWriter
  readonly #before: JsonMap
  readonly #after: JsonMap
  readonly #known = new Map<string, Comparison | undefined>()

  constructor(writer: FieldWriter, before: JsonMap, after: JsonMap) {
    this.#writer = writer
    this.#before = before
    this.#after = after
  }

  /** Undefined for a version that is not served any more. */
  async comparison(apiVersion: string): Promise<Comparison | undefined> {
    if (this.#known.has(apiVersion)) return this.#known.get(apiVersion)
    const { resource, subresource } = this.#writer
    const served = apiVersionOf(resource.info)
    const schema = resource.schemaOfVersion(apiVersion)
    let found: Comparison | undefined
    if (apiVersion === served) found = compare(this.#before, this.#after, resource.schema)
    else if (schema && resource.convertTo) {
      const convert = async (object: JsonMap) =>
        (await resource.convertTo?.(object as unknown as KubeObject, apiVersion)) as unknown as JsonMap
      found = compare(await convert(this.#before), await convert(this.#after), schema)
    }
    const reset = resetSet(resource, subresource)
    if (found && reset.size > 0)
      found = {
        added: recursiveDifference(found.added, reset),
        removed: recursiveDifference(found.removed, reset),
        modified: recursiveDifference(found.modified, reset),
      }
    this.#known.set(apiVersion, found)
    return found
  }
}

/**
 * Takes from every other manager what the write changed (a conflict, unless forced) and what it removed.
 */
export async function takeAway(
  managers: Managers,
  self: string | undefined,
  versions: Versions,
  force = true,
): Promise<void> {
  const conflicts: Conflict[] = []
  const next: [string, FieldSet][] = []
  for (const [id, manager] of managers) {
    if (id === self) {
      continue
    }
    const comparison = await versions.comparison(manager.apiVersion)
    if (!comparison) {
      managers.delete(id)
      continue
    }
    const taken = intersection(manager.set, union(comparison.modified, comparison.added))
    if (taken.size > 0 && !force) for (const path of pathsOf(taken)) conflicts.push({ manager, path })
    next.push([id, difference(difference(manager.set, taken), comparison.removed)])
  }
  if (conflicts.length > 0) throw new ConflictError(conflicts)
  for (const [id, set] of next) {
    const manager = managers.get(id)
    if (set.size === 0) managers.delete(id)
    else if (manager && set !== manager.set) managers.set(id, { ...manager, set })
  }
}
