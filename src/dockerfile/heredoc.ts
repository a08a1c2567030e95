import { expandWord, noVariables } from './expand.ts'
import type { Heredoc } from './syntax.ts'
import { DockerfileError, fault } from './syntax-error.ts'

export type HeredocMark = Omit<Heredoc, 'content'>

const mark = /^(\d*)<<(-?)\s*([^<]*)$/

function quotes(text: string): number {
  return text.length - text.replaceAll(/['"]/g, '').length
}

/** Reads one word as `<<EOF`, `<<-EOF`, `3<<"EOF"`; undefined where it is no here-document. */
export function parseHeredocMark(word: string): HeredocMark | undefined {
  const match = mark.exec(word)
  const rest = match?.[3]
  if (!match || !rest) return undefined
  const plain = expandWord(rest, noVariables, { keepUnset: true }).words
  const [name] = plain
  if (plain.length !== 1 || name === undefined) return undefined
  const raw = expandWord(rest, noVariables, { keepUnset: true, rawQuotes: true }).words
  if (raw.length !== plain.length)
    throw fault(`internal lexing of heredoc produced inconsistent results: ${rest}`, { token: word })
  return {
    name,
    fileDescriptor: Number(match[1] || 0),
    // "If any part of word is quoted, … the lines in the here-document are not expanded."
    expand: quotes(name) === quotes(raw[0] ?? ''),
    chomp: match[2] === '-',
  }
}

/** Like parseHeredocMark, but a word that cannot be read is no here-document. */
export function maybeHeredocMark(word: string): HeredocMark | undefined {
  try {
    return parseHeredocMark(word)
  } catch (error) {
    if (error instanceof DockerfileError) return undefined
    throw error
  }
}

/** The here-documents that a line announces, in order. */
export function heredocMarks(line: string): HeredocMark[] {
  let words: readonly string[]
  try {
    words = expandWord(line, noVariables, { rawQuotes: true, rawEscapes: true, keepUnset: true }).words
  } catch (error) {
    // an unbalanced quote: the line means something to the shell, not to us
    if (error instanceof DockerfileError) return []
    throw error
  }
  return words.map(parseHeredocMark).filter((found) => found !== undefined)
}

/** What `<<-` takes away. */
export function chompHeredoc(content: string): string {
  return content.replaceAll(/^\t+/gm, '')
}
