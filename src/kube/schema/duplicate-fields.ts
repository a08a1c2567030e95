import { goQuote } from './validation/field-error.ts'

/**
 * Fields that stand twice in one object of a JSON text, as strict decoding names them: `duplicate field "spec.foo"`.
 * The text must be valid JSON (JSON.parse keeps the last of the two).
 */
export function duplicateFields(text: string): string[] {
  const found: string[] = []
  const path: string[] = []
  let i = 0

  function skipSpace() {
    while (i < text.length && text.charCodeAt(i) <= 32) i++
  }
  function string(): string {
    const start = i++
    let escaped = false
    while (text.charCodeAt(i) !== 34) {
      if (text.charCodeAt(i) === 92) {
        escaped = true
        i++
      }
      i++
    }
    i++
    return escaped ? JSON.parse(text.slice(start, i)) : text.slice(start + 1, i - 1)
  }
  function value() {
    skipSpace()
    const c = text.charCodeAt(i)
    if (c === 123) object()
    else if (c === 91) array()
    else if (c === 34) string()
    else while (i < text.length && !',]} \n\r\t'.includes(text.charAt(i))) i++
  }
  function object() {
    i++
    let names: string[] | Set<string> = []
    skipSpace()
    while (i < text.length && text.charCodeAt(i) !== 125) {
      const name = string()
      const known: boolean = Array.isArray(names) ? names.includes(name) : names.has(name)
      if (known && found.length < 100) {
        const sentence = `duplicate field ${goQuote([...path, path.length > 0 ? '.' : '', name].join(''))}`
        if (!found.includes(sentence)) found.push(sentence)
      } else if (Array.isArray(names)) {
        names.push(name)
        if (names.length > 16) names = new Set(names)
      } else names.add(name)
      skipSpace()
      i++ // the colon
      path.push(path.length > 0 ? `.${name}` : name)
      value()
      path.pop()
      skipSpace()
      if (text.charCodeAt(i) === 44) i++
      skipSpace()
    }
    i++
  }
  function array() {
    i++
    skipSpace()
    for (let index = 0; i < text.length && text.charCodeAt(i) !== 93; index++) {
      path.push(`[${index}]`)
      value()
      path.pop()
      skipSpace()
      if (text.charCodeAt(i) === 44) i++
      skipSpace()
    }
    i++
  }
  value()
  return found
}
