import { goQuote, isSpace } from './characters.ts'
import { parseGlob, replaceGlob, trimPrefix, trimSuffix } from './glob.ts'
import { DockerfileError, fault } from './syntax-error.ts'

/** Where values of variables come from. */
export interface Variables {
  get(name: string): string | undefined
  keys(): Iterable<string>
}

export interface ExpandOptions {
  readonly escape?: '\\' | '`'
  /** Quotes stay in the result. */
  readonly rawQuotes?: boolean
  /** Escapes stay in the result. */
  readonly rawEscapes?: boolean
  /** Quotes mean nothing. */
  readonly skipQuotes?: boolean
  /** A variable without a value stays as it was written. */
  readonly keepUnset?: boolean
}

export interface Expansion {
  readonly result: string
  /** The result cut at blanks that were not quoted. */
  readonly words: readonly string[]
  readonly matched: ReadonlySet<string>
  readonly unmatched: ReadonlySet<string>
}

export const noVariables: Variables = { get: () => undefined, keys: () => [] }

/** How many `${a:-${b:-…}}` may stand inside each other. */
const maxDepth = 200

class Words {
  readonly list: string[] = []
  #current = ''
  #inWord = false

  add(character: string): void {
    if (!isSpace(character)) this.addRaw(character)
    else if (this.#inWord && this.#current !== '') {
      this.list.push(this.#current)
      this.#current = ''
      this.#inWord = false
    }
  }

  addRaw(text: string): void {
    this.#current += text
    this.#inWord = true
  }

  finish(): string[] {
    if (this.#current !== '') this.list.push(this.#current)
    this.#current = ''
    return this.list
  }
}

const special = new Set(['@', '*', '#', '?', '-', '$', '!', '0'])
const digit = /\p{Nd}/u
const nameCharacter = /[\p{L}\p{Nd}_]/u

class Expander {
  readonly matched = new Set<string>()
  readonly unmatched = new Set<string>()
  readonly #characters: readonly string[]
  readonly #variables: Variables
  readonly #options: ExpandOptions
  readonly #escape: string
  #position = 0
  #depth = 0
  #rawEscapes: boolean

  constructor(word: string, variables: Variables, options: ExpandOptions) {
    this.#characters = Array.from(word)
    this.#variables = variables
    this.#options = options
    this.#escape = options.escape ?? '\\'
    this.#rawEscapes = options.rawEscapes ?? false
  }

  #peek(): string | undefined {
    return this.#characters[this.#position]
  }

  #next(): string | undefined {
    return this.#characters[this.#position++]
  }

  /** Reads up to `stop` (eaten), or to the end where there is no `stop`. */
  until(stop: string | undefined, rawEscapes = this.#rawEscapes): { result: string; words: string[] } {
    if (++this.#depth > maxDepth) throw fault('syntax error: bad substitution')
    const outerRawEscapes = this.#rawEscapes
    this.#rawEscapes = rawEscapes
    try {
      return this.#until(stop)
    } finally {
      this.#rawEscapes = outerRawEscapes
      this.#depth--
    }
  }

  #until(stop: string | undefined): { result: string; words: string[] } {
    const words = new Words()
    let result = ''
    for (let character = this.#peek(); character !== undefined; character = this.#peek()) {
      if (character === stop) {
        this.#next()
        return { result, words: words.finish() }
      }
      if (character === '$') {
        const value = this.#dollar()
        result += value
        for (const part of value) words.add(part)
      } else if (character === '<') {
        const value = this.#heredocMark()
        result += value
        words.addRaw(value)
      } else if (!this.#options.skipQuotes && (character === "'" || character === '"')) {
        const value = character === "'" ? this.#singleQuoted() : this.#doubleQuoted()
        result += value
        words.addRaw(value)
      } else if (character === this.#escape) {
        this.#next()
        if (this.#rawEscapes) {
          words.addRaw(character)
          result += character
        }
        const escaped = this.#next()
        if (escaped === undefined) break
        words.addRaw(escaped)
        result += escaped
      } else {
        this.#next()
        words.add(character)
        result += character
      }
    }
    if (stop !== undefined) throw fault(`unexpected end of statement while looking for matching ${stop}`)
    return { result, words: words.finish() }
  }

