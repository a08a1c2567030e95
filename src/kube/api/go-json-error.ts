/**
 * Why a text is no JSON, in the words of Go's encoding/json, which Kubernetes repeats to its clients. Only called for
 * texts that JSON.parse refuses.
 */
export function goJsonError(text: string): string {
  const scanner = new Scanner(text)
  try {
    scanner.document()
  } catch (error) {
    if (error instanceof Found) return error.message
    throw error
  }
  return 'invalid character in string literal'
}

class Found extends Error {}

const isSpace = (c: string) => c === ' ' || c === '\t' || c === '\n' || c === '\r'
const isDigit = (c: string) => c >= '0' && c <= '9'

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): void {
    this.#value()
    this.#space()
    if (this.#at < this.#text.length) this.#fail('after top-level value')
  }

  #peek(): string {
    return this.#text.charAt(this.#at)
  }

  #space(): void {
    while (this.#at < this.#text.length && isSpace(this.#peek())) this.#at++
  }

  #fail(context: string): never {
    if (this.#at >= this.#text.length) throw new Found('unexpected end of JSON input')
    const c = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0)
    throw new Found(`invalid character ${quoted(c)} ${context}`)
  }

  #value(): void {
    this.#space()
    const c = this.#peek()
    if (c === '{') this.#object()
    else if (c === '[') this.#array()
    else if (c === '"') this.#string()
    else if (c === '-' || isDigit(c)) this.#number()
    else if (c === 't') this.#literal('true')
    else if (c === 'f') this.#literal('false')
    else if (c === 'n') this.#literal('null')
    else this.#fail('looking for beginning of value')
  }

  #object(): void {
    this.#at++
    this.#space()
    if (this.#peek() === '}') {
      this.#at++
      return
    }
    for (;;) {
      this.#space()
      if (this.#peek() !== '"') this.#fail('looking for beginning of object key string')
      this.#string()
      this.#space()
      if (this.#peek() !== ':') this.#fail('after object key')
      this.#at++
      this.#value()
      this.#space()
      const c = this.#peek()
      if (c !== ',' && c !== '}') this.#fail('after object key:value pair')
      this.#at++
      if (c === '}') return
    }
  }

  #array(): void {
    this.#at++
    this.#space()
    if (this.#peek() === ']') {
      this.#at++
      return
    }
    for (;;) {
      this.#value()
      this.#space()
      const c = this.#peek()
      if (c !== ',' && c !== ']') this.#fail('after array element')
      this.#at++
      if (c === ']') return
    }
  }

  #string(): void {
    this.#at++
    for (;;) {
      const c = this.#peek()
      if (c === '') this.#fail('')
      if (c === '"') {
        this.#at++
        return
      }
      if (c < ' ') this.#fail('in string literal')
      this.#at++
      if (c !== '\\') continue
      const escaped = this.#peek()
      if (escaped === 'u') {
        this.#at++
        for (let i = 0; i < 4; i++, this.#at++)
          if (!/[0-9a-fA-F]/.test(this.#peek())) this.#fail('in \\u hexadecimal character escape')
      } else if (escaped !== '' && '"\\/bfnrt'.includes(escaped)) this.#at++
      else this.#fail('in string escape code')
    }
  }

  #number(): void {
    if (this.#peek() === '-') this.#at++
    if (this.#peek() === '0') this.#at++
    else if (isDigit(this.#peek())) this.#digits()
    else this.#fail('in numeric literal')
    if (this.#peek() === '.') {
      this.#at++
      if (!isDigit(this.#peek())) this.#fail('after decimal point in numeric literal')
      this.#digits()
    }
    if (this.#peek() === 'e' || this.#peek() === 'E') {
      this.#at++
      if (this.#peek() === '+' || this.#peek() === '-') this.#at++
      if (!isDigit(this.#peek())) this.#fail('in exponent of numeric literal')
      this.#digits()
    }
  }

  #digits(): void {
    while (isDigit(this.#peek())) this.#at++
  }

  #literal(word: string): void {
    for (const expected of word) {
      if (this.#peek() !== expected) this.#fail(`in literal ${word} (expecting ${quoted(expected)})`)
      this.#at++
    }
  }
}

function quoted(c: string): string {
  if (c === "'") return `'\\''`
  if (c === '"') return `'"'`
  if (c === '\\') return `'\\\\'`
  if (c === '\n') return `'\\n'`
  if (c === '\t') return `'\\t'`
  if (c === '\r') return `'\\r'`
  return c < ' ' ? `'\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}'` : `'${c}'`
}
