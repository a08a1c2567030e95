// biome-ignore-all lint/suspicious/noTemplateCurlyInString: substitutions of the Dockerfile, not of JavaScript
import { describe, expect, it } from 'vitest'
import { parseDockerfile } from '../../dockerfile/index.ts'
import { beginState, convertInstruction } from './convert-stage.ts'
import type { Step } from './operation.ts'
import { planBuild } from './plan.ts'

function convert(text: string, buildArgs: Record<string, string> = {}): Step[] {
  const file = parseDockerfile(`FROM base\n${text}`)
  const state = beginState({ Env: ['PATH=/bin'], WorkingDir: '/w' }, undefined)
  const options = {
    escape: file.escape,
    globals: new Map([['GLOBAL', 'g']]),
    buildArgs,
    source: (name: string) => ({ kind: 'image', reference: name }) as const,
    consumed: new Set<string>(),
  }
  return (file.stages[0]?.instructions ?? []).map((instruction) => convertInstruction(instruction, state, options))
}

const last = (text: string, buildArgs?: Record<string, string>) => convert(text, buildArgs).at(-1)

describe('convertInstruction', () => {
  it.each([
    ['ENV a=1 b=$a', '/bin/sh -c #(nop)  ENV a=1 b='],
    ['CMD ["a", "b c"]', '/bin/sh -c #(nop)  CMD ["a" "b c"]'],
    ['CMD a b', '/bin/sh -c #(nop)  CMD ["/bin/sh" "-c" "a b"]'],
    ['SHELL ["bash", "-c"]\nENTRYPOINT a', 'bash -c #(nop)  ENTRYPOINT ["bash" "-c" "a"]'],
    ['WORKDIR sub', '/bin/sh -c #(nop) WORKDIR /w/sub'],
    ['EXPOSE 80 53/udp', '/bin/sh -c #(nop)  EXPOSE 53/udp 80'],
    ['COPY a b', '/bin/sh -c #(nop) COPY file:x in b '],
    ['ADD --chown=1 a b', '/bin/sh -c #(nop) ADD --chown=1 file:x in b '],
    ['RUN make', '/bin/sh -c make'],
    ['ARG V=1\nRUN make', '|1 V=1 /bin/sh -c make'],
    ['VOLUME /a /b', '/bin/sh -c #(nop)  VOLUME [/a /b]'],
    [
      'HEALTHCHECK --interval=90s CMD a',
      '/bin/sh -c #(nop)  HEALTHCHECK &{Test:[CMD-SHELL a] Interval:1m30s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}',
    ],
  ])('%j is in the history as Docker writes it', (text, createdBy) => {
    expect(last(text)?.createdBy('file:x')).toBe(createdBy)
  })

  it('takes an ARG from the command line, then its default, then from above the first FROM', () => {
    expect(last('ARG a=1\nARG GLOBAL\nENV x=$a$GLOBAL')?.config.Env).toContain('x=1g')
    expect(last('ARG a=1\nENV x=$a', { a: '2' })?.config.Env).toContain('x=2')
    expect(last('ENV x=$a', { a: '2' })?.config.Env).toContain('x=')
  })

  it('hands RUN the ARGs and the proxies, of which the proxies are of no account for the cache', () => {
    expect(last('ARG V=1\nRUN x', { HTTP_PROXY: 'p' })?.operation).toMatchObject({
      env: ['PATH=/bin', 'V=1'],
      proxies: ['HTTP_PROXY=p'],
      cwd: '/w',
      args: ['/bin/sh', '-c', 'x'],
    })
  })

  it('forgets the base image’s CMD with a new ENTRYPOINT, but not a CMD of the same file', () => {
    expect(last('ENTRYPOINT ["e"]')?.config).not.toHaveProperty('Cmd')
    expect(last('CMD ["c"]\nENTRYPOINT ["e"]')?.config.Cmd).toEqual(['c'])
  })

  it.each([
    ['COPY a .', '/w/'],
    ['COPY a ./', '/w/'],
    ['COPY a x', '/w/x'],
    ['COPY a /x/', '/x/'],
    ['COPY a /', '/'],
  ])('%s goes to %s', (text, destination) => {
    expect(last(text)?.operation).toMatchObject({ destination })
  })

  it('tells the line of what cannot be expanded', () => {
    expect(() => last('USER ${x?no user}')).toThrow(
      expect.objectContaining({ message: 'failed to process "${x?no user}": x: no user', line: 2 }),
    )
  })
})

describe('planBuild', () => {
  const plan = (text: string, request = {}) => planBuild(parseDockerfile(text), request)

  it('leaves out the stages that the target does not need', () => {
    const text =
      'FROM a AS x\nFROM b AS y\nFROM c AS z\nCOPY --from=x f f\nFROM z\nRUN --mount=type=bind,from=0,target=/t true'
    expect(plan(text).stages.map(({ index }) => index)).toEqual([0, 2, 3])
    expect(plan(text, { target: 'y' }).stages.map(({ index }) => index)).toEqual([1])
    expect(plan(text).totalSteps).toBe(5)
  })

  it('knows a stage from an image of the same name', () => {
    expect(plan('FROM a AS b\nFROM B\nFROM scratch').stages.map(({ base }) => base)).toEqual([{ kind: 'scratch' }])
    expect(plan('FROM a AS b\nFROM B').stages[1]?.base).toEqual({ kind: 'stage', stage: 0 })
  })

  it.each([
    ['FROM $x', 'base name ($x) should not be blank'],
    ['FROM a AS b\nFROM c AS b', 'b stage name already used'],
    ['FROM a AS b\nCOPY --from=b x y', 'circular dependency detected on stage: b'],
    ['FROM a\nCOPY --from=5 x y', 'invalid stage index 5'],
    [
      'FROM a AS b\nCOPY --from=c x y\nFROM d AS c',
      'cannot copy from stage "c", it needs to be defined before current stage "b"',
    ],
    ['ARG x', 'No image was generated. Is your Dockerfile empty?'],
  ])('refuses %j', (text, message) => {
    expect(() => plan(text, { target: text.includes('FROM d') ? 'b' : '' })).toThrow(message)
  })
})
