import { spawn } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { Check, Step } from '../lesson/format.ts'

export interface StepContext {
  folder: string
  /** DOCKER_HOST and so on. */
  env: NodeJS.ProcessEnv
  /** The lesson's own folder, for `copy` from its `solution/`. */
  lessonFolder: string
  holds(check: Check): Promise<boolean>
  answer(id: string, value: string | number): void
  onOutput?(text: string): void
  signal?: AbortSignal
}

export interface StepResult {
  exitCode: number
  output: string
}

const pollMs = 100

function inside(folder: string, path: string): string {
  const target = resolve(folder, path)
  if (relative(folder, target).startsWith('..'))
    throw new Error(`Cannot write ${path}: it is outside the lesson's folder`)
  return target
}

async function runShell(command: string, context: StepContext): Promise<StepResult> {
  const child = spawn('/bin/bash', ['-c', command], {
    cwd: context.folder,
    env: context.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(context.signal ? { signal: context.signal } : {}),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
      context.onOutput?.(text)
    })
  }
  const exitCode = await new Promise<number>((done, reject) => {
    child.once('error', reject)
    child.once('close', (code) => done(code ?? 128))
  })
  return { exitCode, output }
}

/** One step of `prepare`, `solve` or `wrong`. A command's exit code is a result: a wrong step may fail on purpose. */
export async function runStep(step: Step, context: StepContext): Promise<StepResult> {
  if (typeof step === 'string') return await runShell(step, context)
  if ('write' in step) {
    const target = inside(context.folder, step.write)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, step.text)
    return { exitCode: 0, output: '' }
  }
  if ('copy' in step) {
    await cp(join(context.lessonFolder, step.copy), inside(context.folder, step.to), { recursive: true })
    return { exitCode: 0, output: '' }
  }
  if ('answer' in step) {
    if ('value' in step) {
      context.answer(step.answer, step.value)
      return { exitCode: 0, output: '' }
    }
    const result = await runShell(step.sh, context)
    context.answer(step.answer, result.output.trim())
    return result
  }
  const deadline = performance.now() + (step.seconds ?? 20) * 1000
  while (!(await context.holds(step.until))) {
    if (performance.now() > deadline) return { exitCode: 1, output: `not reached: ${JSON.stringify(step.until)}` }
    await new Promise((done) => setTimeout(done, pollMs))
  }
  return { exitCode: 0, output: '' }
}
