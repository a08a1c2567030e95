import { builtinGroups, type JsonObject, type Language, openApiV2, openApiV3, schemaOf } from '../../schema/index.ts'
import type { ApiRequest, ApiResponse } from '../contract.ts'
import { contentHash } from '../discovery/aggregated.ts'
import { notAcceptable } from '../errors.ts'
import { clausesOf } from '../negotiate.ts'
import type { Core } from '../request-context.ts'
import type { ServedResource } from '../resource.ts'
import { jsonResponse } from '../respond.ts'
import { version as kubernetes } from '../version.ts'
import { Definitions, groupVersionPath, type OpenApiVersion } from './definitions.ts'
import { encodeGnostic } from './gnostic.ts'
import { addPaths } from './operations.ts'

const encoder = new TextEncoder()
const gnosticType = /^application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf$/

interface Document {
  readonly json: Uint8Array
  readonly hash: string
  protobuf?: Uint8Array
}

/** Documents are made when they are first asked for, and again when what is served has changed. */
interface Cache {
  readonly generation: number
  readonly documents: Map<string, Document>
}
const caches = new WeakMap<Core, Cache>()

/** /openapi/v2, /openapi/v3 and the document of each group and version below it. */
export async function openApi(
  core: Core,
  request: ApiRequest,
  path: string,
  query: URLSearchParams,
): Promise<ApiResponse | undefined> {
  const language = languageOf(request)
  if (path === '/openapi/v2') return v2(core, request, language)
  if (path === '/openapi/v3') return jsonResponse(200, { paths: v3Index(core) })
  if (!path.startsWith('/openapi/v3/')) return undefined
  const name = path.slice('/openapi/v3/'.length)
  if (!groupVersions(core).has(name)) return undefined
  const document = v3(core, name, language)
  return cacheable(request, document, document.json, 'application/json', query.get('hash'))
}

function languageOf({ headers }: ApiRequest): Language {
  return /^\s*fr\b/i.test(headers['accept-language'] ?? '') ? 'fr' : 'en'
}

const isBuiltin = (group: string) => builtinGroups.some(({ name }) => name === group)

function v2(core: Core, request: ApiRequest, language: Language): ApiResponse {
  const document = documentOf(core, `v2 ${language}`, () => {
    const whole = openApiV2(kubernetes.gitVersion, language)
    const others = [...core.resources.all()].filter(({ info }) => !isBuiltin(info.group))
    if (others.length === 0) return whole
    const { paths, definitions } = ownDocument(others, 2)
    return {
      ...whole,
      paths: { ...(whole.paths as JsonObject), ...paths },
      definitions: { ...definitions, ...(whole.definitions as JsonObject) },
    }
  })
  for (const { type } of clausesOf(request.headers.accept ?? 'application/json')) {
    if (gnosticType.test(type)) {
      document.protobuf ??= encodeGnostic(JSON.parse(new TextDecoder().decode(document.json)))
      return cacheable(
        request,
        document,
        document.protobuf,
        'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
        null,
      )
    }
    if (type === 'application/json' || type === '*/*' || type === 'application/*')
      return cacheable(request, document, document.json, 'application/json', null)
  }
  throw notAcceptable(['application/json', 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'])
}

function v3(core: Core, name: string, language: Language): Document {
  return documentOf(core, `${name} ${language}`, () => {
    const { group, version, resources } = groupVersions(core).get(name) ?? { group: '', version: '', resources: [] }
    const builtin = isBuiltin(group) ? openApiV3(group, version, kubernetes.gitVersion, language) : undefined
    if (builtin) return builtin
    const info = { title: 'Kubernetes', version: kubernetes.gitVersion }
    const { paths, definitions } = ownDocument(resources, 3)
    return { openapi: '3.0.0', info, paths, components: { schemas: definitions } }
  })
}

function cacheable(
  request: ApiRequest,
  { hash }: Document,
  body: Uint8Array,
  type: string,
  asked: string | null,
): ApiResponse {
  const headers: Record<string, string> = { 'content-type': type, etag: `"${hash}"`, vary: 'Accept, Accept-Language' }
  // A document that is named by its hash never changes.
  headers['cache-control'] = asked === hash ? 'public, immutable' : 'no-cache, private'
  if (request.headers['if-none-match'] === `"${hash}"`) return { status: 304, headers }
  return { status: 200, headers, body }
}

function v3Index(core: Core): JsonObject {
  const paths: JsonObject = {}
  for (const name of groupVersions(core).keys())
    paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${v3(core, name, 'en').hash}` }
  return paths
}

interface GroupVersion {
  readonly group: string
  readonly version: string
  readonly resources: ServedResource[]
}

function groupVersions(core: Core): Map<string, GroupVersion> {
  const groups = new Map<string, GroupVersion>()
  for (const resource of core.resources.all()) {
    const { group, version } = resource.info
    const name = groupVersionPath(resource.info)
    const known = groups.get(name)
    if (known) known.resources.push(resource)
    else groups.set(name, { group, version, resources: [resource] })
  }
  return groups
}

function documentOf(core: Core, name: string, make: () => JsonObject): Document {
  let cache = caches.get(core)
  if (!cache || cache.generation !== core.resources.generation) {
    cache = { generation: core.resources.generation, documents: new Map() }
    caches.set(core, cache)
  }
  let document = cache.documents.get(name)
  if (!document) {
    const text = JSON.stringify(make())
    document = { json: encoder.encode(text), hash: contentHash(text) }
    cache.documents.set(name, document)
  }
  return document
}

const metaV1 = 'io.k8s.apimachinery.pkg.apis.meta.v1'

/** Paths and definitions of kinds that came at run time. */
function ownDocument(resources: readonly ServedResource[], version: OpenApiVersion) {
  const definitions = new Definitions(version)
  const paths: JsonObject = {}
  for (const name of ['DeleteOptions', 'Status', 'ListMeta', 'Patch'])
    definitions.addNamed(`${metaV1}.${name}`, schemaOf(`${metaV1}.${name}`))
  for (const resource of resources) {
    definitions.addResource(resource)
    addPaths(paths, resource, definitions, version)
  }
  const sorted: JsonObject = Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { paths: sorted, definitions: definitions.all() }
}
