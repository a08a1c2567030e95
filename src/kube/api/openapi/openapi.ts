import { type JsonObject, schemaOf } from '../../schema/index.ts'
import type { ApiRequest, ApiResponse } from '../contract.ts'
import { contentHash } from '../discovery/aggregated.ts'
import { notAcceptable } from '../errors.ts'
import { clausesOf } from '../negotiate.ts'
import type { Core } from '../request-context.ts'
import type { ServedResource } from '../resource.ts'
import { jsonResponse } from '../respond.ts'
import { version as kubernetes } from '../version.ts'
import { Definitions, groupVersionPath, type OpenApiVersion } from './definitions.ts'
import { encodeGnostic, gnosticType } from './gnostic.ts'
import { addPaths } from './operations.ts'

const encoder = new TextEncoder()

interface Document {
  readonly json: Uint8Array
  readonly hash: string
  protobuf?: Uint8Array
}

/** Documents are made when they are first asked for, and again when what is served has changed. */
interface Cache {
  generation: number
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
  if (path === '/openapi/v2') return v2(core, request)
  if (path === '/openapi/v3') return jsonResponse(200, { paths: v3Index(core) })
  if (!path.startsWith('/openapi/v3/')) return undefined
  const name = path.slice('/openapi/v3/'.length)
  const resources = byGroupVersion(core).get(name)
  if (!resources) return undefined
  const document = documentOf(core, name, () => build(resources, 3))
  return cacheable(request, document, document.json, 'application/json', query.get('hash'))
}

function v2(core: Core, request: ApiRequest): ApiResponse {
  const document = documentOf(core, 'v2', () => build([...core.resources.all()], 2))
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

function cacheable(
  request: ApiRequest,
  { hash }: Document,
  body: Uint8Array,
  type: string,
  asked: string | null,
): ApiResponse {
  const headers: Record<string, string> = { 'content-type': type, etag: `"${hash}"`, vary: 'Accept' }
  // A document that is named by its hash never changes.
  headers['cache-control'] = asked === hash ? 'public, immutable' : 'no-cache, private'
  if (request.headers['if-none-match'] === `"${hash}"`) return { status: 304, headers }
  return { status: 200, headers, body }
}

function v3Index(core: Core): JsonObject {
  const paths: JsonObject = {}
  for (const [name, resources] of byGroupVersion(core)) {
    const { hash } = documentOf(core, name, () => build(resources, 3))
    paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }
  }
  return paths
}

function byGroupVersion(core: Core): Map<string, ServedResource[]> {
  const groups = new Map<string, ServedResource[]>()
  for (const resource of core.resources.all()) {
    const name = groupVersionPath(resource.info)
    const list = groups.get(name)
    if (list) list.push(resource)
    else groups.set(name, [resource])
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

function build(resources: readonly ServedResource[], version: OpenApiVersion): JsonObject {
  const definitions = new Definitions(version)
  const paths: JsonObject = {}
  for (const name of ['DeleteOptions', 'Status', 'ListMeta', 'Patch'])
    definitions.addNamed(`${metaV1}.${name}`, schemaOf(`${metaV1}.${name}`))
  for (const resource of resources) {
    definitions.addResource(resource)
    addPaths(paths, resource, definitions, version)
  }
  const info = { title: 'Kubernetes', version: kubernetes.gitVersion }
  const sorted = Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)))
  if (version === 2) return { swagger: '2.0', info, paths: sorted, definitions: definitions.all() }
  return { openapi: '3.0.0', info, paths: sorted, components: { schemas: definitions.all() } }
}
