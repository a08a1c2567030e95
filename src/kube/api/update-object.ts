import type { KubeObject } from '../schema/index.ts'
import type { Entry } from '../store/index.ts'
import { admissionRequest } from './admit.ts'
import { createObject, throwIfInvalid, type Written, writeContext } from './create-object.ts'
import { conflict, invalid, methodNotSupported, notFound } from './errors.ts'
import { hooksOf } from './hooks-of.ts'
import { equal } from './managed-fields/compare.ts'
import type { JsonMap } from './managed-fields/shape.ts'
import { wipeSystemFields } from './object-meta.ts'
import type { WriteOptions } from './options.ts'
import { keyOf, type ResourceRequest, warn } from './request-context.ts'
import { groupResourceOf } from './resource.ts'
import { StatusError } from './status-error.ts'
import { decodeObject, encodeObject } from './stored-object.ts'

export interface Update {
  /**
   * Makes the new object out of the live one (both of the storage version): merges, tracks fields, admits. Called again
   * where somebody else was faster. It may change what it is given.
   */
  readonly transform: (live: KubeObject | undefined, entry: Entry | undefined) => Promise<KubeObject>
  readonly options: WriteOptions
  /** Create what is not there, as apply does. */
  readonly allowCreate?: boolean
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

/** One retry happens at once; a writer that keeps losing gives up after this many. */
const maxAttempts = 20

export async function updateObject(context: ResourceRequest, update: Update): Promise<Written> {
  const { core, resource, route } = context
  const key = keyOf(resource, resource.info.namespaced ? route.namespace : '', route.name)
  let { entry } = await core.store.get(key)
  for (let attempt = 1; ; attempt++) {
    const result = entry ? await updateOnce(context, update, key, entry) : await createInstead(context, update)
    if (result.written) return result.written
    if (attempt === maxAttempts) throw conflict(groupResourceOf(resource), route.name)
    entry = result.current
  }
}

type Attempt = { readonly written: Written } | { readonly written?: undefined; readonly current: Entry | undefined }

async function createInstead(context: ResourceRequest, update: Update): Promise<Attempt> {
  const { resource, route } = context
  const strategy = resource.strategy(route.subresource)
  if (!strategy?.allowCreateOnUpdate && !update.allowCreate) throw notFound(groupResourceOf(resource), route.name)
  const object = await update.transform(undefined, undefined)
  if (object.metadata.uid)
    throw conflict(
      groupResourceOf(resource),
      route.name,
      `uid mismatch: the provided object specified uid ${object.metadata.uid}, and no existing object was found`,
    )
  wipeSystemFields(object)
  try {
    return { written: await createObject(context, object, update.options) }
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== 'AlreadyExists') throw error
    return { current: (await context.core.store.get(keyOf(resource, route.namespace, route.name))).entry }
  }
}

async function updateOnce(context: ResourceRequest, update: Update, key: string, entry: Entry): Promise<Attempt> {
  const { core, resource, route } = context
  const { options, preconditions } = update
  const strategy = resource.strategy(route.subresource)
  if (!strategy) throw methodNotSupported(groupResourceOf(resource), 'update')
  const live = decodeObject(entry)
  checkPreconditions(context, live, preconditions)
  const object = await update.transform(live, entry)
  const wanted = object.metadata.resourceVersion ?? ''
  checkRevision(context, wanted, entry, strategy.allowUnconditionalUpdate)
  object.metadata.resourceVersion = String(entry.revision)
  const finish = await hooksOf(resource.keyPrefix)?.beginUpdate(core, object, live, options.dryRun)
  let attempt: Attempt | undefined
  try {
    attempt = await writePrepared(context, update, { key, entry, live, object })
    return attempt
  } finally {
    await finish?.(attempt?.written !== undefined)
  }
}

interface Prepared {
  readonly key: string
  readonly entry: Entry
  readonly live: KubeObject
  readonly object: KubeObject
}

