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
