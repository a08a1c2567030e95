import { chainIds } from '../../oci/index.ts'
import type { Core } from '../core/core.ts'
import { checkFilterNames, filterBoolean, filterUntil, matchesLabelFilters } from '../core/filters.ts'
import { EngineError } from '../engine-error.ts'
import type { Filters, ImageRemoval } from '../shapes/index.ts'
import { imageUsers } from './image-users.ts'
import { createdMs } from './list-images.ts'
import { removeImage } from './remove-image.ts'

/** Images without a name and without use; with `dangling=false`, every image without use. */
export async function pruneImages(core: Core, filters: Filters = {}) {
  checkFilterNames(filters, ['dangling', 'label', 'label!', 'until'])
  const danglingOnly = filterBoolean(filters, 'dangling', true)
  const until = filterUntil(filters, core.clock.now())
  const ImagesDeleted: ImageRemoval[] = []
  const before = layerBytes(core)
  for (const { id } of core.content.images.list()) {
    // An image that was built on goes with the last that was built on it.
    const image = core.content.images.get(id)
    if (!image || core.content.images.children(id).length > 0 || imageUsers(core, id).length > 0) continue
    if (danglingOnly && image.tags.length > 0) continue
    if (until && createdMs(image) > until.getTime()) continue
    if (!matchesLabelFilters(filters, image.config.config?.Labels)) continue
    try {
      const names = [...image.tags, ...image.repoDigests]
      if (names.length > 1) {
        for (const name of image.tags) ImagesDeleted.push(...(await removeImage(core, name)))
        if (core.content.images.get(id)) ImagesDeleted.push(...(await removeImage(core, id, { force: true })))
      } else ImagesDeleted.push(...(await removeImage(core, id)))
    } catch (error) {
      if (error instanceof EngineError && (error.kind === 'conflict' || error.kind === 'notFound')) continue
      throw error
    }
  }
  const after = layerBytes(core)
  let SpaceReclaimed = 0
  for (const [chainId, size] of before) if (!after.has(chainId)) SpaceReclaimed += size
  core.events.emit('image', 'prune', '', { reclaimed: String(SpaceReclaimed) })
  return { ImagesDeleted: ImagesDeleted.length > 0 ? ImagesDeleted : null, SpaceReclaimed }
}

function layerBytes(core: Core): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const image of core.content.images.list()) {
    for (const id of chainIds(image.diffIds)) sizes.set(id, core.content.layers.size(id))
  }
  return sizes
}
