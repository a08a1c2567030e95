import { DockerApiError, type DockerEndpoint } from '../docker/endpoint.ts'
import type { ImageFacts, ImageHistoryLine } from '../docker/shapes.ts'
import type { ImageCheck } from '../lesson/format.ts'
import type { CheckContext } from './context.ts'
import { met, unmet, type Verdict } from './observation.ts'
import { environmentOf, matches, matchesAll, within, withTag } from './pattern.ts'
import { readTextFromArchive } from './tar-text.ts'

function named(image: ImageFacts, name: string): boolean {
  const tags = (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>')
  if (name === 'none') return tags.length === 0
  return tags.some((tag) => matches(withTag(name), tag)) || image.Id === name
}

const isShellForm = (command: readonly string[] | null) =>
  command !== null && command.length === 3 && /\/(ba|a)?sh$/.test(command[0] ?? '') && command[1] === '-c'

/** The first field that is not as the check wants it. */
function differs(image: ImageFacts, check: ImageCheck): { field: string; found: string } | undefined {
  const { Cmd, Entrypoint, Env, WorkingDir, User, ExposedPorts, Labels } = image.Config
  const no = (field: string, found: unknown) => ({
    field,
    found: typeof found === 'string' ? found : JSON.stringify(found),
  })
  if (check.alsoNamed !== undefined && !named(image, check.alsoNamed)) return no('RepoTags', image.RepoTags)
  if (check.cmd && JSON.stringify(Cmd) !== JSON.stringify(check.cmd)) return no('Cmd', Cmd)
  if (check.entrypoint !== undefined && JSON.stringify(Entrypoint ?? null) !== JSON.stringify(check.entrypoint)) {
    return no('Entrypoint', Entrypoint)
  }
  if (check.cmdForm && isShellForm(Cmd) !== (check.cmdForm === 'shell')) return no('Cmd', Cmd)
  if (check.workdir && !matches(check.workdir, WorkingDir)) return no('WorkingDir', WorkingDir)
  if (check.env && !matchesAll(check.env, environmentOf(Env))) return no('Env', Env)
  if (check.exposes && !Object.keys(ExposedPorts ?? {}).includes(check.exposes))
    return no('ExposedPorts', ExposedPorts ?? {})
  if (check.user && !matches(check.user, User)) return no('User', User)
  if (check.layers && !within(check.layers, image.RootFS.Layers?.length ?? 0)) {
    return no('Layers', String(image.RootFS.Layers?.length ?? 0))
  }
  if (check.sizeMb && !within(check.sizeMb, image.Size / 1e6)) return no('Size', `${(image.Size / 1e6).toFixed(1)} MB`)
  if (check.labels && !matchesAll(check.labels, Labels ?? {})) return no('Labels', Labels)
  if (check.digest && !(image.RepoDigests ?? []).some((digest) => matches(check.digest ?? '', digest))) {
    return no('RepoDigests', image.RepoDigests)
  }
  return undefined
}

/** Empty where the image has gone meanwhile. */
async function readHistory(endpoint: DockerEndpoint, image: string): Promise<ImageHistoryLine[]> {
  try {
    return await endpoint.call<ImageHistoryLine[]>('GET', `/images/${image}/history`)
  } catch (error) {
    if (error instanceof DockerApiError && error.status === 404) return []
    throw error
  }
}

/** A file of an image, read from a container that is made of it, never started, and removed. */
async function readFromImage(endpoint: DockerEndpoint, image: string, path: string): Promise<string | undefined> {
  const { Id } = await endpoint.call<{ Id: string }>('POST', '/containers/create', {
    Image: image,
    Cmd: ['true'],
    Labels: { 'manufacture.workshop': 'probe' },
  })
  try {
    const tar = await endpoint.bytes('GET', `/containers/${Id}/archive?path=${encodeURIComponent(path)}`)
    return readTextFromArchive(tar)
  } catch (error) {
    if (error instanceof DockerApiError && error.status === 404) return undefined
    throw error
  } finally {
    await endpoint.call('DELETE', `/containers/${Id}?force=1`)
  }
}

// An image never changes: what was once read in it stays true.
const pathsRead = new Map<string, string | null>()

async function pathHolds(
  context: CheckContext,
  image: ImageFacts,
  wanted: NonNullable<ImageCheck['path']>,
): Promise<boolean> {
  const key = `${image.Id} ${wanted.at}`
  let text = pathsRead.get(key)
  if (text === undefined) {
    text = (await readFromImage(context.endpoint, image.Id, wanted.at)) ?? null
    pathsRead.set(key, text)
  }
  if (text === null) return wanted.exists === false
  if (wanted.exists === false) return false
  return wanted.contains === undefined || matches(wanted.contains, text)
}

export async function evaluateImage(check: ImageCheck, context: CheckContext): Promise<Verdict> {
  const name = check.name ?? '/./'
  const images = [...context.world.images.values()].filter((image) => check.name === undefined || named(image, name))
  if (check.count) {
    const found = images.filter((image) => !differs(image, check)).length
    return within(check.count, found) ? met : unmet({ what: 'count', of: check.name ?? 'image', found })
  }
  let sees = unmet({ what: 'no-image', name: check.name ?? '' })
  for (const image of images) {
    const difference = differs(image, check)
    const shown = image.RepoTags?.[0] ?? image.Id.slice(7, 19)
    if (difference) {
      sees = unmet({ what: 'image-differs', name: shown, ...difference })
      continue
    }
    if (check.differsFrom !== undefined) {
      const other = [...context.world.images.values()].find((candidate) => named(candidate, check.differsFrom ?? ''))
      if (!other || other.Id === image.Id) {
        sees = unmet({ what: 'image-differs', name: shown, field: 'Id', found: image.Id.slice(7, 19) })
        continue
      }
    }
    if (check.history !== undefined) {
      const lines = await readHistory(context.endpoint, image.Id)
      if (!lines.some((line) => matches(check.history ?? '', line.CreatedBy))) {
        sees = unmet({ what: 'image-differs', name: shown, field: 'history', found: lines[0]?.CreatedBy ?? '' })
        continue
      }
    }
    if (check.path && !(await pathHolds(context, image, check.path))) {
      sees = unmet({ what: 'image-differs', name: shown, field: check.path.at, found: '' })
      continue
    }
    return met
  }
  return sees
}
