/**
 * conmon writes a container's exit code to <exitDir>/<id> by rename when all output is in the log. One watch on that
 * folder serves every container, and what was written while nobody watched is found when the folder is read again.
 */
import { EventEmitter } from 'node:events'
import { type FSWatcher, mkdirSync, readFileSync, rmSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'

export interface ExitFile {
  exitCode: number
  finishedAt: Date
}

export class Exits implements Disposable {
  readonly #folder: string
  readonly #watcher: FSWatcher
  readonly #events = new EventEmitter<{ exit: [id: string, exit: ExitFile] }>()
  readonly #expected = new Set<string>()

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#folder = folder
    this.#watcher = watch(folder, (_event, name) => {
      if (name !== null && this.#expected.has(name)) this.check(name)
    })
  }

  get folder(): string {
    return this.#folder
  }

  /** Calls back once for each expected container. */
  onExit(listener: (id: string, exit: ExitFile) => void): void {
    this.#events.on('exit', listener)
  }

  /** From now on the end of this container is told. */
  expect(id: string): void {
    this.#expected.add(id)
  }

  /** Tells the end of an expected container if it has been recorded. */
  check(id: string): void {
    const exit = this.read(id)
    if (exit !== null && this.#expected.delete(id)) this.#events.emit('exit', id, exit)
  }

  read(id: string): ExitFile | null {
    const path = join(this.#folder, id)
    try {
      return { exitCode: Number(readFileSync(path, 'utf8')), finishedAt: statSync(path).mtime }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw error
    }
  }

  forget(id: string): void {
    this.#expected.delete(id)
    rmSync(join(this.#folder, id), { force: true })
  }

  [Symbol.dispose](): void {
    this.#watcher.close()
    this.#events.removeAllListeners()
  }
}
