import { readFilters } from '../decode/filters.ts'
import type { Call } from '../http/call.ts'
import { DockerError } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'

/** Plugins: none is installed and none can be. */
export function pluginRoutes(): Route[] {
  const unsupported = () => {
    throw new DockerError(501, 'plugins are not supported by this daemon')
  }
  const missing = (call: Call) => {
    throw new DockerError(404, `plugin ${JSON.stringify(call.param('name'))} not found`)
  }
  return [
    route('GET', '/plugins', (call) => {
      readFilters(call.query.get('filters'))
      call.json(200, [])
    }),
    route('GET', '/plugins/privileges', unsupported),
    route('POST', '/plugins/pull', unsupported),
    route('POST', '/plugins/create', unsupported),
    route('GET', '/plugins/{name}/json', missing),
    route('POST', '/plugins/{name}/enable', missing),
    route('POST', '/plugins/{name}/disable', missing),
    route('POST', '/plugins/{name}/push', missing),
    route('POST', '/plugins/{name}/upgrade', missing),
    route('POST', '/plugins/{name}/set', missing),
    route('DELETE', '/plugins/{name}', missing),
  ]
}
