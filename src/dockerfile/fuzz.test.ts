import fc from 'fast-check'
import { describe, it } from 'vitest'
import { checkDockerfile, DockerfileError, expandWord, parseDockerfile, parseMount, variablesOf } from './index.ts'

/** Only the room's own error may come out. */
function survives(work: () => unknown): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error
  }
}

const pieces = fc.constantFrom(
  'FROM ',
  'a',
  ' AS ',
  'ARG ',
  'ENV ',
  'RUN ',
  'ONBUILD ',
  'COPY ',
  'HEALTHCHECK ',
  '--mount=',
  '--from=',
  '<<EOF',
  'EOF',
  '<<-"',
  '\n',
  '\\\n',
  '`\n',
  '# escape=`\n',
  '# check=skip=all\n',
  '["',
  '"]',
  ',',
  '${',
  '$a',
  ':-',
  '}',
  '#',
  '%',
  '//',
  "'",
  '"',
  '\\',
  '=',
  ' ',
  '\t',
  '\r',
  '\u0000',
  '\u0085',
  '\ud800',
  '😀',
)
const dockerfile = fc
  .array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 60 })
  .map((list) => list.join(''))

describe('whatever the text is, the parser ends and throws nothing but its own error', () => {
  it('reads any text', () => {
    fc.assert(
      fc.property(dockerfile, (text) => {
        survives(() => checkDockerfile(parseDockerfile(text)))
        survives(() => checkDockerfile(parseDockerfile(`FROM a\n${text}`)))
      }),
      { numRuns: 2000 },
    )
  })

  it('expands any word', () => {
    const variables = variablesOf(['a=x.y/z', 'b='])
    fc.assert(
      fc.property(dockerfile, (word) => {
        survives(() => expandWord(word, variables))
        survives(() => expandWord(word, variables, { escape: '`', rawQuotes: true, keepUnset: true }))
      }),
      { numRuns: 2000 },
    )
  })

  it('reads any mount', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        survives(() => parseMount(text, (word) => word))
        survives(() => parseMount(`type=cache,${text}`))
      }),
    )
  })

  it('ends on deep nesting', () => {
    survives(() => expandWord('${a:-'.repeat(20_000), variablesOf([])))
    survives(() => parseDockerfile(`FROM a\n${'ONBUILD '.repeat(7000)}`))
    survives(() => parseDockerfile(`FROM a\nRUN ${'['.repeat(60_000)}`))
    survives(() => parseDockerfile(`FROM a\n${'ENV a=b\n'.repeat(20_000)}`))
  })
})
