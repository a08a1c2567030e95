import { badRequest } from './docker-error.ts'
import { percentDecode } from './query.ts'

export type RequestPath = {
  /** The path without its version, unescaped. */
  path: string
  /** What stood in `/v1.44/…`, where it did. */
  version: string | undefined
  query: string
}

export type Redirect = { location: string }

/**
 * Takes the target of a request apart. A path with `.`, `..` or empty segments is answered with a redirect to its
 * clean form and reaches no handler, as in Docker.
 */
export function readRequestPath(target: string): RequestPath | Redirect {
  const mark = target.indexOf('?')
  const query = mark < 0 ? '' : target.slice(mark + 1)
  const raw = withoutOrigin(mark < 0 ? target : target.slice(0, mark))
  if (/%(?![0-9a-fA-F]{2})/.test(raw)) throw badRequest('400 Bad Request')
  const path = raw.includes('%') ? percentDecode(raw) : raw
  const clean = cleanPath(path)
  if (clean !== path) return { location: encodeURI(clean) + (mark < 0 ? '' : `?${query}`) }
  const versioned = /^\/v([0-9.]+)(\/.*)$/s.exec(path)
  return { path: versioned?.[2] ?? path, version: versioned?.[1], query }
}

/** A client may send the absolute form: `GET http://docker/_ping`. */
function withoutOrigin(target: string): string {
  if (target.startsWith('/')) return target
  const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(target)
  const path = origin === null ? target : target.slice(origin[0].length)
  return path.startsWith('/') ? path : `/${path}`
}

function cleanPath(path: string): string {
  if (!/\/\.{0,2}(\/|$)/.test(path)) return path
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const trailing = path.endsWith('/') && kept.length > 0 ? '/' : ''
  return `/${kept.join('/')}${trailing}`
}
