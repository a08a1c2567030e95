import type { ChainId, Image } from '../../oci/index.ts'
import type { Core } from '../core/core.ts'
import type { ImageHistoryItem } from '../shapes/index.ts'
import { resolveImage } from './resolve-image.ts'

/** `docker history`: newest first. Steps that are images here have their ids. */
export function imageHistory(core: Core, ref: string): ImageHistoryItem[] {
  const image = resolveImage(core, ref)
  const sizes = layerSizes(core, image.chainId)
  let layer = 0
  const items: ImageHistoryItem[] = (image.config.history ?? []).map((entry) => {
    const size = entry.empty_layer ? 0 : (sizes[layer] ?? 0)
    if (!entry.empty_layer) layer += 1
    return {
      Id: '<missing>',
      Created: entry.created ? Math.floor(Date.parse(entry.created) / 1000) : 0,
      CreatedBy: entry.created_by ?? '',
      Tags: null,
      Size: size,
      Comment: entry.comment ?? '',
    }
  })
  items.reverse()
  // an image stands at the step that was its last; between it and its parent may lie steps that are no images
  for (
    let step: Image | undefined = image;
    step;
    step = step.parent === undefined ? undefined : core.content.images.get(step.parent)
  ) {
    const item = items[items.length - (step.config.history ?? []).length]
    if (!item) break
    item.Id = step.id
    item.Tags = step.tags.length > 0 ? [...step.tags] : null
  }
  return items
}

/** Lowest first. */
function layerSizes(core: Core, chainId: ChainId | undefined): number[] {
  if (chainId === undefined) return []
  return core.content.layers
    .chain(chainId)
    .map((layer) => layer.size)
    .reverse()
}
