import { describe, expect, it } from 'vitest'
import { expandPattern, hasWildcards, matchPart } from './path-match.ts'

describe('matchPart', () => {
  it.each([
    ['*.txt', 'a.txt', true],
    ['*.txt', 'a.txt.gz', false],
    ['a?c', 'abc', true],
    ['[a-c]x', 'bx', true],
    ['[^a-c]x', 'bx', false],
    ['[]a]x', 'ax', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a*b*c', 'aXbYbZc', true],
    ['[', 'a', false],
    ['*', '', true],
  ])('%s with %s is %s', (pattern, name, matches) => {
    expect(matchPart(pattern, name)).toBe(matches)
  })

  it('takes no longer for a pattern of many stars', () => {
    const began = performance.now()
    expect(matchPart(`${'*a'.repeat(200)}b`, 'a'.repeat(4000))).toBe(false)
    expect(performance.now() - began).toBeLessThan(2000)
  })
})

describe('expandPattern', () => {
  const tree: Record<string, string[]> = { '': ['a', 'b', 'c.txt'], a: ['x.txt', 'y'], 'a/y': ['z.txt'], b: ['x.txt'] }
  const list = async (folder: string) => tree[folder] ?? []

  it.each([
    ['*.txt', ['c.txt']],
    ['*/x.txt', ['a/x.txt', 'b/x.txt']],
    ['**/*.txt', ['c.txt', 'a/x.txt', 'a/y/z.txt', 'b/x.txt']],
    ['a/*', ['a/x.txt', 'a/y']],
    ['none*', []],
  ])('%s', async (pattern, paths) => {
    expect(await expandPattern(pattern, list)).toEqual(paths)
  })

  it('knows an escaped star from a star', () => {
    expect(hasWildcards('a\\*b')).toBe(false)
    expect(hasWildcards('a*b')).toBe(true)
  })
})
