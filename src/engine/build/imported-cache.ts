import { type ChainId, type Content, chainIdOf, type Image, type Lease } from '../../oci/index.ts'
import type { LayerRecord } from './cache-store.ts'
import type { StepImage } from './step-image.ts'

export interface ImportedStep {
  readonly created: string
  readonly chainId: ChainId | undefined
  readonly layer?: NonNullable<LayerRecord['layer']>
}

/** Images that `cache-from` names: a step that one of them has in its history, on the same steps below, is not done again. */
export class ImportedCache {
  readonly #images: readonly Image[]
  readonly #content: Content
  readonly #lease: Lease

  constructor(images: readonly Image[], content: Content, lease: Lease) {
    this.#images = images
    this.#content = content
    this.#lease = lease
  }

  async find(parent: StepImage, createdBy: string): Promise<ImportedStep | undefined> {
    for (const image of this.#images) {
      const history = image.config.history ?? []
      const next = history[parent.history.length]
      if (next?.created_by !== createdBy) continue
      if (!parent.history.every((entry, index) => history[index]?.created_by === entry.created_by)) continue
      if (!parent.diffIds.every((diffId, index) => image.diffIds[index] === diffId)) continue
      const created = next.created ?? image.config.created ?? ''
      if (next.empty_layer) return { created, chainId: parent.chainId }
      const diffId = image.diffIds[parent.diffIds.length]
      const descriptor = image.layers[parent.diffIds.length]
      if (diffId === undefined || !descriptor) continue
      const chainId = chainIdOf(parent.chainId, diffId)
      this.#lease.layer(chainId)
      this.#lease.blob(descriptor.digest)
      const layer = await this.#content.layers.unpack(descriptor, {
        diffId,
        lease: this.#lease,
        ...(parent.chainId === undefined ? {} : { parent: parent.chainId }),
      })
      return { created, chainId, layer: { diffId, descriptor, bytes: layer.size } }
    }
    return undefined
  }
}
