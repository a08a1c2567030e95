import { chainIds, familiarString, type Image, parseNormalizedName } from '../../oci/index.ts'
import type { Core } from '../core/core.ts'
import { checkFilterNames, filterBoolean, filterUntil, matchesLabelFilters } from '../core/filters.ts'
import { invalid } from '../engine-error.ts'
import type { Filters, ImageSummary } from '../shapes/index.ts'
import { imageSize } from './image-size.ts'
import { imageUsers } from './image-users.ts'
import { manifestSummary } from './inspect-image.ts'
import { imageError, resolveImage } from './resolve-image.ts'

export interface ListImagesOptions {
  all?: boolean
  filters?: Filters
  sharedSize?: boolean
  manifests?: boolean
  digests?: boolean
  /** Count the containers of each; -1 otherwise. */
  containerCount?: boolean
}

export const createdMs = (image: Image) => Date.parse(image.config.created ?? '') || 0

/** Go's path.Match over familiar names: `python`, `python:3*`, `localhost:5000/*`. */
function referenceMatcher(pattern: string): (name: string) => boolean {
  if (/\[[^\]]*$/.test(pattern)) throw invalid(`invalid reference filter "${pattern}": syntax error in pattern`)
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  const expression = new RegExp(`^${source}$`)
  return (name) => {
    const plain = name.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
    return expression.test(name) || expression.test(plain)
  }
}

function imageFilter(core: Core, filters: Filters, all: boolean): (image: Image) => boolean {
  checkFilterNames(filters, ['dangling', 'label', 'label!', 'before', 'since', 'reference', 'until'])
  const dangling = filters.dangling?.length ? filterBoolean(filters, 'dangling', false) : undefined
  const edge = (name: string) => filters[name]?.map((ref) => createdMs(resolveImage(core, ref)))
  const before = edge('before')
  const since = edge('since')
  const until = filterUntil(filters, core.clock.now())
  return (image) => {
    const created = createdMs(image)
    if (before?.length && !before.every((at) => created < at)) return false
    if (since?.length && !since.every((at) => created > at)) return false
    if (until && created > until.getTime()) return false
    if (!matchesLabelFilters(filters, image.config.config?.Labels)) return false
    const nameless = image.tags.length === 0
    // A step's image is not dangling: another is built on it.
    const inner = nameless && core.content.images.children(image.id).length > 0
    if (dangling !== undefined && dangling !== (nameless && !inner)) return false
    return all || dangling === true || !inner
  }
}

/** Bytes of the layers that another image has too. */
function sharedSizes(core: Core): Map<string, number> {
  const images = core.content.images.list()
  const holders = new Map<string, number>()
  for (const image of images) for (const id of chainIds(image.diffIds)) holders.set(id, (holders.get(id) ?? 0) + 1)
  return new Map(
    images.map((image) => [
      image.id,
      chainIds(image.diffIds).reduce(
        (sum, id) => sum + ((holders.get(id) ?? 0) > 1 ? core.content.layers.size(id) : 0),
        0,
      ),
    ]),
  )
}

/** `docker images`, newest first. */
export function listImages(core: Core, options: ListImagesOptions = {}): ImageSummary[] {
  const filters = options.filters ?? {}
  let matches: (image: Image) => boolean
  try {
    matches = imageFilter(core, filters, options.all ?? false)
  } catch (error) {
    throw imageError(error)
  }
  const patterns = filters.reference?.map(referenceMatcher)
  const shared = options.sharedSize ? sharedSizes(core) : undefined
  const list: ImageSummary[] = []
  for (const image of core.content.images.list().toSorted((a, b) => createdMs(b) - createdMs(a))) {
    if (!matches(image)) continue
    let RepoTags = [...image.tags]
    let RepoDigests = [...image.repoDigests]
    if (patterns?.length) {
      const wanted = (name: string) =>
        patterns.some((pattern) => pattern(name) || pattern(familiarString(parseNormalizedName(name))))
      RepoTags = RepoTags.filter(wanted)
      RepoDigests = RepoDigests.filter(wanted)
      if (RepoTags.length === 0 && RepoDigests.length === 0) continue
    }
    list.push({
      Id: image.id,
      ParentId: image.parent ?? '',
      RepoTags,
      RepoDigests,
      Created: Math.floor(createdMs(image) / 1000),
      Size: imageSize(core, image),
      SharedSize: shared?.get(image.id) ?? -1,
      Labels: image.config.config?.Labels ?? null,
      Containers: options.containerCount ? imageUsers(core, image.id).length : -1,
      ...(options.manifests && { Manifests: [manifestSummary(core, image)] }),
      Descriptor: { ...image.manifest, platform: image.platform },
    })
  }
  return list
}