  #singleQuoted(): string {
    const quote = this.#options.rawQuotes ? "'" : ''
    this.#next()
    let result = quote
    for (let character = this.#next(); character !== "'"; character = this.#next()) {
      if (character === undefined) throw fault('unexpected end of statement while looking for matching single-quote')
      result += character
    }
    return result + quote
  }

  #doubleQuoted(): string {
    const quote = this.#options.rawQuotes ? '"' : ''
    this.#next()
    let result = quote
    for (;;) {
      const character = this.#peek()
      if (character === undefined) throw fault('unexpected end of statement while looking for matching double-quote')
      if (character === '"') {
        this.#next()
        return result + quote
      }
      if (character === '$') {
        result += this.#dollar()
        continue
      }
      this.#next()
      if (character !== this.#escape) {
        result += character
        continue
      }
      if (this.#rawEscapes) result += character
      const escaped = this.#peek()
      if (escaped === undefined) continue
      // only these can be escaped; before any other character the escape token is an ordinary one
      if (escaped === '"' || escaped === '$' || escaped === this.#escape) {
        this.#next()
        result += escaped
      } else result += character
    }
  }

  #name(): string {
    let name = ''
    for (let character = this.#peek(); character !== undefined; character = this.#peek()) {
      if (name === '' && digit.test(character)) {
        for (let next = this.#peek(); next !== undefined && digit.test(next); next = this.#peek()) name += this.#next()
        return name
      }
      if (name === '' && special.has(character)) return this.#next() ?? ''
      if (!nameCharacter.test(character)) break
      name += this.#next()
    }
    return name
  }

  #value(name: string): string | undefined {
    const value = this.#variables.get(name)
    ;(value === undefined ? this.unmatched : this.matched).add(name)
    return value
  }

  #heredocMark(): string {
    this.#next()
    if (this.#peek() !== '<') return '<'
    this.#next()
    let blanks = ''
    for (let next = this.#peek(); next === ' ' || next === '\t' || next === '\r'; next = this.#peek())
      blanks += this.#next()
    return `<<${blanks}`
  }

  #dollar(): string {
    this.#next()
    if (this.#peek() !== '{') {
      const name = this.#name()
      if (name === '') return '$'
      return this.#value(name) ?? (this.#options.keepUnset ? `$${name}` : '')
    }
    this.#next()
    const first = this.#peek()
    if (first === undefined) throw fault("syntax error: missing '}'")
    // ${{xx}, ${:xx}, ${:}, ${}
    if (first === '{' || first === '}' || first === ':') throw fault('syntax error: bad substitution')
    const name = this.#name()
    const modifier = this.#next()
    if (modifier === '}') return this.#value(name) ?? (this.#options.keepUnset ? `\${${name}}` : '')
    if (modifier === '/') return this.#replacement(name)
    return this.#modified(name, modifier)
  }

  #part(stop: string, rawEscapes: boolean, missing: string): string {
    try {
      return this.until(stop, rawEscapes).result
    } catch (error) {
      if (error instanceof DockerfileError && this.#peek() === undefined) throw fault(missing)
      throw error
    }
  }

  #modified(name: string, modifier: string | undefined): string {
    const emptyIsUnset = modifier === ':'
    const operator = emptyIsUnset ? this.#next() : modifier
    const written = (emptyIsUnset ? ':' : '') + (operator ?? '\ufffd')
    const trimming = operator === '#' || operator === '%'
    if (operator === undefined || !'+-?#%'.includes(operator)) {
      if (emptyIsUnset) this.#part('}', false, "syntax error: missing '}'")
      throw fault(`unsupported modifier (${written}) in substitution`)
    }
    if (emptyIsUnset && trimming) throw fault(`unsupported modifier (${written}) in substitution`)
    const word = this.#part('}', trimming, "syntax error: missing '}'")
    const value = this.#value(name)
    if (this.#options.keepUnset && value === undefined) return `\${${name}${written}${word}}`
    const absent = value === undefined || (emptyIsUnset && value === '')
    switch (operator) {
      case '-':
        return absent ? word : value
      case '+':
        return absent ? '' : word
      case '?':
        if (value === undefined) throw fault(`${name}: ${word || 'is not allowed to be unset'}`)
        if (absent) throw fault(`${name}: ${word || 'is not allowed to be empty'}`)
        return value
      default: {
        const longest = word.startsWith(operator)
        const glob = parseGlob(longest ? word.slice(1) : word)
        return operator === '%' ? trimSuffix(value ?? '', glob, longest) : trimPrefix(value ?? '', glob, longest)
      }
    }
  }

  #replacement(name: string): string {
    const all = this.#peek() === '/'
    if (all) this.#next()
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Docker's own words
    const pattern = this.#part('/', true, "syntax error: missing '/' in ${}")
    const replacement = this.#part('}', true, "syntax error: missing '}'")
    const value = this.#value(name)
    if (this.#options.keepUnset && value === undefined) return `\${${name}/${pattern}/${replacement}}`
    return replaceGlob(value ?? '', parseGlob(pattern), replacement, all)
  }
}

/**
 * Replaces variables, takes quotes and escapes away, and cuts into words, as `docker build` does for every instruction
 * that expands. Throws a DockerfileError without a place.
 */
export function expandWord(word: string, variables: Variables, options: ExpandOptions = {}): Expansion {
  const expander = new Expander(word, variables, options)
  try {
    const { result, words } = expander.until(undefined)
    return { result, words, matched: expander.matched, unmatched: expander.unmatched }
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error
    throw fault(`failed to process ${goQuote(word)}: ${error.reason}`, { token: word })
  }
}

/** Variables from a list of `name=value`. */
export function variablesOf(environment: Iterable<string>): Variables {
  const values = new Map<string, string>()
  for (const entry of environment) {
    const equals = entry.indexOf('=')
    values.set(equals < 0 ? entry : entry.slice(0, equals), equals < 0 ? '' : entry.slice(equals + 1))
  }
  return values
}
