import type { Encoder } from 'cbor-x'
import type { JsonObject } from '../schema/index.ts'
import type { ApiRequest } from './contract.ts'

/**
 * YAML, CBOR and protobuf are loaded when the first request speaks them: most never do, and a start should not wait for them.
 */
let yaml: typeof import('yaml') | undefined
let protobuf: ((bytes: Uint8Array) => JsonObject) | undefined
let cbor: { readonly decode: (bytes: Uint8Array) => unknown; readonly encoder: Encoder } | undefined

/** Loads what the request's headers speak of. Undefined: nothing is missing. */
export function loadEncodings({ headers }: ApiRequest): Promise<void> | undefined {
  const spoken = `${headers.accept ?? ''} ${headers['content-type'] ?? ''}`
  const wantsYaml = yaml === undefined && spoken.includes('yaml')
  const wantsCbor = cbor === undefined && spoken.includes('cbor')
  const wantsProtobuf = protobuf === undefined && (headers['content-type'] ?? '').includes('protobuf')
  if (!wantsYaml && !wantsCbor && !wantsProtobuf) return undefined
  return load(wantsYaml, wantsCbor, wantsProtobuf)
}

async function load(wantsYaml: boolean, wantsCbor: boolean, wantsProtobuf: boolean): Promise<void> {
  if (wantsYaml) yaml = await import('yaml')
  if (wantsProtobuf) protobuf = (await import('./protobuf/read-protobuf.ts')).readProtobuf
  if (!wantsCbor) return
  const { decode, Encoder } = await import('cbor-x')
  cbor = { decode, encoder: new Encoder({ useRecords: false, mapsAsObjects: true, tagUint8Array: false }) }
}

/** @throws Error where nothing in the request's headers spoke of it */
export function yamlLibrary(): typeof import('yaml') {
  if (!yaml) throw new Error('Cannot read or write YAML: it was not loaded')
  return yaml
}

/** @throws Error where nothing in the request's headers spoke of it */
export function cborLibrary(): { readonly decode: (bytes: Uint8Array) => unknown; readonly encoder: Encoder } {
  if (!cbor) throw new Error('Cannot read or write CBOR: it was not loaded')
  return cbor
}

/** @throws Error where nothing in the request's headers spoke of it */
export function protobufReader(): (bytes: Uint8Array) => JsonObject {
  if (!protobuf) throw new Error('Cannot read protobuf: it was not loaded')
  return protobuf
}
