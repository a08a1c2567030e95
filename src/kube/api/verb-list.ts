import { apiVersionOf } from '../schema/index.ts'
import { CompactedError, type Entry, FutureRevisionError, type RangeResult } from '../store/index.ts'
import { ByteChunks } from './byte-chunks.ts'
import { decodeContinue, encodeContinue, expiredContinue } from './continue-token.ts'
import type { ApiResponse } from './contract.ts'
import { badRequest, expired, tooLargeResourceVersion } from './errors.ts'
import { type ListOptions, listOptions } from './list-options.ts'
import { keyOf, type ResourceRequest } from './request-context.ts'
import { groupResourceOf } from './resource.ts'
import { parseResourceVersion } from './resource-version.ts'
import { encodeValue, respond, servedBytes } from './respond.ts'
import { type Selection, selectionOf } from './selection.ts'
import { indexed, noteScan } from './selector-index.ts'
import { StatusError } from './status-error.ts'
import { memoOf, metadataBytes } from './stored-object.ts'
import { prefixLength, rowPieces, tableHead, tableOptions, withoutNewline } from './table.ts'

/** One page of a list, or all of it. */
export interface Page {
  readonly entries: readonly Entry[]
  readonly revision: number
  readonly continueToken: string
  readonly remaining: number | undefined
}

export async function listObjects(context: ResourceRequest): Promise<ApiResponse> {
  const options = listOptions(context.query)
  const selection = selectionOf(context.resource, options)
  const page = await readPage(context, options, selection)
  return listPage(context, page)
}

/** @throws StatusError 410 for a state that is gone, 504 for one that is yet to come */
export async function readPage(context: ResourceRequest, options: ListOptions, selection: Selection): Promise<Page> {
  const { core, resource, route } = context
  const namespace = route.namespace !== '' ? route.namespace : (resource.info.namespaced && selection.namespace) || ''
  const prefix = namespace === '' ? resource.keyPrefix : `${resource.keyPrefix}${namespace}/`
  if (selection.name !== undefined && (namespace !== '' || !resource.info.namespaced) && options.continueToken === '')
    return readOne(context, selection, keyOf(resource, namespace, selection.name), options)
  const { from, revision, isContinued } = startOf(options, prefix, context)
  await checkNotTooNew(context, options)
  if (selection.matches && !isContinued && revision === 0) {
    const found = await indexed(core, resource, selection.terms, prefix)
    if (found) return selectFrom({ ...found, remaining: 0 }, selection.matches, options.limit, prefix)
  }
  const query = { prefix, ...(from === undefined ? {} : { from }), revision }
  let range: RangeResult
  try {
    range = await core.store.range(selection.matches ? query : { ...query, limit: options.limit })
  } catch (error) {
    if (error instanceof CompactedError)
      throw isContinued && from !== undefined
        ? expiredContinue(from, prefix)
        : expired('The resourceVersion for the provided list is too old.')
    if (error instanceof FutureRevisionError) throw tooLargeResourceVersion(error.revision, error.current)
    throw error
  }
  if (!selection.matches) {
    const last = range.entries.at(-1)
    const more = range.remaining > 0 && last !== undefined
    return {
      entries: range.entries,
      revision: range.revision,
      continueToken: more ? encodeContinue(range.revision, last.key, prefix) : '',
      remaining: more ? range.remaining : undefined,
    }
  }
  if (selection.terms.length > 0) noteScan(core, resource, range.entries.length)
  return selectFrom(range, selection.matches, options.limit, prefix)
}

function selectFrom(range: RangeResult, matches: (entry: Entry) => boolean, limit: number, prefix: string): Page {
  const entries: Entry[] = []
  for (const entry of range.entries) {
    if (!matches(entry)) continue
    if (limit > 0 && entries.length === limit) {
      const last = entries.at(-1)
      const continueToken = last ? encodeContinue(range.revision, last.key, prefix) : ''
      return { entries, revision: range.revision, continueToken, remaining: undefined }
    }
    entries.push(entry)
  }
  return { entries, revision: range.revision, continueToken: '', remaining: undefined }
}

async function readOne(
  context: ResourceRequest,
  { matches }: Selection,
  key: string,
  options: ListOptions,
): Promise<Page> {
  await checkNotTooNew(context, options)
  const { entry, revision } = await context.core.store.get(key)
  const entries = entry && (!matches || matches(entry)) ? [entry] : []
  return { entries, revision, continueToken: '', remaining: undefined }
}

