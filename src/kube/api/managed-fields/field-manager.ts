import { apiVersionOf, type Json, type KubeObject, type Schema } from '../../schema/index.ts'
import { badRequest } from '../errors.ts'
import type { ServedResource } from '../resource.ts'
import { StatusError } from '../status-error.ts'
import { type Comparison, compare, equal, fieldSetOf } from './compare.ts'
import { type Conflict, ConflictError } from './conflict.ts'
import {
  difference,
  emptySet,
  type FieldSet,
  insert,
  intersection,
  pathsOf,
  recursiveDifference,
  setOf,
  union,
} from './field-set.ts'
import { decodeManagers, encodeManagers, type Manager, type Managers, managerId } from './managers.ts'
import { merge, removeItems, withNamedFields } from './merge.ts'
import { reconcile } from './reconcile.ts'
import { type JsonMap, zeroObject } from './shape.ts'

export interface FieldWriter {
  readonly resource: ServedResource
  readonly subresource: string
  readonly name: string
  readonly nowMs: number
}

const maxUpdateManagers = 10

/** Fields of every object that nobody owns. */
const neverOwned = setOf(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => ['f:metadata', `f:${field}`]),
)

/**
 * Gives the fields that an update changed to its writer. `live` is undefined for a create. Both objects are of the served
 * version; `object.metadata.managedFields` is set. An error in what the client sent as managed fields is no error: the
 * live ones count then.
 */
export async function trackUpdate(
  writer: FieldWriter,
  live: KubeObject | undefined,
  object: KubeObject,
): Promise<void> {
  const managers = managersFor(writer, live, object)
  delete object.metadata.managedFields
  if (live && managers.size === 0) return
  const schema = writer.resource.schema
  const before = live ? withoutManagedFields(live) : emptyObject(object, schema)
  const self: Manager = {
    name: writer.name || 'unknown',
    operation: 'Update',
    apiVersion: object.apiVersion,
    subresource: writer.subresource,
    time: timeText(writer.nowMs),
    set: emptySet(),
  }
  const id = managerId(self)
  const versions = new Versions(writer, before, object as unknown as JsonMap)
  const comparison = await versions.comparison(object.apiVersion)
  if (!comparison) return
  // The writer's own earlier entry loses what it changes as anybody's does, and is given it back below.
  await takeAway(managers, undefined, versions)
  const changed = stripped(union(comparison.modified, comparison.added))
  if (changed.size > 0) {
    const previous = managers.get(id)
    managers.set(id, { ...self, set: previous ? union(changed, previous.set) : changed })
  }
  capUpdaters(managers)
  const encoded = encodeManagers(managers)
  if (encoded) object.metadata.managedFields = encoded
}

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
 * Takes from every other manager what the write changed (a conflict, unless forced) and what it removed.
 */
async function takeAway(managers: Managers, self: string | undefined, versions: Versions, force = true): Promise<void> {
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

/** What changed, in the terms of each version in which a manager speaks. */
class Versions {
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

/** Merges the oldest updaters into one of their version while there are too many. */
function capUpdaters(managers: Managers): void {
  const updaters = [...managers].filter(([, manager]) => manager.operation === 'Update')
  if (updaters.length <= maxUpdateManagers) return
  updaters.sort(([, a], [, b]) =>
    (a.time ?? '') < (b.time ?? '') ? -1 : (a.time ?? '') > (b.time ?? '') ? 1 : a.name < b.name ? -1 : 1,
  )
  let count = updaters.length
  const first = new Map<string, string>()
  for (const [id, manager] of updaters) {
    if (count <= maxUpdateManagers) return
    const version = manager.apiVersion
    const firstId = first.get(version)
    if (firstId === undefined) {
      first.set(version, id)
      continue
    }
    const bucket: Manager = {
      name: 'ancient-changes',
      operation: 'Update',
      apiVersion: version,
      subresource: '',
      time: manager.time,
      set: emptySet(),
    }
    const bucketId = managerId(bucket)
    let known = managers.get(bucketId)
    if (!known) {
      known = managers.get(firstId) ?? bucket
      managers.delete(firstId)
    }
    managers.set(bucketId, { ...bucket, set: union(manager.set, known.set) })
    if (id !== bucketId) managers.delete(id)
    count--
  }
}

function managersFor(writer: FieldWriter, live: KubeObject | undefined, object: KubeObject): Managers {
  const sent = object.metadata.managedFields
  const fromLive = () => {
    try {
      return decodeManagers(live?.metadata.managedFields as Json[] | undefined)
    } catch {
      return new Map() as Managers
    }
  }
  // A subresource cannot set managed fields.
  if (writer.subresource !== '') return fromLive()
  if (sent && (sent.length === 0 || (sent.length === 1 && sent[0] && Object.keys(sent[0]).length === 0)))
    return new Map()
  if (!sent || sent.length === 0) return fromLive()
  if (live && sent === live.metadata.managedFields) return fromLive()
  try {
    return decodeManagers(sent as Json[])
  } catch {
    return fromLive()
  }
}

function withoutManagedFields(object: KubeObject): JsonMap {
  if (object.metadata.managedFields === undefined) return object as unknown as JsonMap
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata } as unknown as JsonMap
}

function emptyObject(like: KubeObject, schema: Schema | undefined): JsonMap {
  return { ...zeroObject(schema), apiVersion: like.apiVersion, kind: like.kind }
}

const resetSets = new WeakMap<ServedResource, Map<string, FieldSet>>()

function resetSet(resource: ServedResource, subresource: string): FieldSet {
  let sets = resetSets.get(resource)
  if (!sets) {
    sets = new Map()
    resetSets.set(resource, sets)
  }
  let set = sets.get(subresource)
  if (!set) {
    set = emptySet()
    for (const path of resource.resetFields(subresource))
      insert(
        set,
        path.split('.').map((part) => `f:${part}`),
      )
    sets.set(subresource, set)
  }
  return set
}

const stripped = (set: FieldSet) => difference(set, neverOwned)

let lastSecond = Number.NaN
let lastText = ''

/** RFC 3339 in whole seconds. */
export function timeText(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== lastSecond) {
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`
    lastSecond = second
  }
  return lastText
}

function subjectOf({ metadata, apiVersion, kind }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}; ${apiVersion}, Kind=${kind}`
}
