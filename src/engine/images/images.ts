import type { Images } from '../contract.ts'
import type { Core } from '../core/core.ts'
import { imageHistory } from './image-history.ts'
import { importImage } from './import-image.ts'
import { inspectImage } from './inspect-image.ts'
import { listImages } from './list-images.ts'
import { loadImages } from './load-images.ts'
import { pruneImages } from './prune-images.ts'
import { removeImage } from './remove-image.ts'
import { saveImages } from './save-images.ts'
import { searchImages } from './search-images.ts'
import { tagImage } from './tag-image.ts'
import { distributionOf, pullImage, pushImage, transferFailure } from './transfer-images.ts'

/** The operations on images, one file each. */
export function imagesOf(core: Core): Images {
  return {
    list: async (options) => listImages(core, options),
    inspect: async (ref, options) => inspectImage(core, ref, options),
    history: async (ref) => imageHistory(core, ref),
    tag: (ref, repo, tag) => tagImage(core, ref, repo, tag),
    remove: (ref, options) => removeImage(core, ref, options),
    prune: (filters) => pruneImages(core, filters),
    pull: (request, emit, signal) => pullImage(core, request, emit, signal),
    push: (request, emit, signal) => pushImage(core, request, emit, signal),
    import: (request, emit, signal) => importImage(core, request, emit, signal),
    load: (tar, options, emit, signal) => loadImages(core, tar, options, emit, signal),
    save: (refs, options) => saveImages(core, refs, options),
    search: (request) => searchImages(request),
    distribution: (ref, credentials) => distributionOf(core, ref, credentials),
    login: async (credentials) => {
      try {
        return await core.transfer.checkLogin(credentials)
      } catch (error) {
        throw transferFailure(error)
      }
    },
  }
}
