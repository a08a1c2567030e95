import { mkdirSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Linux } from '../../linux/index.ts'
import type { ChainId, Content, Lease, PackedLayer } from '../../oci/index.ts'
import { newId } from '../core/identifier.ts'

export interface WorkingRootOptions {
  readonly content: Content
  readonly linux: Linux
  /** Where mounts are put; its sub-folders are what `recover` takes away. */
  readonly folder: string
  readonly chain: ChainId | undefined
  /** Laid over the image's layers, below what the step writes. */
  readonly over?: string
  readonly removals: Removals
}

/** What is being removed while others work. */
export class Removals {
  readonly #running = new Set<Promise<void>>()
  readonly #onFault: (error: unknown) => void

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault
  }

  add(removal: Promise<void>): void {
    const tracked = removal.catch(this.#onFault).finally(() => this.#running.delete(tracked))
    this.#running.add(tracked)
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running)
  }
}

/** An image's root, mounted: what is written to it becomes a layer, or is thrown away. */
export class WorkingRoot implements AsyncDisposable {
  readonly id: string
  /** A folder of this step's own, apart from the root. */
  readonly folder: string
  readonly root: string
  readonly #options: WorkingRootOptions
  readonly #upper: string
  readonly #release: () => Promise<void>

  private constructor(
    id: string,
    folder: string,
    upper: string,
    options: WorkingRootOptions,
    release: () => Promise<void>,
  ) {
    this.id = id
    this.folder = folder
    this.root = join(folder, 'root')
    this.#upper = upper
    this.#options = options
    this.#release = release
  }

  static async open(options: WorkingRootOptions): Promise<WorkingRoot> {
    const id = newId()
    const folder = join(options.folder, id.slice(0, 24))
    const scratch = await options.content.layers.scratch()
    const upper = join(scratch.folder, 'upper')
    const work = join(scratch.folder, 'work')
    const release = async () => {
      await scratch[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    }
    try {
      // four small calls: going through the thread pool would cost more than they do
      mkdirSync(join(folder, 'root'), { recursive: true, mode: 0o700 })
      mkdirSync(upper, { mode: 0o755 })
      mkdirSync(work, { mode: 0o700 })
      const lowers = [...options.content.layers.lowerdirs(options.chain)]
      if (options.over !== undefined) lowers.unshift(options.over)
      if (lowers.length === 0) {
        mkdirSync(join(scratch.folder, 'empty'), { mode: 0o755 })
        lowers.push(join(scratch.folder, 'empty'))
      }
      options.linux.overlays.mount({ lowerDirs: lowers, upperDir: upper, workDir: work, target: join(folder, 'root') })
      return new WorkingRoot(id, folder, upper, options, release)
    } catch (error) {
      await release()
      throw error
    }
  }

  /** Where the step's changes lie. Not to be touched while the root is mounted. */
  get upper(): string {
    return this.#upper
  }

  unmount(): void {
    this.#options.linux.overlays.unmount(this.root)
  }

  /** Unmounts, and makes a layer of what changed; undefined where nothing did. */
  async pack(lease: Lease, signal: AbortSignal): Promise<PackedLayer | undefined> {
    this.unmount()
    if (readdirSync(this.#upper).length === 0) return undefined
    return await this.#options.content.layers.packUpper(this.#upper, {
      ...(this.#options.chain === undefined ? {} : { parent: this.#options.chain }),
      lease,
      signal,
    })
  }

  /** Unmounts; the files go while the build goes on. `settled` waits for that. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.unmount()
    this.#options.removals.add(this.#release())
  }
}
