import type { Count, Pattern } from '../lesson/format.ts'

/** `/…/` is a regular expression, anything else must be equal. */
export function matches(pattern: Pattern, text: string): boolean {
  const expression = /^\/(.*)\/([ims]*)$/s.exec(pattern)
  return expression ? new RegExp(expression[1] ?? '', expression[2]).test(text) : pattern === text
}

export function matchesAll(
  patterns: Readonly<Record<string, Pattern>>,
  values: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(patterns).every(([name, pattern]) => {
    const value = values[name]
    return value !== undefined && matches(pattern, value)
  })
}

export function within(count: Count, value: number): boolean {
  if (count.exactly !== undefined && value !== count.exactly) return false
  if (count.min !== undefined && value < count.min) return false
  return count.max === undefined || value <= count.max
}

/** `A=b` lines → names and values. */
export function environmentOf(lines: readonly string[] | null): Record<string, string> {
  const entries = (lines ?? []).map((line): [string, string] => {
    const equals = line.indexOf('=')
    return equals < 0 ? [line, ''] : [line.slice(0, equals), line.slice(equals + 1)]
  })
  return Object.fromEntries(entries)
}

/** `super_api` → `super_api:latest`; a port in a registry's name is not a tag. */
export function withTag(name: string): string {
  if (name.startsWith('/') || name.includes('@') || name.startsWith('sha256:')) return name
  return name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`
}
