import { SyntaxProblem } from '../contract.ts'
import { goQuote } from '../validation/field-error.ts'

const form = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})$/

/** Layout of Go's RFC 3339, in the parts that its parser reads one after the other. */
const layout: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}/, '2006'],
  [/^-/, '-'],
  [/^\d{2}/, '01'],
  [/^-/, '-'],
  [/^\d{2}/, '02'],
  [/^T/, 'T'],
  [/^\d{2}/, '15'],
  [/^:/, ':'],
  [/^\d{2}/, '04'],
  [/^:/, ':'],
  [/^\d{2}(\.\d+)?/, '05'],
  [/^(Z|[+-]\d{2}:\d{2})/, 'Z07:00'],
]

/**
 * The canonical text of an RFC 3339 time: in UTC, to the second or the microsecond.
 * @throws SyntaxProblem with Go's own sentence
 */
export function canonicalTime(text: string, precision: 'seconds' | 'micros'): string {
  if (text.length === 20 && precision === 'seconds' && form.test(text) && text.endsWith('Z')) {
    if (!Number.isNaN(Date.parse(text))) return text
  }
  const parts = form.exec(text)
  const name = precision === 'seconds' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00'
  if (!parts) throw new SyntaxProblem(whereItFails(text, name))
  const [, year, month, day, , , , fraction = '', zone = 'Z'] = parts
  const ms = Date.parse(`${text.slice(0, 19)}${zone}`)
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number.isNaN(ms) || Number(day) > days || Number(day) < 1) {
    const what = Number(month) < 1 || Number(month) > 12 ? 'month' : Number(day) > days ? 'day' : 'hour'
    throw new SyntaxProblem(`parsing time ${goQuote(text)}: ${what} out of range`)
  }
  const iso = new Date(ms).toISOString().slice(0, 19)
  return precision === 'seconds' ? `${iso}Z` : `${iso}.${fraction.slice(1, 7).padEnd(6, '0')}Z`
}

function whereItFails(text: string, name: string): string {
  let rest = text
  for (const [part, shown] of layout) {
    const found = part.exec(rest)
    if (!found) {
      return `parsing time ${goQuote(text)} as ${goQuote(name)}: cannot parse ${goQuote(rest)} as ${goQuote(shown)}`
    }
    rest = rest.slice(found[0].length)
  }
  return `parsing time ${goQuote(text)}: extra text: ${goQuote(rest)}`
}
