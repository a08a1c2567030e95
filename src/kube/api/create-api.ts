import { builtinServedResources } from './builtin-resources.ts'
import type { ApiDependencies, ApiHandler, ApiRequest, ApiResponse, Attributes, UserInfo } from './contract.ts'
import { loadEncodings } from './encodings.ts'
import { internal, methodNotAllowed, resourceNotFound, unauthorized } from './errors.ts'
import { expireEvents } from './expire-events.ts'
import { forbiddenError } from './forbidden.ts'
import { makeInitialObjects, publishEndpoint } from './initial-objects.ts'
import { withNamespaceLifecycle } from './namespace-lifecycle.ts'
import { negotiate } from './negotiate.ts'
import { newUid } from './object-meta.ts'
import { answerPath } from './paths.ts'
import type { Core, ResourceRequest } from './request-context.ts'
import { ResourceRegistry } from './resource-registry.ts'
import { jsonResponse } from './respond.ts'
import { type ResourceRoute, type Route, routeOf } from './route.ts'
import { StatusError } from './status-error.ts'
import { bindPod } from './subresources/binding.ts'
import { answerSubresource } from './subresources/index.ts'
import { createVerb } from './verb-create.ts'
import { deleteCollectionVerb, deleteVerb } from './verb-delete.ts'
import { getObject } from './verb-get.ts'
import { listObjects } from './verb-list.ts'
import { patchVerb } from './verb-patch.ts'
import { updateVerb } from './verb-update.ts'
import { watchVerb } from './verb-watch.ts'
import { createVirtual } from './virtual.ts'

export interface Api extends AsyncDisposable {
  readonly handle: ApiHandler
  /** What is served; kinds can be added and taken away at any time. */
  readonly resources: ResourceRegistry
  readonly core: Core
  /** Says inside the cluster where the API can be reached. */
  publishEndpoint(address: string, port: number): Promise<void>
}

/** Builds the API over a store; resolves once it can answer. */
export async function createApi(dependencies: ApiDependencies): Promise<Api> {
  const resources = new ResourceRegistry()
  resources.add(...builtinServedResources())
  const core: Core = {
    ...dependencies,
    resources,
    admission: withNamespaceLifecycle(() => core, dependencies.admission),
  }
  await makeInitialObjects(core)
  const stopExpiring = expireEvents(core)
  return {
    handle: (request) => handle(core, request),
    resources,
    core,
    publishEndpoint: (address, port) => publishEndpoint(core, address, port),
    async [Symbol.asyncDispose]() {
      stopExpiring()
      await dependencies.store.close()
    },
  }
}

const emptyQuery = new URLSearchParams()

async function handle(core: Core, request: ApiRequest): Promise<ApiResponse> {
  const receivedAtMs = core.clock.nowMs()
  let user: UserInfo | undefined
  let attributes: Attributes | undefined
  let response: ApiResponse
  try {
    const loading = loadEncodings(request)
    if (loading) await loading
    const route = routeOf(request.path)
    const query = request.query === '' ? emptyQuery : new URLSearchParams(request.query)
    user = await core.authenticate(request)
    if (!user) throw unauthorized()
    const verb = verbOf(request.method, route, query)
    attributes = attributesOf(user, verb, route, query)
    const decision = await core.authorize(attributes)
    if (!decision.allowed) throw forbiddenError(attributes, decision)
    response =
      route.type === 'path'
        ? await answerPath(core, request, route.path, query, user)
        : await answer(core, request, route, query, user, verb)
  } catch (error) {
    response = errorResponse(core, request, error)
  }
  response.headers['audit-id'] ??= newUid(core.random)
  response.headers['cache-control'] ??= 'no-cache, private'
  core.audit?.({ request, user, attributes, status: response.status, receivedAtMs })
  return response
}

/** A fault becomes a Status, in JSON whatever was asked for. */
function errorResponse(core: Core, request: ApiRequest, error: unknown): ApiResponse {
  if (error instanceof StatusError) {
    const headers: Record<string, string> = {}
    const retry = error.details?.retryAfterSeconds
    if (retry !== undefined) headers['retry-after'] = String(retry)
    return jsonResponse(error.code, error.toStatus(), headers)
  }
  core.log.error({ err: error, method: request.method, path: request.path }, 'a request failed')
  return jsonResponse(500, internal((error as Error).message).toStatus())
}

