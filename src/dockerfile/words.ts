import { isSpace, trimSpace, trimSpaceLeft } from './characters.ts'
import { fault } from './syntax-error.ts'

const blanks = /[\t\v\f\r ]+/

export function splitBlanks(text: string): string[] {
  return text.split(blanks)
}

/** Cuts at the first run of blanks; `rest` is undefined where there is none. */
export function cutBlanks(text: string): { first: string; rest: string | undefined } {
  const match = blanks.exec(text)
  if (!match) return { first: text, rest: undefined }
  return { first: text.slice(0, match.index), rest: text.slice(match.index + match[0].length) }
}

/** Words of ENV, LABEL and ARG: cut at blanks, quotes and escapes kept for the expansion that comes later. */
export function splitWords(rest: string, escapeToken: string): string[] {
  const words: string[] = []
  let word = ''
  let quoted = false
  let quote = ''
  let inWord = false
  for (let position = 0; position < rest.length; position++) {
    const character = rest.charAt(position)
    if (!inWord) {
      if (isSpace(character)) continue
      inWord = true
    }
    if (quote === '' && isSpace(character)) {
      if (quoted || word !== '') words.push(word)
      word = ''
      quoted = false
      inWord = false
      continue
    }
    if (quote === '' && (character === "'" || character === '"')) {
      quote = character
      quoted = true
    } else if (character === quote) quote = ''
    if (character === escapeToken && quote !== "'") {
      // an escape token at the end of the line is dropped
      if (position + 1 === rest.length) break
      word += character + rest.charAt(++position)
    } else word += character
  }
  if (inWord && (quoted || word !== '')) words.push(word)
  return words
}

/** Takes the `--flags` off the front of an instruction's arguments. */
export function splitFlags(line: string, escapeToken: string): { flags: string[]; rest: string } {
  const flags: string[] = []
  let word = ''
  let quoted = false
  let quote = ''
  let inWord = false
  for (let position = 0; position < line.length; position++) {
    let character = line.charAt(position)
    if (!inWord) {
      if (isSpace(character)) continue
      if (!line.startsWith('--', position)) return { flags, rest: line.slice(position) }
      inWord = true
    }
    if (quote === '' && isSpace(character)) {
      if (word === '--') return { flags, rest: line.slice(position) }
      if (quoted || word !== '') flags.push(word)
      word = ''
      quoted = false
      inWord = false
      continue
    }
    if (quote === '' && (character === "'" || character === '"')) {
      quote = character
      quoted = true
      continue
    }
    if (quote !== '' && character === quote) {
      quote = ''
      continue
    }
    if (character === escapeToken) {
      if (position + 1 === line.length) break
      character = line.charAt(++position)
    }
    word += character
  }
  if (inWord && word !== '--' && (quoted || word !== '')) flags.push(word)
  return { flags, rest: '' }
}

/** `KEYWORD --flag rest`, taken apart. */
export function splitInstruction(
  line: string,
  escapeToken: string,
): { keyword: string; flags: string[]; rest: string } {
  const { first, rest } = cutBlanks(trimSpace(line))
  if (rest === undefined) return { keyword: first, flags: [], rest: '' }
  const split = splitFlags(rest, escapeToken)
  return { keyword: first, flags: split.flags, rest: trimSpace(split.rest) }
}

/** A JSON array of strings; undefined where the text is none, so that the shell form holds. */
export function parseJsonWords(rest: string): { words: string[] } | { fault: string | undefined } {
  const text = trimSpaceLeft(rest)
  if (!text.startsWith('[')) return { fault: undefined }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) }
  }
  if (!Array.isArray(value)) return { fault: 'not a JSON array' }
  if (!value.every((word) => typeof word === 'string'))
    throw fault('when using JSON array syntax, arrays must be comprised of strings only', {
      expected: '["word", "word"]',
    })
  return { words: value }
}
