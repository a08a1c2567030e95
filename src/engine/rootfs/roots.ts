import { mkdirSync, rmdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Overlays } from '../../linux/index.ts'
import type { ChainId, Content } from '../../oci/index.ts'
import type { Container } from '../containers/container.ts'
import type { Folders } from '../core/folders.ts'
import type { Trash } from '../core/trash.ts'

/** Containers' root file systems: a writable layer over an image's, mounted while somebody needs it. */
export class Roots {
  readonly #folders: Folders
  readonly #content: Content
  readonly #overlays: Overlays
  readonly #trash: Trash
  readonly #users = new Map<string, number>()
  /** Mounted by an earlier process. */
  readonly #found: Set<string>

  constructor(folders: Folders, content: Content, overlays: Overlays, trash: Trash) {
    this.#folders = folders
    this.#content = content
    this.#overlays = overlays
    this.#trash = trash
    this.#found = new Set(overlays.mounted(folders.roots).map((target) => basename(target)))
  }

  layer(id: string): { folder: string; upper: string; work: string } {
    const folder = join(this.#folders.layers, id)
    return { folder, upper: join(folder, 'upper'), work: join(folder, 'work') }
  }

  path(id: string): string {
    return join(this.#folders.roots, id)
  }

  /** Lower folders, the engine's mount points on top of the image's layers. */
  lowerdirs(container: Container): string[] {
    const { chainId } = container.record
    return [this.#folders.initLayer, ...this.#content.layers.lowerdirs((chainId ?? undefined) as ChainId | undefined)]
  }

  make(id: string): void {
    const { folder, upper, work } = this.layer(id)
    mkdirSync(folder, { mode: 0o710 })
    mkdirSync(upper, { mode: 0o755 })
    mkdirSync(work, { mode: 0o700 })
  }

  /** Mounts it for one more user. */
  hold(container: Container): { path: string } & Disposable {
    const target = this.path(container.id)
    const users = this.#users.get(container.id) ?? 0
    if (users === 0 && !this.#found.has(container.id)) {
      const { upper, work } = this.layer(container.id)
      mkdirSync(target, { recursive: true, mode: 0o711 })
      this.#overlays.mount({ lowerDirs: this.lowerdirs(container), upperDir: upper, workDir: work, target })
    }
    this.#users.set(container.id, users + 1)
    let held = true
    return {
      path: target,
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        this.release(container.id)
      },
    }
  }

  release(id: string): void {
    const users = (this.#users.get(id) ?? 1) - 1
    if (users > 0) {
      this.#users.set(id, users)
      return
    }
    this.#users.delete(id)
    this.unmount(id)
  }

  unmount(id: string): void {
    const target = this.path(id)
    this.#found.delete(id)
    this.#overlays.unmount(target)
    try {
      rmdirSync(target)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }

  async remove(id: string): Promise<void> {
    if (this.#users.delete(id) || this.#found.has(id)) this.unmount(id)
    await this.#trash.throw(this.layer(id).folder)
  }
}
