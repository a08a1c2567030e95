import type { Json, KubeObject } from '../../schema/index.ts'
import { emptySet, union } from './field-set.ts'
import { decodeManagers, encodeManagers, type Manager, type Managers, managerId } from './managers.ts'
import { emptyObject, type FieldWriter, stripped, timeText, withoutManagedFields } from './ownership.ts'
import type { JsonMap } from './shape.ts'
import { takeAway, Versions } from './take-away.ts'

export { applyConfiguration } from './apply-configuration.ts'
export { type FieldWriter, timeText } from './ownership.ts'

const maxUpdateManagers = 10

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
