/**
 * Says what is wrong with a text that is no JSON, in the sentences of Go's decoder, which clients of Docker know. Only
 * used once JSON.parse has refused the text, so it may be slow; it keeps its own stack, so depth cannot hurt it.
 */
export function jsonFault(text: string): string {
  return new Scan(text).fault()
}

/** Deeper nesting is refused, as by Go. */
export const maxDepth = 10_000

class Fault {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

class Scan {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  fault(): string {
    this.#space()
    if (this.#at >= this.#text.length) return 'got EOF while reading request body'
    try {
      this.#value()
    } catch (fault) {
      if (fault instanceof Fault) return fault.message
      throw fault
    }
    return 'unexpected content after JSON'
  }

  /** One value with everything inside it; `open` holds the brackets that still have to be closed. */
  #value(): void {
    const open: ('{' | '[')[] = []
    for (;;) {
      this.#space()
      const c = this.#need()
      if (c === '{' || c === '[') {
        open.push(c)
        if (open.length > maxDepth) throw new Fault('exceeded max depth')
        this.#at++
        this.#space()
        if (this.#need() === (c === '{' ? '}' : ']')) {
          this.#at++
          open.pop()
        } else {
          if (c === '{') this.#key()
          continue
        }
      } else this.#scalar(c)
      if (this.#close(open)) return
    }
  }

  /** Goes past the ends of everything that ends here; true when nothing is open any more. */
  #close(open: ('{' | '[')[]): boolean {
    while (open.length > 0) {
      const inObject = open.at(-1) === '{'
      this.#space()
      const c = this.#need()
      if (c === ',') {
        this.#at++
        if (!inObject) return false
        this.#space()
        this.#key()
        return false
      }
      if (c !== (inObject ? '}' : ']')) this.#invalid(inObject ? 'after object key:value pair' : 'after array element')
      this.#at++
      open.pop()
    }
    return true
  }

  #key(): void {
    if (this.#need() !== '"') this.#invalid('looking for beginning of object key string')
    this.#string()
    this.#space()
    if (this.#need() !== ':') this.#invalid('after object key')
    this.#at++
  }

  #scalar(c: string): void {
    if (c === '"') this.#string()
    else if (c === '-' || (c >= '0' && c <= '9')) this.#number()
    else if (c === 't') this.#literal('true')
    else if (c === 'f') this.#literal('false')
    else if (c === 'n') this.#literal('null')
    else this.#invalid('looking for beginning of value')
  }

  #string(): void {
    this.#at++
    for (;;) {
      const c = this.#need()
      if (c === '"') break
      if (c === '\\') this.#escape()
      else if (c < ' ') this.#invalid('in string literal')
      else this.#at++
    }
    this.#at++
  }

  #escape(): void {
    this.#at++
    const c = this.#need()
    if (!'bfnrt\\/"u'.includes(c)) this.#invalid('in string escape code')
    this.#at++
    if (c !== 'u') return
    for (let digit = 0; digit < 4; digit++) {
      if (!/[0-9a-fA-F]/.test(this.#need())) this.#invalid('in \\u hexadecimal character escape')
      this.#at++
    }
  }

  #number(): void {
    if (this.#peek() === '-') this.#at++
    if (this.#need() === '0') this.#at++
    else this.#digits('in numeric literal')
    if (this.#peek() === '.') {
      this.#at++
      this.#digits('after decimal point in numeric literal')
    }
    if (this.#peek() === 'e' || this.#peek() === 'E') {
      this.#at++
      if (this.#peek() === '+' || this.#peek() === '-') this.#at++
      this.#digits('in exponent of numeric literal')
    }
  }

  #digits(where: string): void {
    if (!isDigit(this.#need())) this.#invalid(where)
    while (isDigit(this.#peek())) this.#at++
  }

  #literal(word: string): void {
    for (const letter of word) {
      if (this.#need() !== letter) {
        this.#invalid(`in literal ${word} (expecting ${quote(letter)})`)
      }
      this.#at++
    }
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#peek())) this.#at++
  }

  #peek(): string {
    return this.#text[this.#at] ?? ''
  }

  #need(): string {
    const c = this.#text[this.#at]
    if (c === undefined) throw new Fault('unexpected EOF')
    return c
  }

  #invalid(where: string): never {
    // Go reads bytes: a letter outside ASCII is named by its first byte.
    const c = this.#need()
    const shown = c <= '\x7f' ? c : String.fromCharCode(Buffer.from(String.fromCodePoint(this.#code()))[0] ?? 0)
    throw new Fault(`invalid character ${quote(shown)} ${where}`)
  }

  #code(): number {
    return this.#text.codePointAt(this.#at) ?? 0xfffd
  }
}

const isDigit = (c: string) => c >= '0' && c <= '9'

function quote(c: string): string {
  if (c === "'") return `'\\''`
  if (c === '"') return `'"'`
  const inner = JSON.stringify(c).slice(1, -1)
  return `'${inner.replace(/^\\u00([0-9a-f]{2})$/, '\\x$1')}'`
}