/** The verb of authorization. */
function verbOf(method: string, route: Route, query: URLSearchParams): string {
  if (route.type === 'path') return method.toLowerCase()
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (route.watch || isWatch(query)) return 'watch'
      return route.name === '' ? 'list' : 'get'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return route.name === '' ? 'deletecollection' : 'delete'
    default:
      return ''
  }
}

function isWatch(query: URLSearchParams): boolean {
  const watch = query.get('watch')
  return watch !== null && watch.toLowerCase() !== 'false' && watch !== '0'
}

function attributesOf(user: UserInfo, verb: string, route: Route, query: URLSearchParams): Attributes {
  if (route.type === 'path')
    return {
      user,
      verb,
      resourceRequest: false,
      apiGroup: '',
      apiVersion: '',
      resource: '',
      subresource: '',
      namespace: '',
      name: '',
      path: route.path,
    }
  const { group, version, resource, subresource, namespace, path } = route
  const labelSelector = query.get('labelSelector') ?? ''
  const fieldSelector = query.get('fieldSelector') ?? ''
  // A list of one name is a request for that name.
  const selected = route.name === '' ? /^metadata\.name==?([^,=]+)$/.exec(fieldSelector)?.[1] : undefined
  return {
    user,
    verb,
    resourceRequest: true,
    apiGroup: group,
    apiVersion: version,
    resource,
    subresource,
    namespace,
    name: selected ?? route.name,
    path,
    ...(labelSelector === '' ? {} : { labelSelector }),
    ...(fieldSelector === '' ? {} : { fieldSelector }),
  }
}

async function answer(
  core: Core,
  request: ApiRequest,
  route: ResourceRoute,
  query: URLSearchParams,
  user: UserInfo,
  verb: string,
): Promise<ApiResponse> {
  const resource = core.resources.find(route.group, route.version, route.resource)
  if (!resource || isMisplaced(resource.info.namespaced, route)) {
    const response = await core.fallback?.(request, user)
    if (response) return response
    throw resourceNotFound()
  }
  const context: ResourceRequest = {
    core,
    request,
    route,
    resource,
    query,
    user,
    accepted: negotiate(request.headers.accept, query, request.headers['user-agent']),
    warnings: new Set(),
  }
  const response = await run(context, verb)
  if (context.warnings.size > 0) response.headers.warning = warningHeader(context.warnings)
  return response
}

/** Objects of a namespaced kind have their place in one; only lists and watches go over all of them. */
function isMisplaced(namespaced: boolean, { namespace, name, resource }: ResourceRoute): boolean {
  if (namespaced) return name !== '' && namespace === ''
  return namespace !== '' && resource !== 'namespaces'
}

function run(context: ResourceRequest, verb: string): Promise<ApiResponse> {
  const { route, resource, request } = context
  if (route.subresource !== '') return answerSubresource(context)
  if (verb === '' || !resource.info.verbs.includes(verb)) throw methodNotAllowed()
  switch (verb) {
    case 'get':
      return getObject(context)
    case 'list':
      return listObjects(context)
    case 'watch':
      return watchVerb(context)
    case 'create':
      // A create has its name in the body.
      if (route.name !== '') throw methodNotAllowed()
      if (resource.info.verbs.includes('get')) return createVerb(context)
      return resource.info.group === '' && resource.info.plural === 'bindings'
        ? bindPod(context)
        : createVirtual(context)
    case 'update':
      if (route.name === '') throw methodNotAllowed()
      return updateVerb(context)
    case 'patch':
      if (route.name === '') throw methodNotAllowed()
      return patchVerb(context)
    case 'delete':
      return deleteVerb(context)
    case 'deletecollection':
      return deleteCollectionVerb(context)
    default:
      throw new Error(`Cannot answer ${request.method} ${request.path}: no such verb`)
  }
}

function warningHeader(texts: Iterable<string>): string {
  return [...texts].map((text) => `299 - "${text.replaceAll(/[\\"]/g, '\\$&').replaceAll(/[\r\n]/g, ' ')}"`).join(', ')
}
