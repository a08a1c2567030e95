import {
  apiVersionOf,
  builtinResources,
  checkFieldSelector,
  decodeAs,
  defaultObject,
  fieldsOf,
  findKind,
  fromStorage,
  gracePeriodSeconds,
  type Json,
  type KubeObject,
  parseApiVersion,
  printerOf,
  type ResourceInfo,
  scaleOf,
  schemaOf,
  servedAsStored,
  storageResource,
  strategyOf,
  toStorage,
} from '../schema/index.ts'
import type { ServedResource } from './resource.ts'

/** Everything that Kubernetes 1.36 serves by default. */
export function builtinServedResources(): ServedResource[] {
  return builtinResources.filter((info) => info.verbs.length > 0 || info.subresources.length > 0).map(served)
}

function served(info: ResourceInfo): ServedResource {
  const stored = storageResource(info)
  const scale = scaleOf(info)
  return {
    info,
    keyPrefix: stored.group === '' ? `/registry/${stored.plural}/` : `/registry/${stored.group}/${stored.plural}/`,
    schema: schemaOf(info.definition),
    storageSchema: schemaOf(stored.definition),
    decode(value: Json) {
      const { object, strictErrors } = decodeAs(info.definition, value)
      return { object: object as unknown as KubeObject, strictProblems: strictErrors }
    },
    setDefaults: (object) => defaultObject(info, object),
    toStorage: (object) => toStorage(info, object),
    fromStorage: (object) => fromStorage(info, object),
    servedAsStored: servedAsStored(info),
    strategy: (subresource) => strategyOf(info, subresource),
    printer: printerOf(info),
    selectableFields: (object) => fieldsOf(info, object),
    checkFieldSelector: (requirements) => checkFieldSelector(info, requirements),
    ...(scale ? { scale } : {}),
    resetFields: (subresource) => resetFields(info, subresource),
    schemaOfVersion(apiVersion) {
      const { group, version } = parseApiVersion(apiVersion)
      const other = findKind(group, version, info.kind)
      return other && schemaOf(other.definition)
    },
    convertTo(object, apiVersion) {
      if (apiVersion === apiVersionOf(info)) return object
      const { group, version } = parseApiVersion(apiVersion)
      const other = findKind(group, version, info.kind)
      return other ? fromStorage(other, toStorage(info, structuredClone(object))) : object
    },
    storageVersionHash: storageVersionHash(stored),
    graceSeconds: (object, asked) => gracePeriodSeconds(info, object, asked),
    typedItems: false,
  }
}

/** What a write of this subresource can never own. */
function resetFields(info: ResourceInfo, subresource: string): readonly string[] {
  const hasStatus = info.subresources.some(({ name }) => name === 'status')
  if (subresource === '') return hasStatus ? ['status'] : []
  if (subresource !== 'status') return []
  const metadata = info.kind === 'Pod' ? ['metadata.deletionTimestamp', 'metadata.ownerReferences'] : []
  return ['spec', ...metadata]
}

/**
 * Names the storage version as discovery does: eight bytes that differ where group, version or kind differ. Clients only
 * compare it.
 */
export function storageVersionHash({ group, version, kind }: { group: string; version: string; kind: string }): string {
  let bytes = ''
  for (let round = 0; round < 2; round++) {
    let hash = 0x811c9dc5 ^ round
    for (const c of `${group}/${version}/${kind}`) hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193) >>> 0
    for (let shift = 24; shift >= 0; shift -= 8) bytes += String.fromCharCode((hash >>> shift) & 255)
  }
  return btoa(bytes)
}
