import { badRequest } from './docker-error.ts'

/** The query of a request, read as Docker reads it: forgiving booleans, strict numbers, repeated names kept. */
export class Query {
  readonly #values: Map<string, string[]>

  constructor(text: string) {
    this.#values = parse(text)
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** The first value, or '' where the name is absent. */
  get(name: string): string {
    return this.#values.get(name)?.[0] ?? ''
  }

  all(name: string): string[] {
    return this.#values.get(name) ?? []
  }

  /** Absent, empty, 0, no, false and none are false; anything else is true. */
  bool(name: string): boolean {
    return !['', '0', 'no', 'false', 'none'].includes(this.get(name).trim().toLowerCase())
  }

  boolOr(name: string, fallback: boolean): boolean {
    return this.has(name) ? this.bool(name) : fallback
  }

  /** A decimal integer; absent is undefined, anything else is refused with the sentence of Go's strconv. */
  int(name: string): number | undefined {
    const text = this.get(name)
    if (text === '') return undefined
    return parseInteger(text, 'Atoi')
  }

  /** An integer where a wrong one counts as absent. */
  lenientInt(name: string): number {
    const text = this.get(name)
    return /^[+-]?\d+$/.test(text) ? Number(text) : 0
  }
}

/** Reads a decimal integer of 64 bits, or fails as Go's strconv does. */
export function parseInteger(text: string, go: 'Atoi' | 'ParseInt'): number {
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.${go}: parsing ${JSON.stringify(text)}: invalid syntax`)
  const big = BigInt(text.replace(/^\+/, ''))
  if (BigInt.asIntN(64, big) !== big) {
    throw badRequest(`strconv.${go}: parsing ${JSON.stringify(text)}: value out of range`)
  }
  return Number(big)
}

/** A terminal size: an unsigned integer of 32 bits. */
export function parseSize(query: Query, name: string, what: string): number {
  const text = query.get(name)
  const wrong = (why: string) => badRequest(`invalid resize ${what} ${JSON.stringify(text)}: ${why}`)
  if (!/^-?\d+$/.test(text)) throw wrong('invalid syntax')
  const size = Number(text)
  if (size < 0 || Object.is(size, -0) || size > 0xffff_ffff) throw wrong('value out of range')
  return size
}

function parse(text: string): Map<string, string[]> {
  const values = new Map<string, string[]>()
  if (text === '') return values
  for (const pair of text.split('&')) {
    if (pair === '') continue
    if (pair.includes(';')) throw badRequest('invalid semicolon separator in query')
    const equals = pair.indexOf('=')
    const name = unescaped(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : unescaped(pair.slice(equals + 1))
    const list = values.get(name)
    if (list === undefined) values.set(name, [value])
    else list.push(value)
  }
  return values
}

function unescaped(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  const wrong = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text)
  if (wrong !== null) throw badRequest(`invalid URL escape ${JSON.stringify(wrong[0])}`)
  return percentDecode(text.replaceAll('+', ' '))
}

/** Undoes %XX; bytes that are no UTF-8 become the replacement character instead of an exception. */
export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    const bytes: number[] = []
    for (let at = 0; at < text.length; at++) {
      if (text[at] === '%') {
        bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16))
        at += 2
      } else bytes.push(...Buffer.from(text[at] ?? ''))
    }
    return Buffer.from(bytes).toString()
  }
}
