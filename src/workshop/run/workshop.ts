import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { dockerEndpoint } from '../docker/endpoint.ts'
import { type WatchedWorld, watchWorld } from '../docker/world.ts'
import type { Check, Step } from '../lesson/format.ts'
import { type Lesson, type Loaded, loadLessons } from '../lesson/load.ts'
import { openFolder, renewFolder } from './lesson-folder.ts'
import { openProgress, type ProgressStore } from './progress.ts'
import { runStep, type StepResult } from './run-step.ts'
import { Session, type TaskStatus } from './session.ts'
import { removeOwned, restoreSnapshot, type Snapshot, takeSnapshot } from './snapshot.ts'
import { chooseVariables, substitute, substituteIn } from './variables.ts'

export interface Log {
  debug(obj: object, msg?: string): void
  info(obj: object, msg?: string): void
  warn(obj: object, msg?: string): void
  error(obj: object, msg?: string): void
}

export interface WorkshopOptions {
  /** A DOCKER_HOST value: any Docker Engine API. */
  docker: string
  /** host:port of a registry that the learner may push to; `${REGISTRY}` in lessons. */
  registry?: string
  lessonsDir: string
  /** The learner's files: one folder a lesson. */
  workDir: string
  /** Progress and snapshots. */
  stateDir: string
  /** PATH and so on for commands and terminals. */
  env: NodeJS.ProcessEnv
  log: Log
}

export type WorkshopEvent =
  | { kind: 'tasks'; lesson: string; tasks: readonly TaskStatus[] }
  | { kind: 'opened'; lesson: string }
  | { kind: 'preparing'; lesson: string; text: string }

interface Open {
  session: Session
  folder: string
  variables: Record<string, string>
  /** As it was before each solved task; the first is the lesson's beginning. */
  snapshots: { engine: Snapshot; files: string; solved: string[] }[]
}

const copyAttempts = 5

/** A learner's editor or `sed -i` makes and removes files meanwhile: then the copy begins again. */
async function copyWhole(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await rm(to, { recursive: true, force: true })
    try {
      await cp(from, to, { recursive: true })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === copyAttempts) throw error
    }
  }
}

