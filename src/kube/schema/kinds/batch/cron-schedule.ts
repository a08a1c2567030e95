import { SyntaxProblem } from '../../contract.ts'
import { goQuote } from '../../validation/field-error.ts'
import { parseDuration } from '../../value/duration.ts'

interface Bounds {
  readonly min: number
  readonly max: number
  readonly names?: Readonly<Record<string, number>>
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const days = 'sun mon tue wed thu fri sat'.split(' ')

const fields: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: Object.fromEntries(months.map((name, i) => [name, i + 1])) },
  { min: 0, max: 6, names: Object.fromEntries(days.map((name, i) => [name, i])) },
]

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** When a cron job is due: minutes, hours, days of the month, months and days of the week, or every so often. */
export type CronSchedule =
  | {
      readonly kind: 'times'
      /** The numbers of each field, in the order in which the schedule is written. */
      readonly fields: readonly ReadonlySet<number>[]
      /** Whether the day of the month, or of the week, is `*`: then only the other counts. */
      readonly anyDayOfMonth: boolean
      readonly anyDayOfWeek: boolean
    }
  | { readonly kind: 'every'; readonly everyMs: number }

/**
 * Reads a schedule as Kubernetes does: five fields, or `@daily` and the like; a leading `TZ=` is passed over.
 * @throws SyntaxProblem in the words of Kubernetes' parser
 */
export function parseCronSchedule(text: string): CronSchedule {
  if (text === '') throw new SyntaxProblem('empty spec string')
  let spec = text
  if (spec.startsWith('TZ=') || spec.startsWith('CRON_TZ=')) {
    const space = spec.indexOf(' ')
    const zone = spec.slice(spec.indexOf('=') + 1, space < 0 ? undefined : space)
    if (!isTimeZone(zone)) throw new SyntaxProblem(`provided bad location ${zone}: unknown time zone ${zone}`)
    spec = space < 0 ? '' : spec.slice(space).trim()
  }
  if (spec.startsWith('@')) {
    const known = descriptors[spec]
    if (known) return parseCronSchedule(known)
    if (spec.startsWith('@every ')) return every(spec)
    throw new SyntaxProblem(`unrecognized descriptor: ${spec}`)
  }
  const parts = spec.split(/\s+/).filter((part) => part !== '')
  if (parts.length !== 5) {
    throw new SyntaxProblem(`expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`)
  }
  const numbers = fields.map((bounds, i) => numbersOf(parts[i] ?? '', bounds))
  const isAny = (part: string | undefined) => /(^|,)[*?](\/1)?(,|$)/.test(part ?? '')
  return { kind: 'times', fields: numbers, anyDayOfMonth: isAny(parts[2]), anyDayOfWeek: isAny(parts[4]) }
}

function every(spec: string): CronSchedule {
  const text = spec.slice('@every '.length)
  try {
    return { kind: 'every', everyMs: Math.max(1000, Math.floor(parseDuration(text) / 1000) * 1000) }
  } catch (error) {
    if (error instanceof SyntaxProblem) throw new SyntaxProblem(`failed to parse duration ${spec}: ${error.message}`)
    throw error
  }
}

function numbersOf(field: string, bounds: Bounds): Set<number> {
  const found = new Set<number>()
  for (const expression of field.split(',')) {
    if (expression === '') continue
    const [range = '', step, ...more] = expression.split('/')
    if (more.length > 0) throw new SyntaxProblem(`too many slashes: ${expression}`)
    const [low = '', high, ...others] = range.split('-')
    let [start, end] = [bounds.min, bounds.max]
    if (low !== '*' && low !== '?') {
      start = numberOf(low, bounds)
      if (others.length > 0) throw new SyntaxProblem(`too many hyphens: ${expression}`)
      end = high === undefined ? start : numberOf(high, bounds)
    }
    let by = 1
    if (step !== undefined) {
      by = numberOf(step, { min: 0, max: 0 })
      if (high === undefined) end = bounds.max
    }
    if (start < bounds.min) {
      throw new SyntaxProblem(`beginning of range (${start}) below minimum (${bounds.min}): ${expression}`)
    }
    if (end > bounds.max) throw new SyntaxProblem(`end of range (${end}) above maximum (${bounds.max}): ${expression}`)
    if (start > end)
      throw new SyntaxProblem(`beginning of range (${start}) beyond end of range (${end}): ${expression}`)
    if (by === 0) throw new SyntaxProblem(`step of range should be a positive number: ${expression}`)
    for (let n = start; n <= end; n += by) found.add(n)
  }
  return found
}

function numberOf(text: string, { names }: Bounds): number {
  const named = names?.[text.toLowerCase()]
  if (named !== undefined) return named
  if (!/^[+-]?\d+$/.test(text)) {
    throw new SyntaxProblem(`failed to parse int from ${text}: strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`)
  }
  const number = Number(text)
  if (number < 0) throw new SyntaxProblem(`negative number (${number}) not allowed: ${text}`)
  return number
}

/** Whether a zone of that name is known, such as `Europe/Paris`. */
export function isTimeZone(name: string): boolean {
  if (name === 'UTC' || name === '') return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return !/^[+-]/.test(name)
  } catch {
    // a RangeError: no such zone
    return false
  }
}