/** Where and at which revision a list begins. */
function startOf(options: ListOptions, prefix: string, { resource }: ResourceRequest) {
  const { continueToken, resourceVersion, resourceVersionMatch: match, limit } = options
  if (continueToken !== '') {
    if (resourceVersion !== '' && resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue')
    const { revision, start } = decodeContinue(continueToken, prefix)
    return { from: start, revision: Math.max(revision, 0), isContinued: true }
  }
  const wanted = parseResourceVersion(resourceVersion, groupResourceOf(resource), '')
  const exact = match === 'Exact' || (match === '' && limit > 0 && wanted > 0)
  return { from: undefined, revision: exact ? wanted : 0, isContinued: false }
}

async function checkNotTooNew({ core, resource }: ResourceRequest, { resourceVersion }: ListOptions): Promise<void> {
  const wanted = parseResourceVersion(resourceVersion, groupResourceOf(resource), '')
  if (wanted === 0) return
  const revision = await core.store.revision()
  if (wanted > revision) throw tooLargeResourceVersion(wanted, revision)
}

function listMeta({ revision, continueToken, remaining }: Page): string {
  const more = continueToken === '' ? '' : `,"continue":"${continueToken}"`
  const count = remaining === undefined ? '' : `,"remainingItemCount":${remaining}`
  return `{"resourceVersion":"${revision}"${more}${count}}`
}

export async function listPage(context: ResourceRequest, page: Page): Promise<ApiResponse> {
  const { accepted } = context
  const chunks = await listChunks(context, page)
  if (accepted.encoding === 'json' && !accepted.pretty) return respond(accepted, 200, { chunks })
  const text = new TextDecoder().decode(joined(chunks))
  return respond(accepted, 200, encodeValue(JSON.parse(text), accepted.encoding, accepted.pretty))
}

function joined(chunks: Iterable<Uint8Array>): Uint8Array {
  const all = [...chunks]
  const result = new Uint8Array(all.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of all) {
    result.set(chunk, at)
    at += chunk.length
  }
  return result
}

async function listChunks(context: ResourceRequest, page: Page): Promise<Iterable<Uint8Array>> {
  const { accepted, resource, query, core } = context
  const { info } = resource
  const meta = listMeta(page)
  switch (accepted.convert?.kind) {
    case 'Table': {
      const options = tableOptions(query, accepted.convert.version, core.clock.nowMs())
      const head = `${tableHead(resource, options.version, meta)}"rows":[`
      return itemChunks(head, page.entries, (entry, out) => {
        for (const piece of rowPieces(resource, entry, options))
          typeof piece === 'string' ? out.text(piece) : out.bytes(piece)
      })
    }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList': {
      if (accepted.convert.kind === 'PartialObjectMetadata')
        throw new StatusError(
          406,
          'NotAcceptable',
          `you requested PartialObjectMetadata, but the requested object is a list (*${info.version}.${info.kind}List)`,
        )
      const { version } = accepted.convert
      const prefix = prefixLength(resource)
      const head = `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/${version}","metadata":${meta},"items":[`
      return itemChunks(head, page.entries, (entry, out) => {
        out.text(`{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":`)
        out.bytes(metadataBytes(entry.bytes, prefix, memoOf(entry)))
        out.text('}')
      })
    }
    default: {
      const apiVersion = apiVersionOf(info)
      const head = `{"kind":"${info.kind}List","apiVersion":"${apiVersion}","metadata":${meta},"items":[`
      const entries = resource.servedAsStored ? page.entries : await converted(context, page.entries)
      // Items of built-in kinds do not repeat kind and apiVersion.
      const cut = resource.typedItems ? 0 : `{"kind":"${info.kind}","apiVersion":"${apiVersion}",`.length
      return itemChunks(head, entries, (entry, out) => {
        const bytes = withoutNewline(entry.bytes)
        if (cut === 0) out.bytes(bytes)
        else {
          out.text('{')
          out.bytes(bytes.subarray(cut))
        }
      })
    }
  }
}

async function converted(context: ResourceRequest, entries: readonly Entry[]): Promise<Entry[]> {
  const result: Entry[] = []
  for (const entry of entries) result.push({ ...entry, bytes: await servedBytes(context, entry), memo: undefined })
  return result
}

function* itemChunks(
  head: string,
  entries: readonly Entry[],
  write: (entry: Entry, out: ByteChunks) => void,
): Generator<Uint8Array> {
  const out = new ByteChunks()
  out.text(head)
  for (let i = 0; i < entries.length; i++) {
    if (i > 0) out.text(',')
    write(entries[i] as Entry, out)
    yield* out.take()
  }
  out.text(']}\n')
  yield* out.rest()
}
