import { describe, expect, it } from 'vitest'
import { DockerfileError, parseDockerfile, parseInstruction } from './index.ts'

function fail(text: string, name?: string): DockerfileError {
  try {
    parseDockerfile(text, name === undefined ? {} : { name })
  } catch (error) {
    if (error instanceof DockerfileError) return error
    throw error
  }
  throw new Error('Nothing was refused')
}

const first = (text: string) => parseDockerfile(`FROM scratch\n${text}`).stages[0]?.instructions[0]

describe('a Dockerfile that Docker refuses is refused in the same words', () => {
  it.each([
    ['', 'the Dockerfile cannot be empty'],
    ['# only a comment\n', 'file with no instructions'],
    ['FORM busybox', 'dockerfile parse error on line 1: unknown instruction: FORM (did you mean FROM?)'],
    ['FROM a\nrnu x', 'dockerfile parse error on line 2: unknown instruction: rnu (did you mean run?)'],
    ['FROM a\nNONSENSE bar', 'dockerfile parse error on line 2: unknown instruction: NONSENSE'],
    ['FROM a b', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
    ['FROM', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
    [
      'FROM a AS 1x',
      'dockerfile parse error on line 1: invalid name for build stage: "1x", name can\'t start with a number or contain symbols',
    ],
    ['RUN true', 'no build stage in current context'],
    ['FROM a\nENV x', 'ENV must have two arguments'],
    ['FROM a\nENV a=b c', 'Syntax error - can\'t find = in "c". Must be of the form: name=value'],
    ['FROM a\nENV', 'dockerfile parse error on line 2: ENV requires at least one argument'],
    [
      'FROM a\nCOPY x',
      'dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined',
    ],
    ['FROM a\nCOPY --form=b x y', 'dockerfile parse error on line 2: unknown flag: --form (did you mean from?)'],
    ['FROM a\nCOPY --from x y', 'dockerfile parse error on line 2: missing a value on flag: --from'],
    [
      'FROM a\nCOPY --link=maybe x y',
      'dockerfile parse error on line 2: expecting boolean value for flag --link, not: maybe',
    ],
    ['FROM a\nCOPY --chown=1 --chown=2 x y', 'dockerfile parse error on line 2: duplicate flag specified: --chown'],
    ['FROM a\nRUN [1]', 'when using JSON array syntax, arrays must be comprised of strings only'],
    ['FROM a\nSHELL bash -c', 'dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form'],
    [
      'FROM a\nONBUILD ONBUILD RUN x',
      "dockerfile parse error on line 2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
    ],
    ['FROM a\nONBUILD FROM b', "dockerfile parse error on line 2: FROM isn't allowed as an ONBUILD trigger"],
    ['FROM a\nHEALTHCHECK FOO', 'dockerfile parse error on line 2: Unknown type "FOO" in HEALTHCHECK (try CMD)'],
    ['FROM a\nHEALTHCHECK CMD', 'dockerfile parse error on line 2: Missing command after HEALTHCHECK CMD'],
    ['FROM a\nHEALTHCHECK --interval=5 CMD x', 'dockerfile parse error on line 2: time: missing unit in duration "5"'],
    [
      'FROM a\nHEALTHCHECK --interval=1us CMD x',
      'dockerfile parse error on line 2: Interval "interval" cannot be less than 1ms',
    ],
    ['FROM a\nRUN --network=foo x', 'dockerfile parse error on line 2: invalid network mode "foo"'],
    [
      'FROM a\nRUN --mount=type=bind,from=$x,target=/y true',
      "dockerfile parse error on line 2: 'from' doesn't support variable expansion, define alias stage instead",
    ],
    ['FROM a\nRUN <<EOF\necho', 'unterminated heredoc'],
    ['FROM a\nCOPY a <<EOF\nEOF', 'dockerfile parse error on line 2: COPY cannot accept a heredoc as a destination'],
    ['# escape=x\nFROM a', "invalid escape token 'x' does not match ` or \\"],
    ['# syntax=a\n# syntax=b\nFROM a', 'only one syntax parser directive can be used'],
    ['FROM a\nWORKDIR', 'dockerfile parse error on line 2: WORKDIR requires exactly one argument'],
    ['FROM a\nVOLUME [""]', 'dockerfile parse error on line 2: VOLUME specified can not be an empty string'],
  ])('%j', (text, message) => {
    expect(fail(text).message).toBe(message)
  })

  it('names the file where it is told the name', () => {
    expect(fail('', 'Dockerfile').message).toBe('the Dockerfile (Dockerfile) cannot be empty')
  })
})

describe('the place of a fault', () => {
  it('is the word at fault, not only the line', () => {
    const error = fail('FROM a\n\n  COPY \\\n    --form=b x y\n')
    expect({ line: error.line, column: error.column }).toEqual({ line: 4, column: 5 })
    expect(error.expected).toContain('--from')
  })

  it('counts lines behind continuations, comments and here-documents', () => {
    const error = fail('# x\nFROM a\nRUN a \\\n  # in between\n  b\nRUN <<X\n1\n2\nX\nNONSENSE')
    expect(error.message).toBe('dockerfile parse error on line 10: unknown instruction: NONSENSE')
    expect(error.range.start).toEqual({ line: 10, column: 1, offset: 52 })
  })

  it('says what would have been right', () => {
    expect(fail('FROM a b').expected).toBe('FROM <image> [AS <name>]')
  })
})

describe('lines', () => {
  it('joins continuations, leaves comments between them out, and keeps the inner blanks', () => {
    expect(first('RUN a \\\n# c\n\n   && b \\\n\n  && c')).toMatchObject({
      command: { words: ['a    && b   && c'], shell: true },
    })
  })

  it('takes the backtick where the directive says so', () => {
    const file = parseDockerfile('# escape=`\nFROM a\nRUN a `\n  b\nCOPY c:\\x d:\\\n')
    expect(file.escape).toBe('`')
    expect(file.stages[0]?.instructions[1]).toMatchObject({ sources: { paths: ['c:\\x'], destination: 'd:\\' } })
  })

  it('skips a byte order mark', () => {
    expect(parseDockerfile('\ufeffFROM a').stages[0]).toMatchObject({
      base: 'a',
      range: { start: { line: 1, column: 1 } },
    })
  })

  it('refuses a line of more than 65,535 bytes', () => {
    expect(fail(`FROM a\nRUN ${'x'.repeat(70_000)}`).message).toBe(
      'dockerfile line greater than max allowed size of 65535',
    )
  })

  it('falls back to the shell form where a JSON array cannot be read, and tells why', () => {
    const file = parseDockerfile("FROM a\nCMD ['a', 'b']")
    expect(file.stages[0]?.instructions[0]).toMatchObject({ command: { words: ["['a', 'b']"], shell: true } })
    expect(file.nodes[1]?.jsonFault).toContain('JSON')
  })
})

describe('here-documents', () => {
  it('come in any number, chomped, quoted, with a file descriptor', () => {
    expect(first('RUN 3<<A cat <<-"B C"\n$one\nA\n\t$two\n\tB C\n')).toMatchObject({
      command: {
        heredocs: [
          { name: 'A', fileDescriptor: 3, expand: true, chomp: false, content: '$one\n' },
          { name: 'B C', fileDescriptor: 0, expand: false, chomp: true, content: '\t$two\n' },
        ],
      },
    })
  })

  it('are files of COPY and ADD', () => {
    expect(first('COPY <<a <<-b f /to/\n1\na\n\t2\nb\n')).toMatchObject({
      sources: {
        paths: ['f'],
        files: [
          { name: 'a', content: '1\n', expand: true },
          { name: 'b', content: '2\n', expand: true },
        ],
        destination: '/to/',
      },
    })
  })

  it('belong to the trigger of ONBUILD, whose text keeps them', () => {
    expect(first('ONBUILD RUN <<EOF\necho\nEOF\n')).toMatchObject({ expression: 'RUN <<EOF\necho\nEOF' })
    expect(parseInstruction('RUN <<EOF\necho\nEOF')).toMatchObject({ kind: 'run', command: { words: ['<<EOF'] } })
  })
})

describe('instructions', () => {
  it.each([
    [
      'ENV a=b c="d e"',
      {
        kind: 'env',
        pairs: [
          { key: 'a', value: 'b', legacy: false },
          { key: 'c', value: '"d e"' },
        ],
      },
    ],
    ['ENV a b c', { kind: 'env', pairs: [{ key: 'a', value: 'b c', legacy: true }] }],
    ['LABEL "a b"=c', { kind: 'label', pairs: [{ key: '"a b"', value: 'c' }] }],
    ['ARG a b=1', { kind: 'arg', args: [{ key: 'a' }, { key: 'b', value: '1' }] }],
    ['CMD ["a", "b"]', { kind: 'cmd', command: { words: ['a', 'b'], shell: false } }],
    ['ENTRYPOINT a b', { kind: 'entrypoint', command: { words: ['a b'], shell: true } }],
    ['EXPOSE 80/tcp 443', { kind: 'expose', ports: ['443', '80/tcp'] }],
    ['VOLUME /a /b', { kind: 'volume', paths: ['/a', '/b'] }],
    ['USER a:b', { kind: 'user', user: 'a:b' }],
    ['STOPSIGNAL SIGQUIT', { kind: 'stopsignal', signal: 'SIGQUIT' }],
    ['SHELL ["/bin/bash", "-c"]', { kind: 'shell', shell: ['/bin/bash', '-c'] }],
    [
      'COPY --from=b --chown=1:2 --chmod=644 --link --parents --exclude=*.a --exclude=*.b x y /z/',
      {
        kind: 'copy',
        from: 'b',
        chown: '1:2',
        chmod: '644',
        link: true,
        parents: true,
        exclude: ['*.a', '*.b'],
        sources: { paths: ['x', 'y'], destination: '/z/' },
      },
    ],
    [
      'ADD --checksum=sha256:1 --keep-git-dir=true --unpack=false http://a/b /c',
      { kind: 'add', checksum: 'sha256:1', keepGitDir: true, unpack: false },
    ],
    [
      'RUN --mount=type=cache,target=/c --network=none --security=sandbox a',
      { kind: 'run', network: 'none', mounts: ['type=cache,target=/c'] },
    ],
    [
      'HEALTHCHECK --interval=1m30s --timeout=5s --start-period=1h --start-interval=100ms --retries=3 CMD curl x',
      {
        health: {
          test: ['CMD-SHELL', 'curl x'],
          interval: 90e9,
          timeout: 5e9,
          startPeriod: 3600e9,
          startInterval: 1e8,
          retries: 3,
        },
      },
    ],
    ['HEALTHCHECK NONE', { health: { test: ['NONE'] } }],
    ['MAINTAINER a b', { kind: 'maintainer', maintainer: 'a b' }],
  ])('%s', (text, expected) => {
    expect(first(text)).toMatchObject(expected)
  })

  it('knows what comments say of stages and arguments', () => {
    const file = parseDockerfile('# v which one\nARG v\n# base all stand on it\nFROM a AS base')
    expect(file.globalArgs[0]?.args).toEqual([{ key: 'v', description: 'which one' }])
    expect(file.stages[0]).toMatchObject({ name: 'base', description: 'all stand on it' })
  })
})
