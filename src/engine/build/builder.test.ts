import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchArgv, releaseMounts } from '../../linux/index.ts'
import type { BuildRecord, LegacyBuildMessage } from './contract.ts'

interface Answer {
  readonly messages?: readonly LegacyBuildMessage[]
  readonly thrown?: string
  readonly status?: number
  readonly failed?: string
}

/** Builds on the real kernel, in a process inside a mount namespace of its own. */
const state = mkdtempSync(join(tmpdir(), 'build-test-'))
const runtime = `/run/build-test-${process.pid}`
let child: ChildProcess
let answers: AsyncIterator<string>

async function ask<T = Answer>(command: object): Promise<T> {
  if (child.exitCode !== null) throw new Error('The session is gone')
  child.stdin?.write(`${JSON.stringify(command)}\n`)
  const { value, done } = await answers.next()
  if (done) throw new Error('The session is gone')
  const answer = JSON.parse(value) as T & Answer
  if (answer.failed) throw new Error(answer.failed)
  return answer
}

beforeAll(async () => {
  mkdirSync(runtime, { recursive: true })
  const session = join(import.meta.dirname, 'fixtures/build-session.ts')
  const [program = '', ...args] = launchArgv(runtime, [process.execPath, '--no-warnings', session, state, runtime])
  child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error('Cannot listen to the session')
  answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await ask({ op: 'base' })
}, 60_000)

