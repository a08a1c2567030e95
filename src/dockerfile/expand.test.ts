// biome-ignore-all lint/suspicious/noTemplateCurlyInString: substitutions of the shell, not of JavaScript
import { describe, expect, it } from 'vitest'
import { expandWord, parseHeredocMark, variablesOf } from './index.ts'

const variables = variablesOf(['a=one', 'path=/usr/local/lib/x.tar.gz', 'empty=', 'b=a b  c', 'u=héé'])
const expand = (word: string) => expandWord(word, variables).result

describe('expandWord', () => {
  it.each([
    ['$a', 'one'],
    ['${a}x$a', 'onexone'],
    ['$missing', ''],
    ['\\$a', '$a'],
    ["'$a'", '$a'],
    ['"$a"', 'one'],
    ['"\\$a \\x \\""', '$a \\x "'],
    ['${missing:-x$a}', 'xone'],
    ['${empty-x}', ''],
    ['${empty:-x}', 'x'],
    ['${a:+y}', 'y'],
    ['${missing+y}', ''],
    ['${path#*/}', 'usr/local/lib/x.tar.gz'],
    ['${path##*/}', 'x.tar.gz'],
    ['${path%.*}', '/usr/local/lib/x.tar'],
    ['${path%%.*}', '/usr/local/lib/x'],
    ['${path/usr/opt}', '/opt/local/lib/x.tar.gz'],
    ['${path//l/L}', '/usr/LocaL/Lib/x.tar.gz'],
    ['${path//\\//_}', '_usr_local_lib_x.tar.gz'],
    ['${u%?}', 'hé'],
    ['$1', ''],
    ['$', '$'],
    ['a\\', 'a'],
  ])('%s → %s', (word, result) => {
    expect(expand(word)).toBe(result)
  })

  it.each([
    ['${missing:?must be there}', 'failed to process "${missing:?must be there}": missing: must be there'],
    ['${empty:?}', 'failed to process "${empty:?}": empty: is not allowed to be empty'],
    ['${a', 'failed to process "${a": unsupported modifier (\ufffd) in substitution'],
    ['${a:-b', 'failed to process "${a:-b": syntax error: missing \'}\''],
    ['${}', 'failed to process "${}": syntax error: bad substitution'],
    ['${a@b}', 'failed to process "${a@b}": unsupported modifier (@) in substitution'],
    ["'a", 'failed to process "\'a": unexpected end of statement while looking for matching single-quote'],
    ['${a#\\x}', 'failed to process "${a#\\\\x}": invalid pattern (\\x) in substitution: invalid escape \'\\x\''],
  ])('refuses %s', (word, message) => {
    expect(() => expand(word)).toThrow(expect.objectContaining({ name: 'DockerfileError', message }))
  })

  it('cuts into words at blanks that came out of variables, but not at quoted ones', () => {
    expect(expandWord('x$b "$b"', variables).words).toEqual(['xa', 'b', 'c', 'a b  c'])
  })

  it('tells which variables it has met', () => {
    const { matched, unmatched } = expandWord('$a ${missing:-$empty}', variables)
    expect([[...matched], [...unmatched]]).toEqual([['a', 'empty'], ['missing']])
  })

  it('is fast on a pattern that would make a backtracking matcher slow', () => {
    const long = variablesOf([`v=${'a'.repeat(5000)}`])
    const began = performance.now()
    expandWord(`\${v##${'*a'.repeat(20)}b}`, long)
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

describe('parseHeredocMark', () => {
  it.each([
    ['<<EOF', { name: 'EOF', expand: true, chomp: false, fileDescriptor: 0 }],
    ['<<-EOF', { name: 'EOF', chomp: true }],
    ['<<"EOF"', { name: 'EOF', expand: false }],
    ["<<'E'OF", { name: 'EOF', expand: false }],
    ['5<<EOF', { fileDescriptor: 5 }],
  ])('%s', (word, expected) => {
    expect(parseHeredocMark(word)).toMatchObject(expected)
  })

  it.each(['<<', '<EOF', 'a<<b', '<<<word', '<<a b'])('%s is none', (word) => {
    expect(parseHeredocMark(word)).toBeUndefined()
  })
})
