import type { KubeObject } from '../schema/index.ts'
import type { Entry } from '../store/index.ts'
import { admissionRequest } from './admit.ts'
import { conflict, notFound } from './errors.ts'
import { hooksOf } from './hooks-of.ts'
import { timeText } from './managed-fields/field-manager.ts'
import type { DeleteOptions } from './options.ts'
import type { ResourceRequest } from './request-context.ts'
import { groupResourceOf } from './resource.ts'
import { decodeObject, encodeObject } from './stored-object.ts'

/** What became of a deletion: gone, or still there and marked. `entry` is undefined for a dry run that would mark. */
export interface Deleted {
  readonly gone: boolean
  readonly object: KubeObject
  readonly entry: Entry | undefined
}

const maxAttempts = 20

/**
 * Deletes an object, or marks it as being deleted where finalizers or a grace period hold it.
 * @throws StatusError 404, 409
 */
export async function deleteObject(
  context: ResourceRequest,
  key: string,
  known: Entry | undefined,
  options: DeleteOptions,
): Promise<Deleted> {
  const { core, resource } = context
  let entry = known ?? (await core.store.get(key)).entry
  for (let attempt = 1; ; attempt++) {
    if (!entry) throw notFound(groupResourceOf(resource), key.slice(key.lastIndexOf('/') + 1))
    const result = await deleteOnce(context, key, entry, options)
    if ('gone' in result) return result
    if (attempt === maxAttempts) throw conflict(groupResourceOf(resource), key.slice(key.lastIndexOf('/') + 1))
    entry = result.current
  }
}

async function deleteOnce(
  context: ResourceRequest,
  key: string,
  entry: Entry,
  options: DeleteOptions,
): Promise<Deleted | { current: Entry | undefined }> {
  const { core, resource } = context
  const object = decodeObject(entry)
  checkPreconditions(context, object, options)
  await core.admission.validate(
    admissionRequest(context, 'DELETE', undefined, await resource.fromStorage(object), options),
  )
  const marked = isNamespace(resource) ? markNamespace(context, object) : mark(context, object, options)
  if (marked === 'pending') return { gone: false, object, entry }
  if (marked) {
    if (options.dryRun) return { gone: false, object, entry: undefined }
    const result = await core.store.update(key, encodeObject(object), entry.revision)
    return result.written ? { gone: false, object, entry: result.entry } : { current: result.current }
  }
  if (options.dryRun) return { gone: true, object, entry }
  const result = await core.store.delete(key, entry.revision)
  if (!result.written) return { current: result.current }
  await hooksOf(resource.keyPrefix)?.afterDelete(core, object)
  return { gone: true, object, entry: result.entry }
}

function checkPreconditions(
  { resource }: ResourceRequest,
  { metadata }: KubeObject,
  { uid, resourceVersion }: DeleteOptions,
): void {
  const kind = { group: resource.info.group, resource: resource.info.kind }
  const name = metadata.name ?? ''
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(
      kind,
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`,
    )
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      kind,
      name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`,
    )
}

/**
 * True: the object was changed and is to be written. False: it can go now. `pending`: its deletion is under way and this
 * request does not hasten it.
 */
function mark({ core, resource }: ResourceRequest, object: KubeObject, options: DeleteOptions): boolean | 'pending' {
  const { metadata } = object
  const nowMs = core.clock.nowMs()
  const asked =
    options.gracePeriodSeconds !== undefined && options.gracePeriodSeconds < 0 ? 1 : options.gracePeriodSeconds
  let changed = false
  const grace = metadata.deletionTimestamp === undefined ? resource.graceSeconds(object, asked) : 0
  if (metadata.deletionTimestamp === undefined) {
    if (grace > 0) {
      metadata.deletionTimestamp = timeText(nowMs + grace * 1000)
      metadata.deletionGracePeriodSeconds = grace
      if (metadata.generation) metadata.generation++
      changed = true
    }
  } else if ((metadata.deletionGracePeriodSeconds ?? 0) > 0) {
    if (asked === undefined || asked >= (metadata.deletionGracePeriodSeconds ?? 0)) return 'pending'
    shorten(object, asked, nowMs)
    changed = true
  }
  if (setFinalizers(resource.info, object, options)) changed = true
  const held = (metadata.finalizers?.length ?? 0) > 0
  if (held && metadata.deletionTimestamp === undefined) {
    if (metadata.generation) metadata.generation++
    metadata.deletionTimestamp = timeText(nowMs)
    metadata.deletionGracePeriodSeconds = 0
    changed = true
  }
  if (held) return changed ? true : 'pending'
  return (metadata.deletionGracePeriodSeconds ?? 0) > 0
}

/** A deletion that is under way can only be hastened. */
function shorten({ metadata }: KubeObject, seconds: number, nowMs: number): void {
  const before = Date.parse(metadata.deletionTimestamp ?? '') - (metadata.deletionGracePeriodSeconds ?? 0) * 1000
  const at = before + seconds * 1000
  metadata.deletionTimestamp = timeText(Math.max(at, nowMs))
  metadata.deletionGracePeriodSeconds = at < nowMs && seconds !== 0 ? 1 : seconds
}

const orphan = 'orphan'
const foreground = 'foregroundDeletion'

/** Finalizers for the garbage collector, by which dependents are orphaned or deleted first. */
function setFinalizers(
  { group, plural }: { group: string; plural: string },
  { metadata }: KubeObject,
  options: DeleteOptions,
): boolean {
  if (plural === 'events') return false
  const before = metadata.finalizers ?? []
  const { orphanDependents, propagationPolicy } = options
  let wanted: string | undefined
  if (orphanDependents !== undefined) wanted = orphanDependents ? orphan : undefined
  else if (propagationPolicy !== undefined)
    wanted = propagationPolicy === 'Orphan' ? orphan : propagationPolicy === 'Foreground' ? foreground : undefined
  else if (before.includes(orphan)) wanted = orphan
  else if (before.includes(foreground)) wanted = foreground
  else if ((group === '' && plural === 'replicationcontrollers') || (group === 'batch' && plural === 'jobs'))
    wanted = orphan
  const after = before.filter((finalizer) => finalizer !== orphan && finalizer !== foreground)
  if (wanted !== undefined) after.push(wanted)
  if (after.length === before.length && after.every((finalizer) => before.includes(finalizer))) return false
  if (after.length > 0) metadata.finalizers = after
  else delete metadata.finalizers
  return true
}

const isNamespace = ({ info }: ResourceRequest['resource']) => info.group === '' && info.plural === 'namespaces'

/** A namespace is emptied first, by whoever takes `kubernetes` out of its spec's finalizers. */
function markNamespace({ core, resource }: ResourceRequest, object: KubeObject): boolean {
  const { metadata } = object
  const held = ((object.spec as { finalizers?: string[] } | undefined)?.finalizers?.length ?? 0) > 0
  if (metadata.deletionTimestamp === undefined && (held || (metadata.finalizers?.length ?? 0) > 0)) {
    metadata.deletionTimestamp = timeText(core.clock.nowMs())
    object.status = { ...(object.status as object | undefined), phase: 'Terminating' }
    return true
  }
  if (held || (metadata.finalizers?.length ?? 0) > 0)
    throw conflict(
      groupResourceOf(resource),
      metadata.name ?? '',
      'The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.',
    )
  return false
}
