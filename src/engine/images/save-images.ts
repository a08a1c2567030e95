import type { Readable } from 'node:stream'
import { type Image, isDigest, type NamedReference, parseNormalizedName, withTagDefault } from '../../oci/index.ts'
import type { Core } from '../core/core.ts'
import { invalid } from '../engine-error.ts'
import { imageEvent } from './image-event.ts'
import { imageError, resolveImage } from './resolve-image.ts'

/** The names that a reference saves: itself with its tag, every tag of a repository, none for an id. */
function namesFor(image: Image, ref: string): NamedReference[] {
  const bare = ref.replace(/^sha256:/, '')
  if (isDigest(ref) || image.id.slice('sha256:'.length).startsWith(bare)) return []
  const name = parseNormalizedName(ref)
  return name.digest ? [] : [withTagDefault(name)]
}

/** `docker save`. */
export async function saveImages(
  core: Core,
  refs: readonly string[],
  options: { platforms?: string[] } = {},
): Promise<Readable> {
  if ((options.platforms?.length ?? 0) > 1) throw invalid('multiple platforms are not supported')
  const wanted = new Map<string, { image: Image; names: NamedReference[] }>()
  try {
    for (const ref of refs) {
      for (const [image, names] of imagesFor(core, ref)) {
        const entry = wanted.get(image.id) ?? { image, names: [] }
        entry.names.push(...names)
        wanted.set(image.id, entry)
      }
    }
    const tar = core.content.save([...wanted.values()])
    for (const { image } of wanted.values()) imageEvent(core, image, 'save')
    return tar
  } catch (error) {
    throw imageError(error)
  }
}

/** A repository without a tag means all its tags. */
function imagesFor(core: Core, ref: string): [Image, NamedReference[]][] {
  const found = core.content.images.find(ref)
  const prefix = `${ref}:`
  if (!ref.includes('@') && !/:[^/]*$/.test(ref)) {
    const tagged = core.content.images.list().flatMap((image): [Image, NamedReference[]][] => {
      const names = image.tags.filter((tag) => tag.startsWith(prefix) && !tag.slice(prefix.length).includes('/'))
      return names.length > 0 ? [[image, names.map((name) => parseNormalizedName(name))]] : []
    })
    if (tagged.length > 0) return tagged
  }
  const image = found ?? resolveImage(core, ref)
  return [[image, namesFor(image, ref)]]
}
