/** A mistake in a lesson folder: where, and what was expected. */
export interface LessonProblem {
  /** Relative to the lessons folder. */
  file: string
  /** From 1; 0 where it concerns the whole file. */
  line: number
  message: string
}

export function problemText({ file, line, message }: LessonProblem): string {
  return `${file}${line > 0 ? `:${line}` : ''}: ${message}`
}
