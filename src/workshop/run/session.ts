import { watch } from 'node:fs'
import type { CheckContext } from '../checks/context.ts'
import { evaluate, type Source, sourcesOf } from '../checks/evaluate.ts'
import type { Observation } from '../checks/observation.ts'
import type { DockerEndpoint } from '../docker/endpoint.ts'
import type { WatchedWorld } from '../docker/world.ts'
import type { Check, Task } from '../lesson/format.ts'
import type { Lesson } from '../lesson/load.ts'
import { substituteIn } from './variables.ts'

export interface TaskStatus {
  id: string
  /** watching: not yet; seen: a recognised wrong state; done. */
  state: 'watching' | 'seen' | 'done'
  /** Was done and is not any more (level tasks). */
  wasDone: boolean
  sees?: Observation
  /** Id of the hint for a recognised wrong state. */
  say?: string
  /** When it was solved, in milliseconds since 1970. */
  solvedAt?: number
}

export interface SessionOptions {
  lesson: Lesson
  world: WatchedWorld
  endpoint: DockerEndpoint
  folder: string
  env: NodeJS.ProcessEnv
  variables: Readonly<Record<string, string>>
  /** Tasks that were solved in an earlier sitting. */
  solved?: Readonly<Record<string, number>>
  sinceNano?: number
  onChange(tasks: readonly TaskStatus[]): void
  /** A check that itself fails is the author's mistake; the task stays open. */
  onFault(task: string, error: unknown): void
}

/** What no engine tells by an event is looked at this often, while a task waits for it. */
const clockMs = 200
const gatherFilesMs = 30

/** Watches one lesson's tasks. Looks only after a change of what a check depends on. */
export class Session implements AsyncDisposable {
  readonly lesson: Lesson
  readonly answers = new Map<string, string | number>()
  readonly typed: { command: string; exitCode: number }[] = []
  #options: SessionOptions
  #tasks: Map<string, Task>
  #status = new Map<string, TaskStatus>()
  #dirty = new Set<Source>(['docker', 'files', 'answers', 'terminal', 'clock'])
  #looking: Promise<void> | undefined
  #resources = new DisposableStack()
  #clock: NodeJS.Timeout | undefined
  #closed = false
  readonly sinceNano: number

  constructor(options: SessionOptions) {
    this.#options = options
    this.lesson = options.lesson
    this.sinceNano = options.sinceNano ?? Date.now() * 1e6
    this.#tasks = new Map(Object.entries(substituteIn(options.lesson.tasks, options.variables)))
    for (const id of this.#tasks.keys()) {
      const solvedAt = options.solved?.[id]
      this.#status.set(id, {
        id,
        state: solvedAt === undefined ? 'watching' : 'done',
        wasDone: false,
        ...(solvedAt === undefined ? {} : { solvedAt }),
      })
    }
    this.#resources.use(options.world.onChange((change) => change.kind === 'state' && this.#changed('docker')))
    this.#watchFiles()
    this.#look()
  }

  get tasks(): readonly TaskStatus[] {
    return [...this.#status.values()]
  }

  answer(id: string, value: string | number): void {
    this.answers.set(id, value)
    this.#changed('answers')
  }

  commandTyped(command: string, exitCode: number): void {
    this.typed.push({ command, exitCode })
    this.#changed('terminal')
  }

  /** Resolves when every change up to now has been looked at. */
  async settled(): Promise<void> {
    await this.#options.world.settled()
    this.#dirty.add('clock')
    this.#look()
    while (this.#looking) await this.#looking
  }

  async holds(check: Check): Promise<boolean> {
    return (await evaluate(substituteIn(check, this.#options.variables), this.#context())).met
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearTimeout(this.#clock)
    this.#resources.dispose()
    await this.#looking
  }

  #context(): CheckContext {
    const { world, endpoint, folder, env } = this.#options
    return { world, endpoint, folder, env, answers: this.answers, typed: this.typed, sinceNano: this.sinceNano }
  }

  #watchFiles(): void {
    let timer: NodeJS.Timeout | undefined
    const watcher = watch(this.#options.folder, { recursive: true }, () => {
      clearTimeout(timer)
      timer = setTimeout(() => this.#changed('files'), gatherFilesMs)
    })
    watcher.on('error', (error) => this.#options.onFault('', error))
    this.#resources.defer(() => {
      clearTimeout(timer)
      watcher.close()
    })
  }

  #changed(source: Source): void {
    this.#dirty.add(source)
    this.#look()
  }

  #look(): void {
    if (this.#looking || this.#closed) return
    this.#looking = this.#lookUntilClean().finally(() => {
      this.#looking = undefined
      if (this.#dirty.size > 0) this.#look()
      else this.#windClock()
    })
  }

  #isOpen(id: string, task: Task): boolean {
    return task.mode === 'level' || this.#status.get(id)?.state !== 'done'
  }

  #windClock(): void {
    clearTimeout(this.#clock)
    const waits = [...this.#tasks].some(([id, task]) => this.#isOpen(id, task) && this.#sources(task).has('clock'))
    if (waits && !this.#closed) this.#clock = setTimeout(() => this.#changed('clock'), clockMs)
  }

  #sources(task: Task): Set<Source> {
    const checks = [task.check, ...(task.seen ?? []).map((seen) => seen.when)]
    return new Set(checks.flatMap((check) => [...sourcesOf(check)]))
  }

  async #lookUntilClean(): Promise<void> {
    while (this.#dirty.size > 0 && !this.#closed) {
      const dirty = new Set(this.#dirty)
      this.#dirty.clear()
      let changed = false
      for (const [id, task] of this.#tasks) {
        if (!this.#isOpen(id, task) || ![...this.#sources(task)].some((source) => dirty.has(source))) continue
        try {
          if (await this.#lookAt(id, task)) changed = true
        } catch (error) {
          this.#options.onFault(id, error)
        }
      }
      if (changed && !this.#closed) this.#options.onChange(this.tasks)
    }
  }

  /** Whether the task's status is another one than before. */
  async #lookAt(id: string, task: Task): Promise<boolean> {
    const before = this.#status.get(id)
    const verdict = await evaluate(task.check, this.#context())
    const now: TaskStatus = verdict.met
      ? { id, state: 'done', wasDone: false, solvedAt: before?.solvedAt ?? Date.now() }
      : {
          id,
          state: 'watching',
          wasDone: before?.state === 'done' || before?.wasDone === true,
          ...(verdict.sees ? { sees: verdict.sees } : {}),
        }
    if (!verdict.met) {
      for (const seen of task.seen ?? []) {
        if (!(await evaluate(seen.when, this.#context())).met) continue
        now.state = 'seen'
        now.say = seen.say
        break
      }
    }
    this.#status.set(id, now)
    return JSON.stringify(now) !== JSON.stringify(before)
  }
}
