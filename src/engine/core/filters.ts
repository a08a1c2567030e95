import { invalid } from '../engine-error.ts'
import type { Filters } from '../shapes/index.ts'

/** @throws Docker's `invalid filter 'x'` */
export function checkFilterNames(filters: Filters | undefined, accepted: readonly string[]): void {
  for (const name of Object.keys(filters ?? {})) {
    if (!accepted.includes(name)) throw invalid(`invalid filter '${name}'`)
  }
}

/** Exact or nothing asked. */
export function matchesExactly(filters: Filters | undefined, name: string, value: string): boolean {
  const wanted = filters?.[name]
  return !wanted?.length || wanted.includes(value)
}

/** Docker's Match: each value is a regular expression, or a plain part where it is not one. */
export function matchesPattern(filters: Filters | undefined, name: string, value: string): boolean {
  const wanted = filters?.[name]
  if (!wanted?.length) return true
  return wanted.some((pattern) => {
    if (pattern === value) return true
    try {
      return new RegExp(pattern).test(value)
    } catch {
      return value.includes(pattern)
    }
  })
}

/** `key` or `key=value`; all of them must hold. */
export function matchesLabels(
  wanted: readonly string[] | undefined,
  labels: Readonly<Record<string, string>> | null | undefined,
): boolean {
  return (wanted ?? []).every((condition) => {
    const at = condition.indexOf('=')
    if (at < 0) return labels !== null && labels !== undefined && Object.hasOwn(labels, condition)
    return labels?.[condition.slice(0, at)] === condition.slice(at + 1)
  })
}

/** `label` must hold, `label!` must not. */
export function matchesLabelFilters(
  filters: Filters | undefined,
  labels: Readonly<Record<string, string>> | null | undefined,
): boolean {
  if (!matchesLabels(filters?.label, labels)) return false
  const without = filters?.['label!']
  return !without?.length || !matchesLabels(without, labels)
}

/** Go's ParseBool words. */
export function filterBoolean(filters: Filters | undefined, name: string, absent: boolean): boolean {
  const values = filters?.[name]
  if (!values?.length) return absent
  const isTrue = values.some((value) => value === '1' || value === 'true')
  const isFalse = values.some((value) => value === '0' || value === 'false')
  if (isTrue === isFalse) {
    throw invalid(`invalid filter '${name}=[${values.join(' ')}]'`)
  }
  return isTrue
}

const goDuration = /^([+-]?)((?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/
const unitMs: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Unix seconds (with a fraction), RFC 3339, or a Go duration before now. */
export function parseMoment(text: string, now: Date): Date {
  if (/^\d+(\.\d+)?$/.test(text)) return new Date(Number(text) * 1000)
  const duration = goDuration.exec(text)
  if (duration) {
    let ms = 0
    for (const [, amount, unit] of (duration[2] ?? '').matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
      ms += Number(amount) * (unitMs[unit ?? ''] ?? 0)
    }
    return new Date(now.getTime() - (duration[1] === '-' ? -ms : ms))
  }
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw invalid(`failed to parse value as time or duration: "${text}"`)
  return new Date(at)
}

/** `until`: one value at the most. */
export function filterUntil(filters: Filters | undefined, now: Date): Date | undefined {
  const values = filters?.until
  if (!values?.length) return undefined
  if (values.length > 1) throw invalid('more than one until filter specified')
  return parseMoment(values[0] ?? '', now)
}
