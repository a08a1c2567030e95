import { badRequest } from './errors.ts'

/** What a path and method ask for, as Kubernetes' request info has it. */
export type Route = ResourceRoute | PathRoute

interface PathRoute {
  readonly type: 'path'
  /** Decoded, without a slash at its end (but for `/`). */
  readonly path: string
}

export interface ResourceRoute {
  readonly type: 'resource'
  readonly path: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  /** Everything behind a `proxy` subresource, beginning with a slash where there is one. */
  readonly rest: string
  /** Empty for cluster scope and for all namespaces. */
  readonly namespace: string
  readonly name: string
  /** The old way to ask for a watch: `/api/v1/watch/…`. */
  readonly watch: boolean
}

/**
 *     /api/v1/namespaces/{namespace}/{resource}/{name}/{subresource}
 *     /apis/{group}/{version}/namespaces/{namespace}/{resource}/{name}/{subresource}
 */
export function routeOf(rawPath: string): Route {
  // Decoded before it is taken apart, as Kubernetes does: an encoded slash never becomes part of a name.
  const decoded = decode(rawPath)
  const parts = decoded.split('/')
  const path = `/${parts.filter((part) => part !== '').join('/')}`
  const [, root, ...rest] = parts
  const at = root === 'api' ? 1 : root === 'apis' ? 2 : 0
  if (at === 0) return { type: 'path', path }
  const [group, version] = root === 'api' ? ['', rest[0] ?? ''] : [rest[0] ?? '', rest[1] ?? '']
  const segments = trimEnd(rest.slice(at))
  const watch = segments[0] === 'watch' && segments.length > 1
  const tail = watch ? segments.slice(1) : segments
  if (version === '' || (at === 2 && group === '') || tail.length === 0) return { type: 'path', path }
  const resource = { type: 'resource' as const, path, group, version, watch }
  if (tail[0] !== 'namespaces') return { ...resource, namespace: '', ...target(tail, decoded) }
  // `namespaces/x/status` and `namespaces/x/finalize` are of the namespace itself.
  const ofItself = tail.length <= 2 || (tail.length === 3 && namespaceSubresources.has(tail[2] ?? ''))
  if (ofItself) return { ...resource, namespace: tail[1] ?? '', ...target(tail, decoded) }
  return { ...resource, namespace: tail[1] ?? '', ...target(tail.slice(2), decoded) }
}

const namespaceSubresources = new Set(['status', 'finalize'])

function target(parts: readonly string[], fullPath: string) {
  const [resource = '', name = '', subresource = '', ...more] = parts
  const slash = fullPath.endsWith('/') && subresource === 'proxy' ? '/' : ''
  const rest = more.length > 0 ? `/${more.join('/')}${slash}` : slash
  return { resource, name, subresource, rest }
}

function trimEnd(parts: readonly string[]): string[] {
  const last = parts.findLastIndex((part) => part !== '')
  return parts.slice(0, last + 1)
}

function decode(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    throw badRequest(`invalid URL escape in "${path}"`)
  }
}
