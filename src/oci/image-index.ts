import { existsSync, readFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeIndex } from './decode.ts'
import { syncFolder, writeDurably } from './deferred-sync.ts'
import type { Descriptor } from './manifest.ts'
import { mediaTypes } from './media-types.ts'

export const annotations = {
  refName: 'org.opencontainers.image.ref.name',
  containerdName: 'io.containerd.image.name',
  /** marks our own entries: when the name came to point there */
  taggedAt: 'io.manufacture.image.tagged-at',
  parent: 'io.manufacture.image.parent',
} as const

/** The layout's index.json: read once, written whole, never half. */
export class ImageIndexFile {
  readonly #folder: string
  readonly #path: string
  #writing: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(layout: string) {
    this.#folder = layout
    this.#path = join(layout, 'index.json')
  }

  /** @throws OciError corrupt */
  read(): readonly Descriptor[] {
    return existsSync(this.#path) ? decodeIndex(readFileSync(this.#path)).manifests : []
  }

  /** Durable when it resolves. Several that wait for one write share the next. */
  write(current: () => readonly Descriptor[]): Promise<void> {
    if (!this.#writing) {
      this.#writing = this.#writeOnce(current()).finally(() => {
        this.#writing = undefined
      })
      return this.#writing
    }
    this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.write(current)
      })
    return this.#next
  }

  async #writeOnce(manifests: readonly Descriptor[]): Promise<void> {
    const text = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests })
    await writeDurably(`${this.#path}.new`, text, this.#folder)
    await rename(`${this.#path}.new`, this.#path)
    await syncFolder(this.#folder)
  }
}
