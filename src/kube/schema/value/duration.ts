import { SyntaxProblem } from '../contract.ts'
import { goQuote } from '../validation/field-error.ts'

/** How long ago, as `kubectl get` shows ages: `5s`, `3m12s`, `2d4h`, `3y20d`. */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(seconds / 60)
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(minutes / 60)
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (hours < 24 * 8) return withRest(days, 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${days}d`
  const years = Math.trunc(days / 365)
  if (hours < 24 * 365 * 8) return withRest(years, 'y', days % 365, 'd')
  return `${years}y`
}

const withRest = (whole: number, unit: string, rest: number, smaller: string): string =>
  rest === 0 ? `${whole}${unit}` : `${whole}${unit}${rest}${smaller}`

/** The age of a timestamp; `<unknown>` for none. */
export function ageOf(timestamp: string | null | undefined, nowMs: number): string {
  if (!timestamp) return '<unknown>'
  return humanDuration(nowMs - Date.parse(timestamp))
}

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
}

/**
 * Go's durations (`1h30m`, `-1.5s`), in milliseconds.
 * @throws SyntaxProblem with Go's own sentence
 */
export function parseDuration(text: string): number {
  const body = text.replace(/^[-+]/, '')
  if (body === '0') return 0
  if (body === '') throw new SyntaxProblem(`time: invalid duration ${goQuote(text)}`)
  let nanos = 0
  let rest = body
  while (rest !== '') {
    const term = /^([0-9]*\.?[0-9]*)([^0-9.]*)/.exec(rest)
    const [whole = '', number = '', unit = ''] = term ?? []
    if (number === '' || number === '.') throw new SyntaxProblem(`time: invalid duration ${goQuote(text)}`)
    if (unit === '') throw new SyntaxProblem(`time: missing unit in duration ${goQuote(text)}`)
    const scale = units[unit]
    if (scale === undefined) {
      throw new SyntaxProblem(`time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`)
    }
    nanos += Number(number) * scale
    rest = rest.slice(whole.length)
  }
  return ((text.startsWith('-') ? -1 : 1) * nanos) / 1e6
}

/** Go's text of a duration given in milliseconds: `1m30s`, `300ms`, `0s`. */
export function formatDuration(durationMs: number): string {
  const nanos = Math.round(Math.abs(durationMs) * 1e6)
  const sign = durationMs < 0 ? '-' : ''
  if (nanos === 0) return '0s'
  if (nanos < 1e3) return `${sign}${nanos}ns`
  if (nanos < 1e6) return `${sign}${nanos / 1e3}µs`
  if (nanos < 1e9) return `${sign}${nanos / 1e6}ms`
  const hours = Math.floor(nanos / 3.6e12)
  const minutes = Math.floor((nanos % 3.6e12) / 6e10)
  const seconds = (nanos % 6e10) / 1e9
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`
}
