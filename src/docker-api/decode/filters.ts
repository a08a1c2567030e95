import { badRequest } from '../http/docker-error.ts'

/** Filter name → wanted values. */
export type Filters = Record<string, string[]>

/**
 * Reads the `filters` of a query: `{"label":{"a":true}}` as Docker's own client writes them, or the older
 * `{"label":["a"]}`.
 */
export function readFilters(text: string): Filters {
  if (text === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw badRequest('invalid filter')
  }
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw badRequest('invalid filter')
  const filters: [string, string[]][] = []
  for (const [name, wanted] of Object.entries(value)) filters.push([name, wantedValues(wanted)])
  return Object.fromEntries(filters)
}

function wantedValues(wanted: unknown): string[] {
  if (wanted === null) return []
  if (Array.isArray(wanted)) {
    if (!wanted.every((each) => typeof each === 'string')) throw badRequest('invalid filter')
    return wanted
  }
  if (typeof wanted !== 'object') throw badRequest('invalid filter')
  if (!Object.values(wanted).every((each) => typeof each === 'boolean')) throw badRequest('invalid filter')
  return Object.keys(wanted)
}

/** Refuses filters that the operation does not know. */
export function acceptFilters(filters: Filters, known: readonly string[]): Filters {
  for (const name of Object.keys(filters)) {
    if (!known.includes(name)) throw badRequest(`invalid filter '${name}'`)
  }
  return filters
}
