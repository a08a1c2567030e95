import { notAcceptable, unsupportedMediaType } from './errors.ts'

export type Encoding = 'json' | 'yaml' | 'cbor'

/** The form in which a client wants its answer. */
export interface Accepted {
  readonly encoding: Encoding
  /** `Table`, `PartialObjectMetadata` or `PartialObjectMetadataList`, with the version of meta.k8s.io. */
  readonly convert?: { readonly kind: string; readonly version: string }
  readonly pretty: boolean
}

const encodings: Readonly<Record<string, Encoding>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/cbor': 'cbor',
}
const mediaTypes = Object.keys(encodings)

export const contentTypes: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  cbor: 'application/cbor',
}

const kinds = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'])
const known = new Map<string, readonly Omit<Accepted, 'pretty'>[]>()

/** Reads the Accept header. @throws StatusError 406 */
export function negotiate(
  header: string | undefined,
  query: URLSearchParams | undefined,
  userAgent: string | undefined,
): Accepted {
  let accepted = known.get(header ?? '')
  if (!accepted) {
    accepted = parse(header)
    if (known.size < 500) known.set(header ?? '', accepted)
  }
  const [first] = accepted
  if (!first) throw notAcceptable(mediaTypes)
  const pretty = first.encoding === 'json' && isPretty(query?.get('pretty') ?? undefined, userAgent)
  return { ...first, pretty }
}

/** What discovery of groups may be asked for: `g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`. */
export function wantsAggregated(header: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const clause of clausesOf(header ?? '')) {
    if (clause.parameters.as !== 'APIGroupDiscoveryList' || clause.parameters.g !== 'apidiscovery.k8s.io') {
      if (mediaTypes.includes(clause.type) && clause.parameters.as === undefined) return undefined
      continue
    }
    if (clause.parameters.v === 'v2' || clause.parameters.v === 'v2beta1') return clause.parameters.v
  }
  return undefined
}

interface Clause {
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
  readonly quality: number
}

export function clausesOf(header: string): Clause[] {
  const clauses = header.split(',').map((text) => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim())
    const parameters: Record<string, string> = {}
    for (const part of rest) {
      const equals = part.indexOf('=')
      if (equals > 0) parameters[part.slice(0, equals).trim()] = part.slice(equals + 1).trim()
    }
    const quality = parameters.q === undefined ? 1 : Number(parameters.q)
    return { type, parameters, quality: Number.isNaN(quality) ? 1 : quality }
  })
  return clauses.sort((a, b) => b.quality - a.quality)
}

function parse(header: string | undefined): Omit<Accepted, 'pretty'>[] {
  if (header === undefined || header.trim() === '') return [{ encoding: 'json' }]
  const result: Omit<Accepted, 'pretty'>[] = []
  for (const { type, parameters } of clausesOf(header)) {
    const encoding = type === '*/*' || type === 'application/*' ? 'json' : encodings[type]
    if (!encoding) continue
    const { as, g, v } = parameters
    if (as === undefined) result.push({ encoding })
    else if (kinds.has(as) && g === 'meta.k8s.io' && (v === 'v1' || v === 'v1beta1')) {
      if (as !== 'Table' || encoding !== 'cbor') result.push({ encoding, convert: { kind: as, version: v } })
    }
  }
  return result
}

function isPretty(parameter: string | undefined, userAgent: string | undefined): boolean {
  if (parameter !== undefined) return parameter === '' || parameter === 'true' || parameter === '1' || parameter === 't'
  return userAgent !== undefined && /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent)
}

/** Bodies may come in Kubernetes' protobuf form too, which kubectl and client-go prefer for built-in kinds. */
export type InputEncoding = Encoding | 'protobuf'

const protobufType = 'application/vnd.kubernetes.protobuf'

/** The encoding of a body by its Content-Type; JSON where there is none. @throws StatusError 415 */
export function inputEncoding(contentType: string | undefined): InputEncoding {
  if (contentType === undefined || contentType === '') return 'json'
  const semicolon = contentType.indexOf(';')
  const type = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim()
  if (type === protobufType) return 'protobuf'
  const encoding = encodings[type]
  if (!encoding) throw unsupportedMediaType([...mediaTypes, protobufType])
  return encoding
}
