/** A point in the source text. Lines and columns count from 1, the offset from 0; columns and offsets count UTF-16 units. */
export interface Position {
  readonly line: number
  readonly column: number
  readonly offset: number
}

/** A stretch of source text; `end` is exclusive. */
export interface Range {
  readonly start: Position
  readonly end: Position
}

/** A text that knows on which line an offset lies. */
export class SourceText {
  readonly text: string
  readonly #lineStarts: number[] = [0]

  constructor(text: string) {
    this.text = text
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1)
  }

  position(offset: number): Position {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    // a byte order mark is not seen by who reads the file
    const mark = low === 0 && this.text.startsWith('\ufeff') ? 1 : 0
    return { line: low + 1, column: Math.max(0, offset - (this.#lineStarts[low] ?? 0) - mark) + 1, offset }
  }

  range(start: number, end: number): Range {
    return { start: this.position(start), end: this.position(end) }
  }

  /** Where the word stands inside a range; the whole range where it cannot be found. */
  rangeOfToken(range: Range, token: string | undefined): Range {
    if (!token) return range
    const found = this.text.slice(range.start.offset, range.end.offset).indexOf(token)
    if (found < 0) return range
    return this.range(range.start.offset + found, range.start.offset + found + token.length)
  }
}
