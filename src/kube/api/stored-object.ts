import type { KubeObject } from '../schema/index.ts'
import type { Entry, Value } from '../store/index.ts'

/**
 * Objects are stored as the JSON that is served:
 *
 *     {"kind":"Pod","apiVersion":"v1","metadata":{"name":"a",…,"resourceVersion":"12",…},"spec":{…},"status":{…}}⏎
 *     └──────────── the same for all objects of a resource ─┘                 ▲ put in by the store
 */

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const metadataOrder = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const

/** What readers derive from an entry's bytes, kept with it. */
export interface Memo {
  readonly labels: Readonly<Record<string, string>>
  fields?: Readonly<Record<string, string>>
  /** Where the metadata ends in the bytes. */
  metadataEnd?: number
  /** Watch frames by type. */
  frames?: Record<string, Uint8Array>
  /** Cells of a Table's row, as text around those that change with time. */
  row?: unknown
  /** The object in versions other than the stored one, by apiVersion. */
  versions?: Map<string, Uint8Array>
}

const nothing: Readonly<Record<string, string>> = Object.freeze({})

const resourceVersionPlace = '"resourceVersion":""'

export function encodeObject(object: KubeObject): Value {
  const { kind, apiVersion, metadata, ...rest } = object
  const ordered: Record<string, unknown> = {}
  for (const field of metadataOrder) {
    if (field === 'resourceVersion') ordered.resourceVersion = ''
    else if (metadata[field] !== undefined) ordered[field] = metadata[field]
  }
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(ordered)}`
  const tail = JSON.stringify(rest)
  const text = tail === '{}' ? `${head}}\n` : `${head},${tail.slice(1)}\n`
  // Before this place stand only strings, whose quotes are escaped: it cannot be found inside one of them.
  const place = head.indexOf(resourceVersionPlace) + resourceVersionPlace.length - 1
  return { bytes: encoder.encode(text), revisionAt: byteOffset(head, place) }
}

function byteOffset(text: string, at: number): number {
  for (let i = 0; i < at; i++) if (text.charCodeAt(i) > 127) return encoder.encode(text.slice(0, at)).length
  return at
}

export function decodeObject(entry: Pick<Entry, 'bytes'>): KubeObject {
  return JSON.parse(decoder.decode(entry.bytes))
}

export function memoOf(entry: Entry): Memo {
  if (entry.memo === undefined) entry.memo = { labels: decodeObject(entry).metadata.labels ?? nothing } satisfies Memo
  return entry.memo as Memo
}

export function typePrefix(kind: string, apiVersion: string): Uint8Array {
  return encoder.encode(`{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`)
}

const metadataKey = encoder.encode('"metadata":').length

/** The bytes of `metadata` alone. */
export function metadataBytes(bytes: Uint8Array, prefixLength: number, memo?: Memo): Uint8Array {
  const start = prefixLength + metadataKey
  const end = memo?.metadataEnd ?? endOfObject(bytes, start)
  if (memo) memo.metadataEnd = end
  return bytes.subarray(start, end)
}

/** Where the JSON object that begins at `start` ends. */
function endOfObject(bytes: Uint8Array, start: number): number {
  let depth = 0
  for (let i = start; i < bytes.length; i++) {
    const c = bytes[i]
    if (c === 0x22) {
      i++
      while (bytes[i] !== 0x22) i += bytes[i] === 0x5c ? 2 : 1
    } else if (c === 0x7b) depth++
    else if (c === 0x7d && --depth === 0) return i + 1
  }
  return bytes.length
}
