import { goQuote } from './characters.ts'
import { fault } from './syntax-error.ts'

const nanosecondsIn: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** Go's time.ParseDuration, to nanoseconds. */
export function parseDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  let rest = text.replace(/^[-+]/, '')
  if (rest === '0') return 0
  if (rest === '') throw fault(`time: invalid duration ${goQuote(text)}`, { token: text, expected: '30s, 5m, 1h30m' })
  let total = 0
  while (rest !== '') {
    const number = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0]
    if (number === undefined)
      throw fault(`time: invalid duration ${goQuote(text)}`, { token: text, expected: '30s, 5m, 1h30m' })
    rest = rest.slice(number.length)
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? ''
    if (unit === '')
      throw fault(`time: missing unit in duration ${goQuote(text)}`, { token: text, expected: `${text}s` })
    const size = Object.hasOwn(nanosecondsIn, unit) ? nanosecondsIn[unit] : undefined
    if (size === undefined)
      throw fault(`time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`, {
        token: text,
        expected: 'ns, us, ms, s, m or h',
      })
    rest = rest.slice(unit.length)
    total += Number(number) * size
    if (total > 2 ** 63) throw fault(`time: invalid duration ${goQuote(text)}`, { token: text })
  }
  return sign * Math.round(total)
}

/** Go's strconv.ParseInt(text, 10, 32). */
export function parseInteger32(text: string): number {
  if (!/^[-+]?\d+$/.test(text))
    throw fault(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`, { token: text, expected: 'a number' })
  const value = Number(text)
  if (value > 2 ** 31 - 1 || value < -(2 ** 31))
    throw fault(`strconv.ParseInt: parsing ${goQuote(text)}: value out of range`, { token: text })
  return value
}

/** Go's strconv.ParseBool; undefined where it is none. */
export function parseBoolean(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  return undefined
}

/** Docker's sizes (`64m`, `1.5 GiB`), in bytes; undefined where it is none. */
export function parseRamBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp])?i?b?$/i.exec(text)
  if (!match) return undefined
  const power = match[2] ? 'kmgtp'.indexOf(match[2].toLowerCase()) + 1 : 0
  return Math.trunc(Number(match[1]) * 1024 ** power)
}

/** The fields of one line of CSV. */
export function csvFields(line: string): string[] {
  const fields: string[] = []
  const problem = (column: number, what: string) =>
    fault(`parse error on line 1, column ${column}: ${what}`, { token: line })
  for (let position = 0; ; ) {
    let field = ''
    if (line.charAt(position) === '"') {
      position++
      for (;;) {
        const quote = line.indexOf('"', position)
        if (quote < 0) throw problem(line.length + 1, 'extraneous or missing " in quoted-field')
        field += line.slice(position, quote)
        position = quote + 1
        if (line.charAt(position) !== '"') break
        field += '"'
        position++
      }
      if (position < line.length && line.charAt(position) !== ',')
        throw problem(position, 'extraneous or missing " in quoted-field')
    } else {
      const comma = line.indexOf(',', position)
      const end = comma < 0 ? line.length : comma
      field = line.slice(position, end)
      const quote = field.indexOf('"')
      if (quote >= 0) throw problem(position + quote + 1, 'bare " in non-quoted field')
      position = end
    }
    fields.push(field)
    if (position >= line.length) return fields
    position++
  }
}
