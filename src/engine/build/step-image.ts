import {
  type ChainId,
  type Descriptor,
  type DiffId,
  type Digest,
  digestOf,
  type HistoryEntry,
  hostPlatform,
  type Image,
  type ImageConfig,
  type ImageManifest,
  type ImageRunConfig,
  mediaTypes,
} from '../../oci/index.ts'

/** An image on its way: what a step of a build has come to. Nothing of it is stored before the build's end. */
export interface StepImage {
  readonly config: ImageRunConfig
  readonly author: string | undefined
  readonly created: string
  readonly history: readonly HistoryEntry[]
  readonly layers: readonly Descriptor[]
  readonly diffIds: readonly DiffId[]
  readonly chainId: ChainId | undefined
  /** The image that FROM named, at the bottom of all. */
  readonly base: Image | undefined
  /** The layer that this very step made. */
  readonly layer?: { readonly diffId: DiffId; readonly bytes: number }
  /** Digest of the configuration. */
  readonly id: Digest
  readonly encoded: string
}

type Draft = Omit<StepImage, 'id' | 'encoded'>

function encode(draft: Draft): string {
  const platform = draft.base?.platform ?? hostPlatform()
  const config: ImageConfig = {
    architecture: platform.architecture,
    ...(draft.author === undefined ? {} : { author: draft.author }),
    config: draft.config,
    created: draft.created,
    history: draft.history,
    os: platform.os,
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
    rootfs: { type: 'layers', diff_ids: draft.diffIds },
  }
  return JSON.stringify(config)
}

function finish(draft: Draft): StepImage {
  const encoded = encode(draft)
  return { ...draft, encoded, id: digestOf(encoded) }
}

/** `FROM image`: nothing has changed yet, so the id is the image's own. */
export function imageAsStep(image: Image, config: ImageRunConfig): StepImage {
  const draft: Draft = {
    config,
    author: image.config.author,
    created: image.config.created ?? '',
    history: image.config.history ?? [],
    layers: image.layers,
    diffIds: image.diffIds,
    chainId: image.chainId,
    base: image,
  }
  return { ...finish(draft), id: image.id }
}

export function scratchAsStep(config: ImageRunConfig): StepImage {
  return finish({
    config,
    author: undefined,
    created: '',
    history: [],
    layers: [],
    diffIds: [],
    chainId: undefined,
    base: undefined,
  })
}

export function nextImage(
  parent: StepImage,
  step: {
    readonly config: ImageRunConfig
    readonly author: string | undefined
    readonly createdBy: string
    readonly created: string
    readonly chainId: ChainId | undefined
    readonly layer?: { readonly diffId: DiffId; readonly descriptor: Descriptor; readonly bytes: number }
  },
): StepImage {
  const entry: HistoryEntry = {
    created: step.created,
    created_by: step.createdBy,
    ...(step.author === undefined ? {} : { author: step.author }),
    ...(step.layer ? {} : { empty_layer: true }),
  }
  return finish({
    config: step.config,
    author: step.author,
    created: step.created,
    history: [...parent.history, entry],
    layers: step.layer ? [...parent.layers, step.layer.descriptor] : parent.layers,
    diffIds: step.layer ? [...parent.diffIds, step.layer.diffId] : parent.diffIds,
    chainId: step.chainId,
    base: parent.base,
    ...(step.layer ? { layer: { diffId: step.layer.diffId, bytes: step.layer.bytes } } : {}),
  })
}

export function manifestOf(image: StepImage): ImageManifest {
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: {
      mediaType: mediaTypes.ociConfig,
      digest: image.id,
      size: Buffer.byteLength(image.encoded),
    },
    layers: image.layers,
  }
}
