import { answerJson, type Exchange, type RegistryContext, refuseUnlessRead } from './exchange.ts'
import type { Page } from './links.ts'
import { RegistryError } from './registry-error.ts'

const everything = Number.MAX_SAFE_INTEGER
const catalogPage = 1000

/** `/v2/<name>/tags/list?n=&last=` (end-8a, end-8b). */
export function serveTags({ links }: RegistryContext, exchange: Exchange, name: string): void {
  refuseUnlessRead(exchange)
  if (!links.hasRepository(name)) throw new RegistryError('NAME_UNKNOWN', { name })
  const { items, headers } = paged(exchange, `/v2/${name}/tags/list`, everything, (page) => links.tags(name, page))
  answerJson(exchange, 200, { name, tags: items }, headers)
}

/** `/v2/_catalog?n=&last=`: not in the standard, in Docker's registry. */
export function serveCatalog({ links }: RegistryContext, exchange: Exchange): void {
  refuseUnlessRead(exchange)
  const { items, headers } = paged(exchange, '/v2/_catalog', catalogPage, (page) => links.repositories(page))
  answerJson(exchange, 200, { repositories: items }, headers)
}

function paged(
  { query }: Exchange,
  path: string,
  defaultLimit: number,
  read: (page: Page) => string[],
): { items: string[]; headers: Record<string, string> } {
  const limit = pageLimit(query.get('n'), defaultLimit)
  // "When n is zero, this endpoint MUST return an empty list, and MUST NOT include a Link header."
  if (limit === 0) return { items: [], headers: {} }
  const items = read({ after: query.get('last') ?? '', limit: limit === everything ? everything : limit + 1 })
  if (items.length <= limit) return { items, headers: {} }
  const shown = items.slice(0, limit)
  const next = new URLSearchParams({ last: shown.at(-1) ?? '', n: String(limit) })
  return { items: shown, headers: { Link: `<${path}?${next}>; rel="next"` } }
}

function pageLimit(text: string | null, defaultLimit: number): number {
  if (text === null || text === '') return defaultLimit
  const limit = Number(text)
  if (!/^\d+$/.test(text) || limit >= everything) throw new RegistryError('PAGINATION_NUMBER_INVALID', { n: text })
  return limit
}