async function writePrepared(
  context: ResourceRequest,
  { options }: Update,
  { key, entry, live, object }: Prepared,
): Promise<Attempt> {
  const { core, resource, route } = context
  const strategy = resource.strategy(route.subresource)
  if (!strategy) throw methodNotSupported(groupResourceOf(resource), 'update')
  const write = writeContext(context, options)
  keepSystemFields(object, live)
  strategy.prepareForUpdate(object, live, write)
  restoreIdentity(object, live)
  throwIfInvalid(context, object, strategy.validateUpdate(object, live, write))
  warn(context, strategy.warningsOnUpdate(object, live))
  ignoreTimestamps(object, live)
  const [served, servedLive] = [await resource.fromStorage(object), await resource.fromStorage(live)]
  await core.admission.validate(admissionRequest(context, 'UPDATE', served, servedLive, options))
  const isFinished = isDeletedByUpdate(object, live)
  if (options.dryRun)
    return {
      written: {
        object: { ...object, metadata: { ...object.metadata, resourceVersion: String(entry.revision) } },
        created: false,
      },
    }
  if (isFinished) {
    const result = await core.store.delete(key, entry.revision)
    if (!result.written) return { current: result.current }
    await hooksOf(resource.keyPrefix)?.afterDelete(core, live)
    const { metadata } = object
    return {
      written: {
        object: { ...object, metadata: { ...metadata, resourceVersion: String(entry.revision) } },
        created: false,
      },
    }
  }
  if (isSame(object, live)) return { written: { entry, created: false } }
  const result = await core.store.update(key, encodeObject(object), entry.revision)
  if (result.written) return { written: { entry: result.entry, created: false } }
  return { current: result.current }
}

/** A client that names the revision that it wants to replace gets no other one. */
function checkRevision(
  { resource, route }: ResourceRequest,
  wanted: string,
  entry: Entry,
  unconditional: boolean,
): void {
  const { group, resource: plural } = groupResourceOf(resource)
  if (wanted === '' || wanted === '0') {
    if (unconditional) return
    throw invalid({ group, kind: plural }, route.name, [
      {
        type: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: 'Invalid value: 0: must be specified for an update',
      },
    ])
  }
  if (!/^\d+$/.test(wanted))
    throw invalid({ group, kind: plural }, route.name, [
      {
        type: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: `Invalid value: ${JSON.stringify(wanted)}: strconv.ParseUint: parsing ${JSON.stringify(wanted)}: invalid syntax`,
      },
    ])
  if (Number(wanted) !== entry.revision) throw conflict({ group, resource: plural }, route.name)
}

function checkPreconditions(
  { resource, route }: ResourceRequest,
  live: KubeObject,
  preconditions: Update['preconditions'],
): void {
  const uid = preconditions?.uid
  if (uid === undefined || uid === live.metadata.uid) return
  throw conflict(
    groupResourceOf(resource),
    route.name,
    `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`,
  )
}

/** An update can never change what the server alone says of an object. */
function keepSystemFields({ metadata }: KubeObject, { metadata: old }: KubeObject): void {
  keep(metadata, old, 'generation')
  keep(metadata, old, 'selfLink')
}

function restoreIdentity({ metadata }: KubeObject, { metadata: old }: KubeObject): void {
  if (!metadata.uid) keep(metadata, old, 'uid')
  keep(metadata, old, 'creationTimestamp')
  if (old.deletionTimestamp !== undefined) metadata.deletionTimestamp = old.deletionTimestamp
  if (old.deletionGracePeriodSeconds !== undefined && metadata.deletionGracePeriodSeconds === undefined)
    metadata.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds
}

function keep<K extends keyof KubeObject['metadata']>(
  metadata: KubeObject['metadata'],
  old: KubeObject['metadata'],
  field: K,
) {
  if (old[field] === undefined) delete metadata[field]
  else metadata[field] = old[field]
}

/** A write that changes nothing but the times of managed fields changes nothing. */
function ignoreTimestamps(object: KubeObject, live: KubeObject): void {
  const after = object.metadata.managedFields
  const before = live.metadata.managedFields
  if (!after || !before || after.length !== before.length) return
  const timeless = (entries: typeof after) => entries.map(({ time: _, ...rest }) => rest)
  if (!equal(timeless(after), timeless(before))) return
  const rest = ({ metadata, ...others }: KubeObject) => {
    const { managedFields: _, resourceVersion: __, ...fields } = metadata
    return { ...others, metadata: fields } as unknown as JsonMap
  }
  if (equal(rest(object), rest(live))) object.metadata.managedFields = before
}

function isSame(object: KubeObject, live: KubeObject): boolean {
  const { resourceVersion: _, ...metadata } = object.metadata
  const { resourceVersion: __, ...old } = live.metadata
  return equal({ ...object, metadata } as unknown as JsonMap, { ...live, metadata: old } as unknown as JsonMap)
}

/** The last finalizer of an object that waits for deletion is gone. */
function isDeletedByUpdate({ metadata, kind, spec }: KubeObject, { metadata: old }: KubeObject): boolean {
  if (old.deletionTimestamp === undefined || (metadata.finalizers?.length ?? 0) > 0) return false
  if (kind === 'Namespace' && ((spec as { finalizers?: string[] } | undefined)?.finalizers?.length ?? 0) > 0)
    return false
  return (old.deletionGracePeriodSeconds ?? 0) === 0
}
