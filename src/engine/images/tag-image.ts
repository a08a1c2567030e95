import { familiarString, parseNormalizedName, withTag, withTagDefault } from '../../oci/index.ts'
import type { Core } from '../core/core.ts'
import { invalid } from '../engine-error.ts'
import { imageEvent } from './image-event.ts'
import { imageError, resolveImage } from './resolve-image.ts'

/** `name`, with a tag beside it or in it. @throws Docker's sentences */
export function tagReference(repo: string, tag = '') {
  try {
    const name = parseNormalizedName(repo)
    if (name.digest) throw invalid('refusing to create a tag with a digest reference')
    return tag ? withTag(name, tag) : withTagDefault(name)
  } catch (error) {
    throw imageError(error)
  }
}

/** `docker tag`. */
export async function tagImage(core: Core, ref: string, repo: string, tag?: string): Promise<void> {
  const image = resolveImage(core, ref)
  const name = tagReference(repo, tag)
  imageEvent(core, await core.content.images.tag(image.id, name), 'tag', familiarString(name))
}
