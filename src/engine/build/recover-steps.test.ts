import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { launchArgv, releaseMounts } from '../../linux/index.ts'

function session(state: string, runtime: string): { child: ChildProcess; ask: (command: object) => Promise<unknown> } {
  const program = join(import.meta.dirname, 'fixtures/build-session.ts')
  const [command = '', ...args] = launchArgv(runtime, [process.execPath, '--no-warnings', program, state, runtime])
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  if (!child.stdout) throw new Error('Cannot listen to the session')
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    child,
    ask: async (request) => {
      child.stdin?.write(`${JSON.stringify(request)}\n`)
      const { value, done } = await answers.next()
      return done ? undefined : JSON.parse(value)
    },
  }
}

it('a build whose process is killed leaves no command running, no mount and no file', { timeout: 90_000 }, async () => {
  const state = mkdtempSync(join(tmpdir(), 'build-kill-'))
  const runtime = `/run/build-kill-${process.pid}`
  mkdirSync(runtime, { recursive: true })
  const steps = join(state, 'build/steps')
  try {
    const killed = session(state, runtime)
    await killed.ask({ op: 'base' })
    const building = killed.ask({ op: 'build', files: { Dockerfile: 'FROM base\nRUN sleep 600\n' } })
    while (readdirSync(steps).length < 2) await sleep(20)
    await sleep(1000)
    killed.child.kill('SIGKILL')
    await building
    const next = session(state, runtime)
    expect(await next.ask({ op: 'mounts' })).toEqual({ mounted: [] })
    expect(readdirSync(steps)).toEqual([])
    const ended = new Promise((resolve) => next.child.once('exit', resolve))
    await next.ask({ op: 'end' })
    next.child.stdin?.end()
    await ended
  } finally {
    releaseMounts(runtime)
    rmSync(state, { recursive: true, force: true })
    rmSync(runtime, { recursive: true, force: true })
  }
})
