import type { ApiRequest, ApiResponse, UserInfo } from './contract.ts'
import { discovery } from './discovery/discovery.ts'
import { methodNotAllowed, resourceNotFound } from './errors.ts'
import { health } from './health.ts'
import { negotiate } from './negotiate.ts'
import { openApi } from './openapi/openapi.ts'
import type { Core } from './request-context.ts'
import { encodeValue, jsonResponse, respond } from './respond.ts'
import { version } from './version.ts'

/** Everything that is no resource. */
export async function answerPath(
  core: Core,
  request: ApiRequest,
  path: string,
  query: URLSearchParams,
  user: UserInfo,
): Promise<ApiResponse> {
  const response = await ownPath(core, request, path, query)
  if (response) {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed()
    return response
  }
  const other = await core.fallback?.(request, user)
  if (other) return other
  throw resourceNotFound()
}

async function ownPath(
  core: Core,
  request: ApiRequest,
  path: string,
  query: URLSearchParams,
): Promise<ApiResponse | undefined> {
  switch (path) {
    case '/':
      return jsonResponse(200, { paths: rootPaths(core) })
    case '/version': {
      const accepted = negotiate(request.headers.accept, query, request.headers['user-agent'])
      return respond({ ...accepted, encoding: 'json' }, 200, encodeValue(version, 'json', true))
    }
    default:
      return (
        (await health(core, path, query)) ??
        (await openApi(core, request, path, query)) ??
        discovery(core, request, path, query)
      )
  }
}

function rootPaths(core: Core): string[] {
  const groups = new Set<string>(['/api', '/api/v1', '/apis', '/apis/'])
  for (const { info } of core.resources.all()) {
    if (info.group === '') continue
    groups.add(`/apis/${info.group}`)
    groups.add(`/apis/${info.group}/${info.version}`)
  }
  const others = ['/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/readyz', '/version']
  return [...groups, ...others].sort()
}