afterAll(async () => {
  await ask({ op: 'end' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.stdin?.end()
  await ended
  releaseMounts(runtime)
  rmSync(state, { recursive: true, force: true })
  rmSync(runtime, { recursive: true, force: true })
}, 60_000)

async function build(
  dockerfile: string,
  files: Record<string, unknown> = {},
  request: object = {},
  rest: object = {},
): Promise<{ text: string; error: LegacyBuildMessage | undefined; thrown: string | undefined; id: string }> {
  const answer = await ask({ op: 'build', files: { Dockerfile: dockerfile, ...files }, request, ...rest })
  const messages = answer.messages ?? []
  const text = messages
    .map(({ stream = '' }) => stream)
    .join('')
    .replaceAll('\u001b[91m', '')
    .replaceAll('\u001b[0m', '')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'ID')
  return {
    text,
    error: messages.find(({ error }) => error !== undefined),
    thrown: answer.thrown,
    id: messages.findLast(({ aux }) => aux)?.aux?.ID ?? '',
  }
}

const files = (image: string) => ask<Record<string, string>>({ op: 'files', image })
const history = () => ask<BuildRecord[]>({ op: 'history' })
const reasons = async () => (await history())[0]?.steps.map(({ reason }) => reason) ?? []

const sixSteps =
  'FROM base\nWORKDIR /api\nCOPY requirements.txt .\nRUN cat requirements.txt > installed\nCOPY . .\nCMD ["sh"]\n'
const sixFiles = { 'requirements.txt': 'fastapi\n', 'main.py': 'one\n' }

describe('the builder', { timeout: 60_000 }, () => {
  it('draws the stream of POST /build line by line, and the same with everything cached', async () => {
    const fresh = await build(sixSteps, sixFiles, { tags: ['super_api'] })
    expect(fresh.text).toBe(
      [
        'Step 1/6 : FROM base',
        ' ---> ID',
        'Step 2/6 : WORKDIR /api',
        ' ---> ID',
        'Step 3/6 : COPY requirements.txt .',
        ' ---> ID',
        'Step 4/6 : RUN cat requirements.txt > installed',
        ' ---> Running in ID',
        ' ---> Removed intermediate container ID',
        ' ---> ID',
        'Step 5/6 : COPY . .',
        ' ---> ID',
        'Step 6/6 : CMD ["sh"]',
        ' ---> ID',
        'Successfully built ID',
        'Successfully tagged super_api:latest',
        '',
      ].join('\n'),
    )
    const cached = await build(sixSteps, sixFiles, { tags: ['super_api'] })
    expect(cached.id).toBe(fresh.id)
    expect(cached.text.match(/ ---> Using cache/g)).toHaveLength(5)
    expect(cached.text).not.toContain('Running in')
    expect(await files('super_api')).toMatchObject({
      'api/installed': 'file 644 0:0 fastapi',
      'api/main.py': 'file 644 0:0 one',
    })
  })

  it('keeps the steps cached that a changed file does not reach, and says which file it was', async () => {
    const changed = await build(sixSteps, { ...sixFiles, 'main.py': 'two\n', 'new.py': '' }, { tags: ['super_api'] })
    expect(changed.text.match(/ ---> Using cache/g)).toHaveLength(3)
    expect((await reasons())[4]).toEqual({
      kind: 'files-changed',
      added: ['new.py'],
      changed: ['main.py'],
      removed: [],
    })
    const [record] = await history()
    expect(record).toMatchObject({ outcome: 'succeeded', tags: ['super_api:latest'], dockerfile: 'Dockerfile' })
    expect(record?.steps[4]).toMatchObject({ instruction: 'COPY . .', line: 5, outcome: 'ran' })
  })

  it('gives ARGs to the steps in their scope only', async () => {
    const text = 'FROM base\nRUN echo before > /b\nARG WHO=nobody\nENV WHO=$WHO\nRUN echo $WHO > /who\n'
    await build(text, {}, { tags: ['arg'] })
    const other = await build(text, {}, { tags: ['arg'], buildArgs: { WHO: 'me', UNUSED: 'x' } })
    expect(other.text.match(/ ---> Using cache/g)).toHaveLength(2)
    expect(other.text).toContain('[Warning] One or more build-args [UNUSED] were not consumed\n')
    expect((await reasons())[3]).toMatchObject({ kind: 'argument-changed', name: 'WHO', after: 'me' })
    expect(await files('arg')).toMatchObject({ who: 'file 644 0:0 me' })
  })

  it('runs stages side by side, and not those that nobody needs', async () => {
    const began = performance.now()
    const { error, text } = await build(
      'FROM base AS a\nRUN sleep 3; echo a > /a\nFROM base AS b\nRUN sleep 3; echo b > /b\nFROM base\nRUN exit 1\nFROM base AS end\nCOPY --from=a /a /\nCOPY --from=1 /b /\n',
      {},
      { tags: ['stages'] },
    )
    expect(error).toBeUndefined()
    expect(text).not.toContain('RUN exit 1')
    expect(performance.now() - began).toBeLessThan(5900)
    expect(await files('stages')).toMatchObject({ a: 'file 644 0:0 a', b: 'file 644 0:0 b' })
  })

  it('stops at a command that fails, with its code, and runs triggers of the base image', async () => {
    const failed = await build('FROM base\nRUN exit 3\nRUN echo never\n')
    expect(failed.error).toEqual({
      errorDetail: { code: 3, message: "The command '/bin/sh -c exit 3' returned a non-zero code: 3" },
      error: "The command '/bin/sh -c exit 3' returned a non-zero code: 3",
    })
    await build('FROM base\nONBUILD COPY foo /foo\n', {}, { tags: ['trigger'] })
    const triggered = await build('FROM trigger\nRUN cat /foo\n', { foo: 'bar\n' })
    expect(triggered.text).toContain('# Executing 1 build trigger\n ---> ID\nStep 2/2 : RUN cat /foo\n')
    expect(triggered.text).toContain('\nbar\n')
  })

  it.each([
    ['FORM base', {}, 'dockerfile parse error on line 1: unknown instruction: FORM (did you mean FROM?)'],
    ['', {}, 'the Dockerfile (Dockerfile) cannot be empty'],
    ['FROM base', { target: 'x' }, 'target stage "x" could not be found'],
    ['FROM base', { dockerfile: 'Other' }, 'Cannot locate specified Dockerfile: Other'],
    ['FROM base', { squash: true }, 'squash is only supported with experimental mode'],
    ['FROM base', { tags: ['UPPER'] }, 'repository name (library/UPPER) must be lowercase'],
  ])('refuses %j before the first line', async (dockerfile, request, message) => {
    expect((await build(dockerfile, {}, request)).thrown).toContain(message)
  })

  it.each([
    [
      'COPY x /x',
      'COPY failed: file not found in build context or excluded by .dockerignore: stat x: file does not exist',
    ],
    ['COPY *.none /x/', 'COPY failed: no source files were specified'],
    [
      'COPY a b /x',
      'When using COPY with more than one source file, the destination must be a directory and end with a /',
    ],
    ['COPY http://a/b /x', "COPY failed: source can't be a URL for COPY"],
    [
      'COPY --chown=nobody2 a /x',
      "unable to convert uid/gid chown string to host mapping: can't find uid for user nobody2: no such user: nobody2",
    ],
    ['RUN --mount=type=ssh true', 'the --mount=type=ssh option requires BuildKit'],
    ['RUN /absent', 'returned a non-zero code: 127'],
  ])('%s ends the stream with Docker’s sentence', async (line, message) => {
    expect((await build(`FROM base\n${line}\n`, { a: '1', b: '2' })).error?.error).toContain(message)
  })

  it('says which image could not be pulled, under its step', async () => {
    const { text, error } = await build('FROM no/such\nRUN true\n')
    expect(text).toBe('Step 1/2 : FROM no/such\n')
    expect(error?.error).toContain('pull access denied for no/such')
  })

  it('copies with owners, modes, exclusions, parents, wildcards and links', async () => {
    const { error } = await build(
      [
        'FROM base',
        'COPY --chown=web:staff --chmod=u=rwx,g=rX,o= d /d',
        'COPY --chown=5 f /dir/sub/',
        'COPY --exclude=*.log d /e',
        'COPY --parents d/in/./z.txt d/y.log /p/',
        'COPY *.txt /w/',
        'COPY --link --chmod=600 f /linked/f',
        'COPY link /followed',
        'COPY <<EOF /inline',
        'path $PATH',
        'EOF',
      ].join('\n'),
      {
        'd/a.txt': 'a',
        'd/y.log': 'y',
        'd/in/z.txt': 'z',
        f: 'f',
        '1.txt': '1',
        link: { link: 'f' },
        ignored: 'x',
        '.dockerignore': 'ignored',
      },
      { tags: ['copies'] },
    )
    expect(error).toBeUndefined()
    expect(await files('copies')).toMatchObject({
      d: 'directory 750 33:50',
      'd/in/z.txt': 'file 750 33:50 z',
      'dir/sub/f': 'file 644 5:5 f',
      'e/a.txt': 'file 644 0:0 a',
      'p/z.txt': 'file 644 0:0 z',
      'p/d/y.log': 'file 644 0:0 y',
      'w/1.txt': 'file 644 0:0 1',
      'linked/f': 'file 600 0:0 f',
      followed: 'file 644 0:0 f',
      inline: expect.stringContaining('path /usr/local/sbin'),
    })
    expect(Object.keys(await files('copies'))).not.toContain('e/y.log')
  })

  it('lets nothing out of the context, whatever its links say', async () => {
    const { error } = await build('FROM base\nCOPY evil /x\n', { evil: { link: '../../../../etc/shadow' } })
    expect(error?.error).toContain('stat evil: file does not exist')
  })

  it('mounts caches, binds, tmpfs and secrets, and leaves no trace of them in the layer', async () => {
    const { text, error } = await build(
      [
        'FROM base AS s',
        'RUN echo src > /f',
        'FROM base',
        'RUN --mount=type=cache,target=/c echo 1 >> /c/n; cat /c/n',
        'RUN --mount=type=cache,target=/c echo 2 >> /c/n; cat /c/n',
        'RUN --mount=type=bind,from=s,source=/f,target=/mnt/f --mount=target=/ctx --mount=type=tmpfs,target=/t cat /mnt/f /ctx/foo; touch /t/x',
        'RUN --mount=type=secret,id=tok cat /run/secrets/tok > /dev/null && echo read',
        'RUN --mount=type=secret,id=tok,env=TOK [ "$TOK" = S3CR3T ]',
      ].join('\n'),
      { foo: 'ctx\n' },
      { tags: ['mounts'] },
      { secrets: { tok: 'S3CR3T' } },
    )
    expect(error).toBeUndefined()
    expect(text).toContain('\n1\n2\n')
    expect(text).toContain('\nsrc\nctx\n')
    expect(text).toContain('\nread\n')
    const paths = Object.keys(await files('mounts'))
    for (const path of ['c', 'mnt', 't', 'ctx', 'run']) expect(paths).not.toContain(path)
  })

  it('ends the command when the client hangs up, and leaves no mount behind', async () => {
    const began = performance.now()
    await build('FROM base\nRUN sleep 30\n', {}, {}, { abortAfterMs: 400 })
    expect(performance.now() - began).toBeLessThan(10_000)
    expect((await history())[0]).toMatchObject({ outcome: 'cancelled' })
    expect(await ask({ op: 'mounts' })).toEqual({ mounted: [] })
  })

  it('prints the id alone with q, labels with --label, warnings of build checks at their step', async () => {
    expect((await build('FROM base\nENV a=b\n', {}, { quiet: true })).text).toMatch(/^sha256:[0-9a-f]{64}\n$/)
    const labelled = await build('FROM base\nMAINTAINER me\n', {}, { labels: { b: '2', a: '1' }, tags: ['labelled'] })
    expect(labelled.text).toContain('Step 3/4 : LABEL a=1\n')
    expect(labelled.text).toContain(
      'Step 2/4 : MAINTAINER me\n ---> [Warning] MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)\n',
    )
    expect(await ask({ op: 'inspect', image: 'labelled' })).toMatchObject({
      config: { author: 'me', config: { Labels: { a: '1', b: '2' } } },
    })
  })

  it('shows what the cache holds, and prunes it', async () => {
    const records = await ask<{ Type: string }[]>({ op: 'records' })
    expect(new Set(records.map(({ Type }) => Type))).toEqual(new Set(['regular', 'source.local', 'exec.cachemount']))
    const { deleted } = await ask<{ deleted: string[] }>({ op: 'prune' })
    expect(deleted).toHaveLength(records.length)
    expect(await ask({ op: 'records' })).toEqual([])
    const again = await build(sixSteps, sixFiles, { tags: ['super_api'] })
    expect(again.error).toBeUndefined()
  })
})