/** One learner's workshop on one engine: opens lessons, watches them, resets, undoes. */
export class Workshop implements AsyncDisposable {
  readonly options: WorkshopOptions
  readonly world: WatchedWorld
  readonly progress: ProgressStore
  readonly endpoint: ReturnType<typeof dockerEndpoint>
  loaded: Loaded
  #open: Open | undefined
  #listeners = new Set<(event: WorkshopEvent) => void>()
  /** Opening, resetting and undoing one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(options: WorkshopOptions, world: WatchedWorld, progress: ProgressStore, loaded: Loaded) {
    this.options = options
    this.world = world
    this.progress = progress
    this.loaded = loaded
    this.endpoint = dockerEndpoint(options.docker)
  }

  static async start(options: WorkshopOptions): Promise<Workshop> {
    await mkdir(options.workDir, { recursive: true })
    await mkdir(options.stateDir, { recursive: true })
    const [world, progress, loaded] = await Promise.all([
      watchWorld(dockerEndpoint(options.docker)),
      openProgress(join(options.stateDir, 'progress.json')),
      loadLessons(options.lessonsDir),
    ])
    for (const problem of loaded.problems) options.log.warn({ ...problem }, 'a lesson was left out')
    return new Workshop(options, world, progress, loaded)
  }

  onEvent(listener: (event: WorkshopEvent) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  get lessons(): readonly Lesson[] {
    return this.loaded.lessons
  }

  get session(): Session | undefined {
    return this.#open?.session
  }

  get folder(): string | undefined {
    return this.#open?.folder
  }

  get variables(): Readonly<Record<string, string>> {
    return this.#open?.variables ?? {}
  }

  get canUndo(): boolean {
    return (this.#open?.snapshots.length ?? 0) > 1
  }

  async reloadLessons(): Promise<void> {
    this.loaded = await loadLessons(this.options.lessonsDir)
  }

  lesson(id: string): Lesson {
    const lesson = this.lessons.find((one) => one.id === id)
    if (!lesson) throw new Error(`no such lesson: ${id}`)
    return lesson
  }

  /** Opens a lesson and prepares the workshop for it; the one that was open is put away. */
  async open(id: string, options: { fresh?: boolean } = {}): Promise<Session> {
    return await this.#inTurn(async () => {
      const lesson = this.lesson(id)
      await this.#close()
      const { workDir } = this.options
      if (options.fresh) await removeOwned(this.endpoint, lesson.owns)
      const folder = options.fresh ? await renewFolder(workDir, lesson) : await openFolder(workDir, lesson)
      const variables = {
        ...(await chooseVariables(lesson.vars)),
        ...(this.options.registry ? { REGISTRY: this.options.registry } : {}),
      }
      await this.#prepare(lesson, folder, variables)
      await this.world.settled()
      if (options.fresh) await this.progress.change((progress) => void delete progress.solved[id])
      const session = this.#watch(lesson, folder, variables)
      this.#open = { session, folder, variables, snapshots: [] }
      await this.#snapshot([])
      await this.progress.change((progress) => {
        progress.current = id
      })
      this.#tell({ kind: 'opened', lesson: id })
      return session
    })
  }

  /** Back to the beginning of the open lesson: engine and files. Progress of other lessons stays. */
  async reset(): Promise<Session> {
    const open = this.#open
    if (!open) throw new Error('no lesson is open')
    const { lesson } = open.session
    await this.#inTurn(async () => {
      const first = open.snapshots[0]
      if (first) await restoreSnapshot(this.endpoint, this.world, first.engine)
      await this.world.settled()
    })
    return await this.open(lesson.id, { fresh: true })
  }

  /** Back to before the last solved task. */
  async undo(): Promise<void> {
    await this.#inTurn(async () => {
      const open = this.#open
      if (!open || open.snapshots.length < 2) return
      open.snapshots.pop()
      const target = open.snapshots.at(-1)
      if (!target) return
      const { lesson } = open.session
      await open.session[Symbol.asyncDispose]()
      await restoreSnapshot(this.endpoint, this.world, target.engine)
      await this.#restoreFiles(target.files, open.folder)
      await this.world.settled()
      await this.progress.change((progress) => {
        const solved = progress.solved[lesson.id] ?? {}
        progress.solved[lesson.id] = Object.fromEntries(
          Object.entries(solved).filter(([task]) => target.solved.includes(task)),
        )
      })
      open.session = this.#watch(lesson, open.folder, open.variables)
      this.#tell({ kind: 'opened', lesson: lesson.id })
    })
  }

  /** Runs steps as the learner would, in the open lesson's folder. */
  async run(steps: readonly Step[], onOutput?: (text: string) => void): Promise<StepResult[]> {
    const open = this.#open
    if (!open) throw new Error('no lesson is open')
    const results: StepResult[] = []
    for (const step of steps) {
      const result = await runStep(substituteIn(step, open.variables), {
        folder: open.folder,
        env: this.#environment(open.variables),
        lessonFolder: open.session.lesson.folder,
        holds: (check: Check) => open.session.holds(check),
        answer: (id, value) => open.session.answer(id, value),
        ...(onOutput ? { onOutput } : {}),
      })
      if (typeof step === 'string') open.session.commandTyped(substitute(step, open.variables), result.exitCode)
      results.push(result)
    }
    return results
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn.catch(() => undefined)
    await this.#close()
    await this.world[Symbol.asyncDispose]()
  }

  #tell(event: WorkshopEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work)
    this.#turn = mine.catch(() => undefined)
    return await mine
  }

  #environment(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { ...this.options.env, ...variables, DOCKER_HOST: this.options.docker }
  }

  async #prepare(lesson: Lesson, folder: string, variables: Record<string, string>): Promise<void> {
    const pulls = (lesson.images ?? []).map(
      (image) => `docker image inspect ${image} >/dev/null 2>&1 || docker pull ${image}`,
    )
    for (const command of [...pulls, ...(lesson.prepare ?? [])]) {
      const result = await runStep(substitute(command, variables), {
        folder,
        env: this.#environment(variables),
        lessonFolder: lesson.folder,
        holds: () => Promise.resolve(true),
        answer: () => undefined,
        onOutput: (text) => this.#tell({ kind: 'preparing', lesson: lesson.id, text }),
      })
      if (result.exitCode !== 0) throw new Error(`Cannot prepare ${lesson.id}: ${command}: ${result.output.trim()}`)
    }
  }

  #watch(lesson: Lesson, folder: string, variables: Record<string, string>): Session {
    const solved = this.progress.value.solved[lesson.id]
    return new Session({
      lesson,
      world: this.world,
      endpoint: this.endpoint,
      folder,
      env: this.#environment(variables),
      variables,
      ...(solved ? { solved } : {}),
      onChange: (tasks) => {
        this.#tasksChanged(lesson, tasks).catch((error) =>
          this.options.log.error({ lesson: lesson.id, err: error }, 'progress was not kept'),
        )
      },
      onFault: (task, error) =>
        this.options.log.error({ lesson: lesson.id, task, err: error }, 'a check failed to run'),
    })
  }

  async #tasksChanged(lesson: Lesson, tasks: readonly TaskStatus[]): Promise<void> {
    this.#tell({ kind: 'tasks', lesson: lesson.id, tasks })
    const before = this.progress.value.solved[lesson.id] ?? {}
    const done = tasks.filter((task) => task.state === 'done')
    const fresh = done.filter((task) => before[task.id] === undefined)
    if (fresh.length === 0) return
    await this.progress.change((progress) => {
      progress.solved[lesson.id] = Object.fromEntries(done.map((task) => [task.id, task.solvedAt ?? Date.now()]))
    })
    await this.#inTurn(async () => {
      if (this.#open?.session.lesson === lesson) await this.#snapshot(done.map((task) => task.id))
    })
  }

  async #snapshot(solved: string[]): Promise<void> {
    const open = this.#open
    if (!open) return
    const files = join(this.options.stateDir, 'snapshots', String(open.snapshots.length))
    await copyWhole(open.folder, files)
    open.snapshots.push({ engine: takeSnapshot(this.world), files, solved })
  }

  async #restoreFiles(from: string, folder: string): Promise<void> {
    const kept = join(this.options.workDir, '.before-undo', String(Date.now()))
    await mkdir(join(kept, '..'), { recursive: true })
    await rename(folder, kept)
    await cp(from, folder, { recursive: true })
  }

  async #close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (open) await open.session[Symbol.asyncDispose]()
  }
}
