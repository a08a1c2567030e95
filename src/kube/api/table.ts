import { ageOf, apiVersionOf, type Cell, type KubeObject } from '../schema/index.ts'
import type { Entry } from '../store/index.ts'
import { badRequest } from './errors.ts'
import type { ServedResource } from './resource.ts'
import { decodeObject, memoOf, metadataBytes, typePrefix } from './stored-object.ts'

/** What a row carries besides its cells. */
type IncludeObject = 'Metadata' | 'Object' | 'None'

export interface TableOptions {
  readonly version: string
  readonly include: IncludeObject
  readonly nowMs: number
}

/** @throws StatusError 400 */
export function tableOptions(query: URLSearchParams, version: string, nowMs: number): TableOptions {
  const include = query.get('includeObject') ?? ''
  if (include !== '' && include !== 'Metadata' && include !== 'Object' && include !== 'None')
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`,
    )
  return { version, include: include === '' ? 'Metadata' : include, nowMs }
}

/** A row's cells as JSON text, in pieces between which the object's age stands. */
interface CachedRow {
  readonly pieces: readonly string[]
  readonly created: string | null | undefined
}

const farAheadMs = 40_000 * 24 * 3600 * 1000

/**
 * The cells of a row change with time only in the object's age, for nearly every object: then they are worked out once
 * per revision and the age is put in when they are sent.
 */
function cellsText(resource: ServedResource, entry: Entry, nowMs: number): string {
  const memo = memoOf(entry)
  const cached = memo.row as CachedRow | undefined
  if (cached) {
    if (cached.pieces.length === 1) return cached.pieces[0] ?? ''
    return cached.pieces.join(JSON.stringify(ageOf(cached.created, nowMs)))
  }
  const object = decodeObject(entry)
  const cells = resource.printer.cells(object, nowMs)
  const row = cacheable(resource, object, cells, nowMs)
  if (row) memo.row = row
  return JSON.stringify(cells)
}

function cacheable(resource: ServedResource, object: KubeObject, cells: Cell[], nowMs: number): CachedRow | undefined {
  const created = object.metadata.creationTimestamp
  const age = ageOf(created, nowMs)
  const later = resource.printer.cells(object, nowMs + farAheadMs)
  const mark = '\0age\0'
  const marked: Cell[] = []
  for (const [i, cell] of cells.entries()) {
    if (cell === later[i]) marked.push(cell)
    else if (cell === age && later[i] === ageOf(created, nowMs + farAheadMs)) marked.push(mark)
    else return undefined
  }
  return { pieces: JSON.stringify(marked).split(JSON.stringify(mark)), created }
}

const encoder = new TextEncoder()
const columnTexts = new WeakMap<ServedResource, string>()

function columnDefinitions(resource: ServedResource): string {
  let text = columnTexts.get(resource)
  if (text === undefined) {
    text = JSON.stringify(resource.printer.columns)
    columnTexts.set(resource, text)
  }
  return text
}

/** The pieces of one row, to be written one after the other. */
export function rowPieces(resource: ServedResource, entry: Entry, options: TableOptions): (string | Uint8Array)[] {
  const cells = `{"cells":${cellsText(resource, entry, options.nowMs)},"object":`
  if (options.include === 'None') return [`${cells}null}`]
  if (options.include === 'Object') return [cells, withoutNewline(entry.bytes), '}']
  const prefix = prefixLength(resource)
  return [
    `${cells}{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${options.version}","metadata":`,
    metadataBytes(entry.bytes, prefix, memoOf(entry)),
    '}}',
  ]
}

export function withoutNewline(bytes: Uint8Array): Uint8Array {
  return bytes[bytes.length - 1] === 10 ? bytes.subarray(0, -1) : bytes
}

const prefixes = new WeakMap<ServedResource, number>()

/** How many bytes of kind and apiVersion every stored object begins with. */
export function prefixLength(resource: ServedResource): number {
  let length = prefixes.get(resource)
  if (length === undefined) {
    const { storage } = resource.info
    length = typePrefix(storage.kind, apiVersionOf(storage)).length
    prefixes.set(resource, length)
  }
  return length
}

/** A whole Table with one row or with a given object that is not stored (a dry run). */
export function tableOf(
  resource: ServedResource,
  entries: readonly Entry[],
  options: TableOptions,
  head: string,
): Uint8Array {
  const rows = entries.map((entry) =>
    rowPieces(resource, entry, options)
      .map((piece) => (typeof piece === 'string' ? piece : new TextDecoder().decode(piece)))
      .join(''),
  )
  return encoder.encode(`${head}"rows":[${rows.join(',')}]}\n`)
}

export function tableHead(resource: ServedResource, version: string, listMeta: string, withColumns = true): string {
  const columns = withColumns ? columnDefinitions(resource) : 'null'
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":${listMeta},"columnDefinitions":${columns},`
}
