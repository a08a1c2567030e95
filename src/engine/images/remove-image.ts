import {
  chainIds,
  digestHex,
  familiarName,
  familiarString,
  type Image,
  parseNormalizedName,
  withTagDefault,
} from '../../oci/index.ts'
import type { Core } from '../core/core.ts'
import { conflict, EngineError, invalid } from '../engine-error.ts'
import type { ImageRemoval } from '../shapes/index.ts'
import { imageEvent } from './image-event.ts'
import { imageUsers } from './image-users.ts'
import { imageError, resolveImage } from './resolve-image.ts'

export interface RemoveImageOptions {
  force?: boolean
  noPrune?: boolean
  platforms?: string[]
}

const short = (id: string) => id.replace(/^sha256:/, '').slice(0, 12)

function isIdPrefix(image: Image, ref: string): boolean {
  return image.id.startsWith(ref) || digestHex(image.id).startsWith(ref)
}

const references = (image: Image) => [...image.tags, ...image.repoDigests]

/** One name; one name and the digest of the same repository counts as one, too. */
function isSingleReference(image: Image): boolean {
  const { tags, repoDigests } = image
  const all = references(image)
  if (all.length <= 1) return all.length === 1
  if (tags.length > 1) return false
  const repositories = new Set(repoDigests.map((text) => familiarName(parseNormalizedName(text))))
  const [first = ''] = tags.length > 0 ? tags : repoDigests
  return repositories.size === 1 && repositories.has(familiarName(parseNormalizedName(first)))
}

class DeleteConflict extends EngineError {
  readonly used: boolean

  constructor(image: Image, forcible: boolean, used: boolean, reason: string) {
    const words = forcible ? 'must be forced' : 'cannot be forced'
    super('conflict', `conflict: unable to delete ${short(image.id)} (${words}) - ${reason}`)
    this.used = used
  }
}

function hardConflict(core: Core, image: Image): DeleteConflict | undefined {
  if (core.content.images.children(image.id).length > 0) {
    return new DeleteConflict(image, false, false, 'image has dependent child images')
  }
  const running = imageUsers(core, image.id).find((container) => container.running)
  if (!running) return undefined
  return new DeleteConflict(image, false, true, `image is being used by running container ${short(running.id)}`)
}

function softConflict(core: Core, image: Image, withReferences: boolean): DeleteConflict | undefined {
  if (withReferences && references(image).length > 0) {
    return new DeleteConflict(image, true, false, 'image is referenced in multiple repositories')
  }
  const stopped = imageUsers(core, image.id).find((container) => !container.running)
  if (!stopped) return undefined
  return new DeleteConflict(image, true, true, `image is being used by stopped container ${short(stopped.id)}`)
}

const refreshed = (core: Core, image: Image) =>
  core.content.images.get(image.id) ?? { ...image, tags: [], repoDigests: [] }

async function untagAll(core: Core, image: Image, report: ImageRemoval[], names: readonly string[]): Promise<void> {
  for (const name of names) {
    await core.content.images.untag(parseNormalizedName(name))
    imageEvent(core, image, 'untag')
    report.push({ Untagged: name })
  }
}

/** `docker rmi`: what went, name by name and layer by layer. */
export async function removeImage(core: Core, ref: string, options: RemoveImageOptions = {}): Promise<ImageRemoval[]> {
  if ((options.platforms?.length ?? 0) > 1) throw invalid('multiple platforms are not supported')
  const image = resolveImage(core, ref)
  const report: ImageRemoval[] = []
  let byName = false
  if (!isIdPrefix(image, ref)) {
    byName = true
    const rest = await removeName(core, image, ref, options, report)
    if (rest > 0) return report
  } else if (isSingleReference(image)) {
    const found = hardConflict(core, image) ?? (options.force ? undefined : softConflict(core, image, false))
    if (found) throw found
    await untagAll(core, image, report, references(image))
  }
  await removeUnnamed(core, image, options, report, byName)
  core.background.run('collecting garbage', () => core.content.collectGarbage())
  return report
}

/** How many names are left. */
async function removeName(
  core: Core,
  image: Image,
  ref: string,
  options: RemoveImageOptions,
  report: ImageRemoval[],
): Promise<number> {
  if (!options.force && isSingleReference(image)) {
    const [user] = imageUsers(core, image.id)
    if (user) {
      throw conflict(
        `conflict: unable to remove repository reference ${JSON.stringify(ref)} (must force) - container ${short(user.id)} is using its referenced image ${short(image.id)}`,
      )
    }
  }
  let name: ReturnType<typeof parseNormalizedName>
  try {
    const parsed = parseNormalizedName(ref)
    name = parsed.digest ? parsed : withTagDefault(parsed)
    await core.content.images.untag(name)
  } catch (error) {
    throw imageError(error)
  }
  imageEvent(core, image, 'untag')
  report.push({ Untagged: familiarString(name) })
  const left = refreshed(core, image)
  const repository = familiarName(name)
  const sameRepository = (text: string) => familiarName(parseNormalizedName(text)) === repository
  if (!name.digest && !left.tags.some(sameRepository)) {
    for (const text of left.repoDigests.filter(sameRepository)) {
      await core.content.images.untag(parseNormalizedName(text))
      report.push({ Untagged: text })
    }
  }
  return references(refreshed(core, image)).length
}

/** `quiet`: an image that is still of use to somebody stays without a word, where only its name was to go. */
async function removeUnnamed(
  core: Core,
  image: Image,
  options: RemoveImageOptions,
  report: ImageRemoval[],
  quiet: boolean,
): Promise<void> {
  const now = refreshed(core, image)
  const found = hardConflict(core, now) ?? (options.force ? undefined : softConflict(core, now, true))
  if (found) {
    if (quiet && (references(now).length > 0 || found.used || core.content.images.children(image.id).length > 0)) return
    throw found
  }
  await untagAll(core, image, report, references(now))
  const before = layersInUse(core)
  await core.content.images.remove(image.id)
  imageEvent(core, image, 'delete')
  report.push({ Deleted: image.id })
  const after = layersInUse(core)
  for (const chainId of chainIds(image.diffIds).toReversed()) {
    if (before.has(chainId) && !after.has(chainId)) report.push({ Deleted: chainId })
  }
  const parent = image.parent === undefined ? undefined : core.content.images.get(image.parent)
  if (options.noPrune || !parent || references(parent).length > 0) return
  await removeUnnamed(core, parent, { ...options, force: false }, report, true)
}

function layersInUse(core: Core): Set<string> {
  return new Set(core.content.images.list().flatMap((image) => chainIds(image.diffIds)))
}
