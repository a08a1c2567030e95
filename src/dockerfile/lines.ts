import { isSpace, trimSpace, trimSpaceLeft } from './characters.ts'
import { DirectiveReader } from './directives.ts'
import { announcedHeredocs, type LineNode, readLine } from './node.ts'
import type { Range, SourceText } from './position.ts'
import type { Directive, Heredoc, Node } from './syntax.ts'
import { DockerfileError, fault } from './syntax-error.ts'

/** "dockerfile line greater than max allowed size": the longest physical line, in bytes. */
const maxLineBytes = 65_535

interface PhysicalLine {
  /** With its line ending. */
  readonly text: string
  /** From 1. */
  readonly number: number
  readonly offset: number
}

export interface Lines {
  readonly nodes: readonly Node[]
  readonly directives: readonly Directive[]
  readonly escape: '\\' | '`'
  readonly emptyContinuations: readonly { readonly line: number; readonly text: string }[]
}

function isComment(line: string): boolean {
  return trimSpaceLeft(line).startsWith('#')
}

function trimNewline(line: string): string {
  return line.replace(/[\r\n]+$/, '')
}

/** Cuts a Dockerfile into instructions: lines joined, comments kept aside, here-documents read. */
class LineReader {
  readonly #text: SourceText
  readonly #source: string
  readonly #directives = new DirectiveReader()
  readonly #nodes: Node[] = []
  readonly #emptyContinuations: { line: number; text: string }[] = []
  #offset: number
  #line = 0
  #tooLong = false
  #escape: '\\' | '`' = '\\'
  #comments: string[] = []

  constructor(text: SourceText) {
    this.#text = text
    this.#source = text.text
    this.#offset = text.text.startsWith('\ufeff') ? 1 : 0
  }

  read(): Lines {
    for (let line = this.#next(); line; line = this.#next()) this.#instruction(line)
    if (this.#nodes.length === 0)
      throw fault('file with no instructions', { expected: 'FROM <image>' }).at(this.#here(this.#offset))
    if (this.#tooLong)
      throw fault(`dockerfile line greater than max allowed size of ${maxLineBytes}`).at(this.#here(this.#offset))
    return {
      nodes: this.#nodes,
      directives: this.#directives.found,
      escape: this.#escape,
      emptyContinuations: this.#emptyContinuations,
    }
  }

  #next(): PhysicalLine | undefined {
    if (this.#tooLong || this.#offset >= this.#source.length) return undefined
    const newline = this.#source.indexOf('\n', this.#offset)
    const end = newline < 0 ? this.#source.length : newline + 1
    const text = this.#source.slice(this.#offset, end)
    if (text.length * 3 > maxLineBytes && bytes(text) > maxLineBytes + (newline < 0 ? 0 : 1)) {
      this.#tooLong = true
      return undefined
    }
    const line = { text, number: ++this.#line, offset: this.#offset }
    this.#offset = end
    return line
  }

  #here(offset: number): Range {
    return this.#text.range(offset, offset)
  }

  /** A line without its end and, at the start of an instruction, without its indentation; empty for a comment. */
  #clean(line: PhysicalLine, first: boolean): string {
    const text = first ? trimSpaceLeft(trimNewline(line.text)) : trimNewline(line.text)
    const directive = this.#directives.read(text, line.number)
    if (directive) {
      this.#comments.pop()
      if (directive.name === 'escape') {
        if (directive.value !== '\\' && directive.value !== '`')
          throw fault(`invalid escape token '${directive.value}' does not match \` or \\`, {
            token: directive.value,
            expected: '# escape=\\ or # escape=`',
          })
        this.#escape = directive.value
      }
    }
    return isComment(text) ? '' : text
  }

  #remember(line: PhysicalLine): void {
    if (!isComment(line.text)) return
    const comment = trimSpace(line.text.slice(1))
    if (comment === '') this.#comments = []
    else this.#comments.push(comment)
  }

  /** Takes the continuation mark off; undefined where the line has none. */
  #continued(text: string): string | undefined {
    const match = /[ \t]*$/.exec(text)
    const end = (match?.index ?? text.length) - 1
    if (end < 0 || text.charAt(end) !== this.#escape) return undefined
    // an escaped escape token is an ordinary character
    if (end > 0 && text.charAt(end - 1) === this.#escape) return undefined
    return text.slice(0, end)
  }

  #instruction(first: PhysicalLine): void {
    const start = first.offset + (/^\s*/.exec(first.text)?.[0].length ?? 0)
    try {
      this.#remember(first)
      const text = this.#clean(first, true)
      let continued = this.#continued(text)
      let logical = continued ?? text
      if (continued === undefined && logical === '') return
      let empty = false
      while (continued !== undefined) {
        const line = this.#next()
        if (!line) break
        const more = this.#clean(line, false)
        if (isComment(line.text)) continue
        if (trimSpaceLeft(more) === '') {
          empty = true
          continue
        }
        continued = this.#continued(more)
        logical += continued ?? more
      }
      if (empty) this.#emptyContinuations.push({ line: this.#line, text: logical })
      const node = readLine(logical, this.#escape)
      const heredocs = announcedHeredocs(node).map((mark): Heredoc => ({ ...mark, content: this.#content(mark) }))
      this.#add(node, heredocs, start, first.number)
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error
      throw error.at(this.#text.rangeOfToken(this.#text.range(start, this.#offset), error.token))
    }
  }

  #content(mark: { name: string; chomp: boolean }): string {
    let content = ''
    for (let line = this.#next(); line; line = this.#next()) {
      const text = trimNewline(line.text)
      if ((mark.chomp ? text.replace(/^\t+/, '') : text) === mark.name) return content
      content += line.text
    }
    throw fault('unterminated heredoc', { token: mark.name, expected: `a line that is ${mark.name}` })
  }

  #add(node: LineNode, heredocs: readonly Heredoc[], start: number, startLine: number): void {
    let end = this.#offset
    while (end > start && isSpace(this.#source.charAt(end - 1))) end--
    const place = {
      heredocs,
      comments: this.#comments,
      range: this.#text.range(start, end),
      startLine,
      endLine: Math.max(startLine, this.#line),
    }
    const { trigger, ...rest } = node
    this.#nodes.push({ ...rest, ...place, ...(trigger ? { trigger: withPlace(trigger, place) } : {}) })
    this.#comments = []
  }
}

function withPlace(
  node: LineNode,
  place: Pick<Node, 'heredocs' | 'comments' | 'range' | 'startLine' | 'endLine'>,
): Node {
  const { trigger, ...rest } = node
  return { ...rest, ...place, ...(trigger ? { trigger: withPlace(trigger, place) } : {}) }
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length
}

export function readLines(source: SourceText): Lines {
  return new LineReader(source).read()
}
