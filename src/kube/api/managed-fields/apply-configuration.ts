import { apiVersionOf, type Json, type KubeObject } from '../../schema/index.ts'
import { badRequest } from '../errors.ts'
import { StatusError } from '../status-error.ts'
import { compare, equal, fieldSetOf } from './compare.ts'
import { ConflictError } from './conflict.ts'
import { difference, emptySet, type FieldSet, intersection, recursiveDifference, setOf, union } from './field-set.ts'
import { decodeManagers, encodeManagers, type Manager, type Managers, managerId } from './managers.ts'
import { merge, removeItems, withNamedFields } from './merge.ts'
import { emptyObject, type FieldWriter, resetSet, stripped, timeText, withoutManagedFields } from './ownership.ts'
import { reconcile } from './reconcile.ts'
import type { JsonMap } from './shape.ts'
import { takeAway, Versions } from './take-away.ts'

/**
 * Server-side apply: lays `config` over `live`, takes away what this manager applied before and applies no more, and
 * records who owns what. The answer is a new object of the served version.
 * @throws StatusError 409 where a field with another value belongs to somebody else, unless `force`
 */
export async function applyConfiguration(
  writer: FieldWriter,
  live: KubeObject | undefined,
  config: KubeObject,
  force: boolean,
): Promise<KubeObject> {
  if (config.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  try {
    return await apply(writer, live, config, force)
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    const allowed = writer.name === 'kubectl' && live ? ownedByClientSideApply(writer, live) : undefined
    if (!allowed) throw error.toStatusError()
    const left = error.conflicts.filter(({ path }) => difference(setOf(path), allowed).size > 0)
    if (left.length > 0) throw new ConflictError(left).toStatusError()
    return apply(writer, live, config, true)
  }
}

async function apply(
  writer: FieldWriter,
  live: KubeObject | undefined,
  config: KubeObject,
  force: boolean,
): Promise<KubeObject> {
  const { resource } = writer
  const schema = resource.schema
  const before = live ? withoutManagedFields(live) : emptyObject(config, schema)
  const managers = decodeManagers(live?.metadata.managedFields as Json[] | undefined)
  if (live && managers.size === 0) addBeforeFirstApply(writer, managers, live, before)
  for (const [id, manager] of managers) {
    const shape = resource.schemaOfVersion(manager.apiVersion)
    if (shape) managers.set(id, { ...manager, set: reconcile(manager.set, before, shape) })
  }
  let merged: JsonMap
  let claimed: FieldSet
  try {
    merged = merge(before, config as unknown as JsonMap, schema) as JsonMap
    claimed = fieldSetOf(config as unknown as JsonMap, schema)
  } catch (error) {
    throw new StatusError(
      500,
      '',
      `failed to create typed patch object (${subjectOf(config)}): ${(error as Error).message}`,
    )
  }
  const reset = resetSet(resource, writer.subresource)
  const self: Manager = {
    name: writer.name,
    operation: 'Apply',
    apiVersion: config.apiVersion,
    subresource: writer.subresource,
    time: timeText(writer.nowMs),
    set: recursiveDifference(claimed, reset),
  }
  const id = managerId(self)
  const last = managers.get(id)
  managers.set(id, self)
  const pruned = last && last.set.size > 0 ? await prune(writer, merged, managers, last) : merged
  const versions = new Versions(writer, before, pruned)
  await takeAway(managers, id, versions, force)
  const owned = managers.get(id)
  if (owned) {
    const set = stripped(owned.set)
    if (set.size === 0) managers.delete(id)
    else managers.set(id, { ...owned, set })
  }
  const changedNothing = live !== undefined && equal(before, pruned)
  const kept = managers.get(id)
  if (changedNothing && kept && last?.time !== undefined) managers.set(id, { ...kept, time: last.time })
  const result = structuredClone(pruned) as unknown as KubeObject
  result.metadata ??= {}
  const encoded = encodeManagers(managers)
  if (encoded) result.metadata.managedFields = encoded
  syncLastApplied(writer, result, config)
  return result
}

/**
 * Removes what this manager applied last time and not this time, unless somebody else owns it too.
 */
async function prune(writer: FieldWriter, merged: JsonMap, managers: Managers, last: Manager): Promise<JsonMap> {
  const { resource } = writer
  const served = apiVersionOf(resource.info)
  const schema = resource.schemaOfVersion(last.apiVersion)
  if (!schema && resource.schema) return merged
  const into = async (object: JsonMap, version: string): Promise<JsonMap> =>
    version === served || !resource.convertTo
      ? object
      : ((await resource.convertTo(object as unknown as KubeObject, version)) as unknown as JsonMap)
  const whole = await into(merged, last.apiVersion)
  const named = (set: FieldSet) => withNamedFields(set, schema)
  const lastSet = named(last.set)
  let pruned = (removeItems(whole, lastSet, schema) ?? {}) as JsonMap
  const wholeSet = named(fieldSetOf(whole, schema))
  // Others' fields come back. Managers of other versions are read in the terms of this one where the paths agree.
  let owned = emptySet()
  for (const manager of managers.values()) owned = union(owned, manager.set)
  const prunedSet = named(fieldSetOf(pruned, schema))
  pruned = (removeItems(whole, difference(wholeSet, union(prunedSet, named(owned))), schema) ?? {}) as JsonMap
  // What this manager never owned comes back too.
  const afterOwned = named(fieldSetOf(pruned, schema))
  pruned = (removeItems(whole, intersection(difference(wholeSet, afterOwned), lastSet), schema) ?? {}) as JsonMap
  return last.apiVersion === served || !resource.convertTo
    ? pruned
    : ((await resource.convertTo(pruned as unknown as KubeObject, served)) as unknown as JsonMap)
}

/** Fields that were there before anybody tracked owners belong to a manager of that name. */
function addBeforeFirstApply(writer: FieldWriter, managers: Managers, live: KubeObject, before: JsonMap): void {
  const { added, modified } = compare(emptyObject(live, writer.resource.schema), before, writer.resource.schema)
  const set = recursiveDifference(stripped(union(added, modified)), resetSet(writer.resource, writer.subresource))
  if (set.size === 0) return
  const manager: Manager = {
    name: 'before-first-apply',
    operation: 'Update',
    apiVersion: live.apiVersion,
    subresource: writer.subresource,
    time: timeText(writer.nowMs),
    set,
  }
  managers.set(managerId(manager), manager)
}

/** The fields that client-side apply wrote and nobody changed since: kubectl may take them over without a conflict. */
function ownedByClientSideApply({ resource }: FieldWriter, live: KubeObject): FieldSet | undefined {
  const text = live.metadata.annotations?.[lastAppliedAnnotation]
  if (!text) return undefined
  let last: JsonMap
  try {
    last = JSON.parse(text)
  } catch {
    return undefined
  }
  if (last.apiVersion !== live.apiVersion) return undefined
  const { added, modified, removed } = compare(last, withoutManagedFields(live), resource.schema)
  return difference(difference(difference(fieldSetOf(last, resource.schema), modified), added), removed)
}

const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

function syncLastApplied(writer: FieldWriter, result: KubeObject, config: KubeObject): void {
  const annotations = result.metadata.annotations
  if (writer.name !== 'kubectl' || !annotations?.[lastAppliedAnnotation]) return
  const copy = structuredClone(config)
  if (copy.metadata.annotations) delete copy.metadata.annotations[lastAppliedAnnotation]
  annotations[lastAppliedAnnotation] = `${JSON.stringify(copy)}\n`
}

function subjectOf({ metadata, apiVersion, kind }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}; ${apiVersion}, Kind=${kind}`
}
