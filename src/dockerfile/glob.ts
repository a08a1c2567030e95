import { fault } from './syntax-error.ts'

/**
 * The patterns of `${name#pattern}` and its kin: `*` and `?` as in the shell, no brackets. Matching follows every
 * possibility at once (a set of states per character), so no pattern makes it slow.
 */
export type Glob = readonly (string | typeof anyCharacter | typeof anyRun)[]

const anyCharacter = Symbol('?')
const anyRun = Symbol('*')

export function parseGlob(pattern: string): Glob {
  const characters = Array.from(pattern)
  const glob: (string | typeof anyCharacter | typeof anyRun)[] = []
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? ''
    if (character === '*') glob.push(anyRun)
    else if (character === '?') glob.push(anyCharacter)
    else if (character !== '\\') glob.push(character)
    else {
      const next = characters[index + 1]
      // `}` and `/` end parts of the substitution, so they are escaped there; the escape is no part of the pattern
      if (next === '}' || next === '/') continue
      if (next !== '*' && next !== '?' && next !== '\\')
        throw fault(`invalid pattern (${pattern}) in substitution: invalid escape '\\${next ?? '\ufffd'}'`)
      glob.push(next)
      index++
    }
  }
  return glob
}

export function reverseGlob(glob: Glob): Glob {
  return glob.toReversed()
}

/** Where the shortest or the longest match that begins at `start` ends; undefined where there is none. */
export function matchGlob(glob: Glob, text: readonly string[], start: number, longest: boolean): number | undefined {
  let states = new Set<number>()
  const add = (target: Set<number>, state: number) => {
    for (let next = state; !target.has(next); next++) {
      target.add(next)
      if (glob[next] !== anyRun) break
    }
  }
  add(states, 0)
  let end: number | undefined
  for (let position = start; states.size > 0; position++) {
    if (states.has(glob.length)) {
      end = position
      if (!longest) return end
    }
    const character = text[position]
    if (character === undefined) break
    const next = new Set<number>()
    for (const state of states) {
      const part = glob[state]
      if (part === anyRun && character !== '\n') add(next, state)
      else if (part === anyCharacter ? character !== '\n' : part === character) add(next, state + 1)
    }
    states = next
  }
  return end
}

export function trimPrefix(text: string, glob: Glob, longest: boolean): string {
  const characters = Array.from(text)
  const end = matchGlob(glob, characters, 0, longest)
  return end === undefined ? text : characters.slice(end).join('')
}

export function trimSuffix(text: string, glob: Glob, longest: boolean): string {
  const reversed = Array.from(text).toReversed()
  const end = matchGlob(reverseGlob(glob), reversed, 0, longest)
  return end === undefined ? text : reversed.slice(end).toReversed().join('')
}

export function replaceGlob(text: string, glob: Glob, replacement: string, all: boolean): string {
  const characters = Array.from(text)
  let out = ''
  let position = 0
  let previousEnd = -1
  while (position <= characters.length) {
    const end = matchGlob(glob, characters, position, true)
    // an empty match right behind another match is no match
    if (end === undefined || (end === position && position === previousEnd)) {
      out += characters[position] ?? ''
      position++
      continue
    }
    out += replacement
    previousEnd = end
    if (!all) return out + characters.slice(end).join('')
    if (end === position) {
      out += characters[position] ?? ''
      position++
    } else position = end
  }
  return out
}
