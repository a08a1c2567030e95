import { checkFilterNames, filterBoolean } from '../core/filters.ts'
import { invalid, system } from '../engine-error.ts'
import type { Filters, SearchResult } from '../shapes/index.ts'

// Docker's own default registry: what `docker search` means without a host in the term.
const hub = 'index.docker.io'
const defaultLimit = 25
const timeoutMs = 10_000

/** `docker search`. Only what answers to Docker's search protocol, in practice the Hub. */
export async function searchImages(request: {
  term: string
  limit?: number
  filters?: Filters
}): Promise<SearchResult[]> {
  const { filters = {} } = request
  checkFilterNames(filters, ['is-automated', 'is-official', 'stars'])
  const limit = request.limit || defaultLimit
  if (limit < 1 || limit > 100) throw invalid(`invalid limit: ${limit}: limit must be between 1 and 100`)
  const official = filters['is-official']?.length ? filterBoolean(filters, 'is-official', false) : undefined
  const automated = filters['is-automated']?.length ? filterBoolean(filters, 'is-automated', false) : undefined
  const stars = (filters.stars ?? []).map((text) => {
    if (!/^\d+$/.test(text)) throw invalid(`invalid filter 'stars=[${(filters.stars ?? []).join(' ')}]'`)
    return Number(text)
  })
  // Nothing is automated any more.
  if (automated === true) return []
  const slash = request.term.indexOf('/')
  const first = request.term.slice(0, Math.max(slash, 0))
  const host = /[.:]/.test(first) || first === 'localhost' ? first : hub
  const term = host === hub ? request.term : request.term.slice(slash + 1)
  const address = `https://${host}/v1/search?q=${encodeURIComponent(term)}&n=${limit}`
  let found: { results?: SearchResult[] }
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) })
    if (!response.ok) throw new Error(`Unexpected status code ${response.status}`)
    found = (await response.json()) as { results?: SearchResult[] }
  } catch (error) {
    const cause = (error as { cause?: Error }).cause
    throw system(`Error searching ${host}: ${cause?.message || (error as Error).message}`, { cause: error })
  }
  return (found.results ?? []).filter(
    (result) =>
      (official === undefined || result.is_official === official) && stars.every((least) => result.star_count >= least),
  )
}
