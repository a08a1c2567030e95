import { readdirSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Background } from './background.ts'

/** Takes folders out of the way at once and deletes them when nothing else is to be done. */
export class Trash {
  readonly #folder: string
  readonly #background: Background
  #serial = 0

  constructor(folder: string, background: Background) {
    this.#folder = folder
    this.#background = background
  }

  /** What an earlier process has not finished. */
  sweep(): void {
    for (const name of readdirSync(this.#folder)) this.#delete(join(this.#folder, name))
  }

  /** A missing folder is not an error. */
  async throw(path: string): Promise<void> {
    this.#serial += 1
    const target = join(this.#folder, `${Date.now()}-${process.pid}-${this.#serial}`)
    try {
      renameSync(path, target)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    this.#delete(target)
  }

  #delete(path: string): void {
    this.#background.run(`deleting ${path}`, () => rm(path, { recursive: true, force: true }))
  }
}
