/** Suggestions are made up to this distance (exclusive). */
const limit = 3

function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1)
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[to.length] ?? 0
}

/** The option nearest to a mistyped word, in the casing of that word; undefined where none is near or one is equal. */
export function nearest(word: string, options: Iterable<string>, caseSensitive: boolean): string | undefined {
  const sought = caseSensitive ? word : word.toLowerCase()
  let best: string | undefined
  let bestDistance = limit
  for (const option of options) {
    const candidate = caseSensitive ? option : option.toLowerCase()
    if (candidate === sought) return undefined
    if (Math.abs(candidate.length - sought.length) >= limit) continue
    const found = distance(sought, candidate)
    if (found >= bestDistance) continue
    best =
      caseSensitive || word === word.toLowerCase()
        ? candidate
        : word === word.toUpperCase()
          ? candidate.toUpperCase()
          : candidate
    bestDistance = found
  }
  return best || undefined
}

/** Docker's ` (did you mean X?)`, or nothing. */
export function didYouMean(word: string, options: Iterable<string>, caseSensitive: boolean): string {
  const match = nearest(word, options, caseSensitive)
  return match ? ` (did you mean ${match}?)` : ''
}
