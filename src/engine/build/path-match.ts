/** Go's filepath.Match for one part of a path: `*`, `?`, `[a-z]`, `[^a-z]`, `\x`. A pattern that is none matches nothing. */
export function matchPart(pattern: string, name: string): boolean {
  let at = 0
  let position = 0
  let star = -1
  let starPosition = 0
  while (position < name.length) {
    const step = matchOne(pattern, at, name.charAt(position))
    if (pattern.charAt(at) === '*') {
      star = ++at
      starPosition = position
    } else if (step !== undefined) {
      at = step
      position++
    } else if (star >= 0) {
      at = star
      position = ++starPosition
    } else return false
  }
  while (pattern.charAt(at) === '*') at++
  return at === pattern.length
}

/** Where the pattern goes on when its next sign takes the character; undefined when it does not. */
function matchOne(pattern: string, at: number, character: string): number | undefined {
  const sign = pattern.charAt(at)
  if (at >= pattern.length || sign === '*') return undefined
  if (sign === '?') return at + 1
  if (sign === '\\') return pattern.charAt(at + 1) === character ? at + 2 : undefined
  if (sign !== '[') return sign === character ? at + 1 : undefined
  let next = at + 1
  const negated = pattern.charAt(next) === '^'
  if (negated) next++
  let inside = false
  for (let first = true; first || pattern.charAt(next) !== ']'; first = false) {
    if (next >= pattern.length) return undefined
    // an unescaped `]` or `-` cannot begin a range
    if (']-'.includes(pattern.charAt(next))) return undefined
    const low = readSign(pattern, next)
    next = low.next
    let high = low.sign
    if (pattern.charAt(next) === '-') {
      const end = readSign(pattern, next + 1)
      high = end.sign
      next = end.next
    }
    if (low.sign <= character && character <= high) inside = true
  }
  return inside === negated ? undefined : next + 1
}

function readSign(pattern: string, at: number): { sign: string; next: number } {
  if (pattern.charAt(at) === '\\') return { sign: pattern.charAt(at + 1), next: at + 2 }
  return { sign: pattern.charAt(at), next: at + 1 }
}

export function hasWildcards(path: string): boolean {
  for (let at = 0; at < path.length; at++) {
    if (path.charAt(at) === '\\') at++
    else if ('*?['.includes(path.charAt(at))) return true
  }
  return false
}

/** Paths that a pattern means, by listing folders part for part. `**` is any number of folders. */
export async function expandPattern(
  pattern: string,
  list: (folder: string) => Promise<readonly string[]>,
): Promise<string[]> {
  let paths = ['']
  let wild = false
  for (const part of pattern.split('/').filter((text) => text !== '' && text !== '.')) {
    const next: string[] = []
    for (const path of paths) {
      if (part === '**') next.push(...(await descendants(path, list)))
      else if (hasWildcards(part))
        for (const name of await list(path)) if (matchPart(part, name)) next.push(join(path, name))
      if (part !== '**' && !hasWildcards(part) && (!wild || (await list(path)).includes(part)))
        next.push(join(path, part))
    }
    wild ||= part === '**' || hasWildcards(part)
    paths = [...new Set(next)]
  }
  return paths
}

async function descendants(path: string, list: (folder: string) => Promise<readonly string[]>): Promise<string[]> {
  const found = [path]
  for (const name of await list(path)) found.push(...(await descendants(join(path, name), list)))
  return found
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
