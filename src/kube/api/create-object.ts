import type { FieldError, KubeObject, WriteContext } from '../schema/index.ts'
import type { Entry } from '../store/index.ts'
import { admissionRequest } from './admit.ts'
import { alreadyExists, generateNameConflict, invalid, methodNotSupported } from './errors.ts'
import { hooksOf } from './hooks-of.ts'
import { fillSystemFields, generateName } from './object-meta.ts'
import type { WriteOptions } from './options.ts'
import { keyOf, type ResourceRequest, warn } from './request-context.ts'
import { groupResourceOf, kindOf } from './resource.ts'
import { decodeObject, encodeObject } from './stored-object.ts'

/** Enough for a million names of one beginning. */
const generateNameAttempts = 8

/** What a write left behind: a stored entry, or the object that a dry run would have stored. */
export type Written =
  | { readonly entry: Entry; readonly object?: undefined; readonly created: boolean }
  | { readonly entry?: undefined; readonly object: KubeObject; readonly created: boolean }

export function writeContext({ core, user }: ResourceRequest, { dryRun }: { dryRun: boolean }): WriteContext {
  const { name, uid, groups, extra } = user
  return {
    nowMs: core.clock.nowMs(),
    dryRun,
    user: {
      name,
      ...(uid === undefined ? {} : { uid }),
      groups: [...groups],
      ...(extra === undefined
        ? {}
        : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
    },
  }
}

/**
 * Writes a new object. It is of the storage version, defaulted, admitted by the mutating plugins, with managed fields.
 * @throws StatusError 409 where the name is taken, 422 where it is not valid
 */
export async function createObject(
  context: ResourceRequest,
  object: KubeObject,
  options: WriteOptions,
): Promise<Written> {
  const { metadata } = object
  if (!metadata.generateName || metadata.name) return createOnce(context, object, options)
  for (let attempt = 1; ; attempt++) {
    const copy = structuredClone(object)
    copy.metadata.name = generateName(context.core.random, metadata.generateName)
    try {
      return await createOnce(context, copy, options)
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      if (attempt === generateNameAttempts)
        throw generateNameConflict(groupResourceOf(context.resource), copy.metadata.name)
    }
  }
}

const isAlreadyExists = (error: unknown) => (error as { reason?: unknown }).reason === 'AlreadyExists'

async function createOnce(context: ResourceRequest, object: KubeObject, options: WriteOptions): Promise<Written> {
  const { core, resource } = context
  const finish = await hooksOf(resource.keyPrefix)?.beginCreate(core, object, options.dryRun)
  let created = false
  try {
    const written = await createPrepared(context, object, options)
    created = true
    return written
  } finally {
    await finish?.(created)
  }
}

async function createPrepared(context: ResourceRequest, object: KubeObject, options: WriteOptions): Promise<Written> {
  const { core, resource } = context
  await prepareCreate(context, object, options)
  const key = keyOf(
    resource,
    resource.info.namespaced ? (object.metadata.namespace ?? '') : '',
    object.metadata.name ?? '',
  )
  const taken = (current: Entry) =>
    alreadyExists(
      groupResourceOf(resource),
      object.metadata.name ?? '',
      decodeObject(current).metadata.deletionTimestamp !== undefined,
    )
  if (options.dryRun) {
    const { entry } = await core.store.get(key)
    if (entry) throw taken(entry)
    return { object, created: true }
  }
  const result = await core.store.create(key, encodeObject(object))
  if (result.written) return { entry: result.entry, created: true }
  if (result.current) throw taken(result.current)
  throw alreadyExists(groupResourceOf(resource), object.metadata.name ?? '')
}

/** Everything that stands between an admitted object and the store. */
async function prepareCreate(context: ResourceRequest, object: KubeObject, options: WriteOptions): Promise<void> {
  const { core, resource } = context
  const strategy = resource.strategy('')
  if (!strategy) throw methodNotSupported(groupResourceOf(resource), 'create')
  fillSystemFields(core, object)
  const write = writeContext(context, options)
  strategy.prepareForCreate(object, write)
  throwIfInvalid(context, object, strategy.validateCreate(object, write))
  warn(context, strategy.warningsOnCreate(object))
  await core.admission.validate(
    admissionRequest(context, 'CREATE', await resource.fromStorage(object), undefined, options),
  )
}

export function throwIfInvalid({ resource }: ResourceRequest, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(kindOf(resource), object.metadata.name ?? '', errors)
}
