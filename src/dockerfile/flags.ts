import { didYouMean } from './suggest.ts'
import { fault } from './syntax-error.ts'

export type FlagType = 'bool' | 'string' | 'strings'

/** What an instruction's flags were set to. */
export interface Flags {
  has(name: string): boolean
  bool(name: string): boolean
  text(name: string): string
  list(name: string): readonly string[]
}

/** Reads `--name=value` against what the instruction takes. Throws a DockerfileError without a place. */
export function readFlags(args: readonly string[], known: Readonly<Record<string, FlagType>>): Flags {
  const values = new Map<string, string[]>()
  for (const argument of args) {
    // "The first -- argument … should be accepted as a delimiter indicating the end of options."
    if (argument === '--') break
    if (!argument.startsWith('--')) throw fault(`arg should start with -- : ${argument}`, { token: argument })
    const equals = argument.indexOf('=')
    const written = equals < 0 ? argument : argument.slice(0, equals)
    const value = equals < 0 ? undefined : argument.slice(equals + 1)
    const name = written.slice(2)
    const type = Object.hasOwn(known, name) ? known[name] : undefined
    const names = Object.keys(known)
    if (!type)
      throw fault(`unknown flag: ${written}${didYouMean(name, names, true)}`, {
        token: written,
        expected: names.length > 0 ? names.map((other) => `--${other}`).join(', ') : 'no flag',
      })
    const earlier = values.get(name)
    if (earlier && type !== 'strings') throw fault(`duplicate flag specified: ${written}`, { token: written })
    values.set(name, [...(earlier ?? []), readValue(type, written, value)])
  }
  const last = (name: string): string => values.get(name)?.at(-1) ?? ''
  return {
    has: (name) => values.has(name),
    bool: (name) => last(name) === 'true',
    text: last,
    list: (name) => values.get(name) ?? [],
  }
}

function readValue(type: FlagType, written: string, value: string | undefined): string {
  if (type !== 'bool') {
    if (value === undefined)
      throw fault(`missing a value on flag: ${written}`, { token: written, expected: `${written}=<value>` })
    return value
  }
  if (value === '') throw fault(`missing a value on flag: ${written}`, { token: written, expected: 'true or false' })
  const lower = (value ?? 'true').toLowerCase()
  if (lower !== 'true' && lower !== 'false')
    throw fault(`expecting boolean value for flag ${written}, not: ${value}`, {
      token: `${written}=${value}`,
      expected: 'true or false',
    })
  return lower
}
