import type { Linux } from '../../linux/index.ts'
import type { Content } from '../../oci/index.ts'
import type { CacheStore } from './cache-store.ts'
import { type CopySource, keepEverything, RootSource } from './copy-source.ts'
import type { StepImage } from './step-image.ts'
import { type Removals, WorkingRoot } from './working-root.ts'

export interface ImageSourcesOptions {
  readonly content: Content
  readonly linux: Linux
  readonly store: CacheStore
  readonly folder: string
  readonly removals: Removals
}

/** Roots of images that a build looks into. What has been found out about a chain of layers holds for ever. */
export class ImageSources implements AsyncDisposable {
  /** What this build has found out, to be written down at its end. */
  readonly digests = new Map<string, { value: string; chain: string }>()
  readonly #options: ImageSourcesOptions
  readonly #roots = new Map<string, Promise<WorkingRoot>>()

  constructor(options: ImageSourcesOptions) {
    this.#options = options
  }

  /** A root to work in; `over` lies between the image and what is written. */
  open(image: StepImage, over?: string): Promise<WorkingRoot> {
    const { content, linux, folder, removals } = this.#options
    return WorkingRoot.open({
      content,
      linux,
      folder,
      removals,
      chain: image.chainId,
      ...(over === undefined ? {} : { over }),
    })
  }

  /** The files of an image, mounted only where it has to be. */
  of(image: StepImage): CopySource {
    const chain = image.chainId ?? 'scratch'
    const { store } = this.#options
    const look = async () => new RootSource((await this.#root(chain, image)).root)
    const known = async <T>(question: string, find: (source: CopySource) => Promise<T>): Promise<T> => {
      const key = `${chain} ${question}`
      const text = this.digests.get(key)?.value ?? store.digest(key)
      if (text !== undefined) return (JSON.parse(text) as { value: T }).value
      const value = await find(await look())
      this.digests.set(key, { value: JSON.stringify({ value }), chain })
      return value
    }
    const stream = async function* (open: (source: CopySource) => AsyncIterable<Uint8Array>) {
      yield* open(await look())
    }
    return {
      item: (path) => known(`item ${path}`, (source) => source.item(path)),
      list: (folder) => known(`list ${folder}`, (source) => source.list(folder)),
      digest: async (item, keep) => {
        // what is left out is part of the question, and cannot be written down: it is asked anew
        if (keep !== keepEverything) return await (await look()).digest(item, keep)
        return await known(`digest ${item.path}`, (source) => source.digest(item, keep))
      },
      tar: (item, name, keep) => stream((source) => source.tar(item, name, keep)),
      content: (item) => stream((source) => source.content(item)),
    }
  }

  #root(chain: string, image: StepImage): Promise<WorkingRoot> {
    const opened = this.#roots.get(chain) ?? this.open(image)
    this.#roots.set(chain, opened)
    return opened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const root of await Promise.allSettled(this.#roots.values()))
      if (root.status === 'fulfilled') await root.value[Symbol.asyncDispose]()
    this.#roots.clear()
  }
}
