import type { Json, KubeObject } from '../schema/index.ts'
import type { Entry } from '../store/index.ts'
import type { ApiResponse, ResponseBody } from './contract.ts'
import { cborLibrary, yamlLibrary } from './encodings.ts'
import { notAcceptable } from './errors.ts'
import { type Accepted, contentTypes, type Encoding } from './negotiate.ts'
import type { ResourceRequest } from './request-context.ts'
import { StatusError } from './status-error.ts'
import { decodeObject, encodeObject, metadataBytes } from './stored-object.ts'
import { prefixLength, tableHead, tableOf, tableOptions } from './table.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The tag that says of bytes that they are CBOR (RFC 8949, 3.4.6); Kubernetes puts it before every answer. */
const selfDescribed = Uint8Array.of(0xd9, 0xd9, 0xf7)

export function jsonResponse(status: number, value: Json | object, headers: Record<string, string> = {}): ApiResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: encoder.encode(`${JSON.stringify(value)}\n`),
  }
}

export function textResponse(status: number, text: string): ApiResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: encoder.encode(text) }
}

/** A value in the encoding that the client accepts. */
export function encodeValue(value: unknown, encoding: Encoding, pretty: boolean): Uint8Array {
  if (encoding === 'json') return encoder.encode(`${JSON.stringify(value, undefined, pretty ? 2 : undefined)}\n`)
  if (encoding === 'yaml')
    return encoder.encode(
      yamlLibrary().stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }),
    )
  const bytes: Uint8Array = cborLibrary().encoder.encode(value)
  const tagged = new Uint8Array(selfDescribed.length + bytes.length)
  tagged.set(selfDescribed)
  tagged.set(bytes, selfDescribed.length)
  return tagged
}

/** JSON bytes in the encoding that the client accepts. */
function transcode(bytes: Uint8Array, { encoding, pretty }: Accepted): Uint8Array {
  if (encoding === 'json' && !pretty) return bytes
  return encodeValue(JSON.parse(decoder.decode(bytes)), encoding, pretty)
}

export function respond(accepted: Accepted, status: number, body: ResponseBody): ApiResponse {
  return { status, headers: { 'content-type': contentTypes[accepted.encoding] }, body }
}

/** The served bytes of an entry, in the version of the request. */
export async function servedBytes({ resource }: Pick<ResourceRequest, 'resource'>, entry: Entry): Promise<Uint8Array> {
  if (resource.servedAsStored) return entry.bytes
  const object = await resource.fromStorage(decodeObject(entry))
  return withRevision(object, entry.revision)
}

/** Bytes of an object that is not the stored one: another version, or one that a dry run made. */
function withRevision(object: KubeObject, revision: number): Uint8Array {
  const { metadata } = object
  const text = decoder.decode(encodeObject({ ...object, metadata: { ...metadata, resourceVersion: '' } }).bytes)
  return encoder.encode(
    text.replace('"resourceVersion":""', revision > 0 ? `"resourceVersion":"${revision}"` : '"resourceVersion":""'),
  )
}

/** One stored object, as the client wants to have it. */
export async function entryResponse(context: ResourceRequest, status: number, entry: Entry): Promise<ApiResponse> {
  const { accepted, resource, query, core } = context
  const { convert } = accepted
  if (!convert) {
    const bytes = await servedBytes(context, entry)
    return respond(accepted, status, transcode(bytes, accepted))
  }
  if (convert.kind === 'Table') {
    const options = tableOptions(query, convert.version, core.clock.nowMs())
    const head = tableHead(resource, convert.version, `{"resourceVersion":"${entry.revision}"}`)
    return respond(accepted, status, transcode(tableOf(resource, [entry], options, head), accepted))
  }
  if (convert.kind === 'PartialObjectMetadataList')
    throw new StatusError(
      406,
      'NotAcceptable',
      `you requested PartialObjectMetadataList, but the requested object is not a list (*${resource.info.version}.${resource.info.kind})`,
    )
  return respond(accepted, status, transcode(partialMetadata(context, entry, convert.version), accepted))
}

export function partialMetadata(
  { resource }: Pick<ResourceRequest, 'resource'>,
  entry: Entry,
  version: string,
): Uint8Array {
  const metadata = decoder.decode(metadataBytes(entry.bytes, prefixLength(resource)))
  return encoder.encode(
    `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":${metadata}}\n`,
  )
}

/** An object that was never stored, answered as if it were. */
export function objectResponse(context: ResourceRequest, status: number, object: KubeObject): Promise<ApiResponse> {
  const { metadata } = object
  const value = encodeObject({ ...object, metadata: { ...metadata } })
  const revision = Number(metadata.resourceVersion ?? 0)
  const entry: Entry = {
    key: '',
    bytes: withRevision(object, revision),
    revisionAt: value.revisionAt,
    createRevision: 0,
    revision,
  }
  if (!metadata.resourceVersion) {
    const text = decoder
      .decode(entry.bytes)
      .replace('"resourceVersion":"",', '')
      .replace(',"resourceVersion":""', '')
      .replace('"resourceVersion":""', '')
    return entryResponse(context, status, { ...entry, bytes: encoder.encode(text) })
  }
  return entryResponse(context, status, entry)
}

/** A value that is no object of the resource: a Status, a Scale, a TokenReview. */
export function valueResponse(context: Pick<ResourceRequest, 'accepted'>, status: number, value: object): ApiResponse {
  const { accepted } = context
  if (accepted.convert && accepted.convert.kind !== 'Table') throw notAcceptable(Object.values(contentTypes))
  return respond(accepted, status, encodeValue(value, accepted.encoding, accepted.pretty))
}
