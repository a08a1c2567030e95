import type { Engine, ImageSummary } from '../../engine/index.ts'
import { credentials } from '../decode/credentials.ts'
import { type Filters, readFilters } from '../decode/filters.ts'
import { readPlatform } from '../decode/platform.ts'
import { readRegistryAuth } from '../decode/registry-auth.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'
import { describeImage } from './image-inspect.ts'

/** Images: list, inspect, history, tag, remove, prune, search. */
export function imageRoutes(engine: Engine): Route[] {
  const { images } = engine
  const name = (call: Call) => call.param('name')
  return [
    route('GET', '/images/json', async (call) => {
      const { query } = call
      const manifests = !call.olderThan(47) && query.bool('manifests')
      if (!call.olderThan(54) && query.bool('identity') && !manifests) {
        throw badRequest('conflicting options: identity requires manifests=1')
      }
      const list = await images.list({
        all: query.bool('all'),
        filters: listFilters(call),
        sharedSize: !call.olderThan(42) && query.bool('shared-size'),
        containerCount: !call.olderThan(51),
        manifests,
      })
      call.json(
        200,
        list.map((each) => describeSummary(each, call)),
      )
    }),
    route('GET', '/images/search', async (call) => {
      const { query } = call
      const limit = query.int('limit') ?? 0
      if (limit < 0) throw badRequest('invalid limit specified')
      const auth = credentials(readRegistryAuth(call.header('x-registry-auth')))
      const found = await images.search({
        term: query.get('term'),
        filters: readFilters(query.get('filters')),
        ...(limit === 0 ? {} : { limit }),
        ...(auth === undefined ? {} : { credentials: auth }),
      })
      call.json(200, found)
    }),
    route('POST', '/images/prune', async (call) => {
      call.json(200, await images.prune(readFilters(call.query.get('filters'))))
    }),
    route('GET', '/images/{name}/history', async (call) => {
      const platform = call.olderThan(48) ? '' : call.query.get('platform')
      call.json(200, await images.history(name(call), platform === '' ? {} : { platform: readPlatform(platform) }))
    }),
    route('GET', '/images/{name}/json', async (call) => {
      const { query } = call
      const manifests = !call.olderThan(48) && query.bool('manifests')
      const platform = call.olderThan(49) ? '' : query.get('platform')
      if (manifests && platform !== '') {
        throw badRequest('conflicting options: manifests and platform options cannot both be set')
      }
      const image = await images.inspect(name(call), {
        manifests,
        ...(platform === '' ? {} : { platform: readPlatform(platform) }),
      })
      call.json(200, describeImage(image, call))
    }),
    route('GET', '/images/{name}/attestations', async (call) => {
      const platforms = call.query.all('platform')
      if (platforms.length > 1) throw badRequest('only one platform value is currently supported')
      const platform = platforms[0] ?? ''
      // Images here are made without attestations; the image itself must exist all the same.
      await images.inspect(name(call), platform === '' ? {} : { platform: readPlatform(platform) })
      call.json(200, [])
    }),
    route('POST', '/images/{name}/tag', async (call) => {
      const { query } = call
      const repo = query.get('repo')
      const tag = query.get('tag')
      if (repo === '') throw badRequest('invalid reference format')
      await images.tag(name(call), repo, tag === '' ? undefined : tag)
      call.empty(201)
    }),
    route('DELETE', '/images/{name}', async (call) => {
      const { query } = call
      if (name(call).trim() === '') throw badRequest('image name cannot be blank')
      const platforms = call.olderThan(50) ? [] : query.all('platforms').map(readPlatform)
      const removed = await images.remove(name(call), {
        force: query.bool('force'),
        noPrune: query.bool('noprune'),
        ...(platforms.length === 0 ? {} : { platforms }),
      })
      call.json(200, removed)
    }),
  ]
}

/** In 1.24 and before, a pattern for names had a parameter of its own. */
function listFilters(call: Call): Filters {
  const filters = readFilters(call.query.get('filters'))
  const pattern = call.query.get('filter')
  if (call.olderThan(25) && pattern !== '' && filters.reference === undefined) filters.reference = [pattern]
  return filters
}

function describeSummary({ Descriptor, ...image }: ImageSummary, call: Call): object {
  const nameless = image.RepoTags.length === 0 && image.RepoDigests.length === 0
  return {
    ...image,
    ...(nameless && call.olderThan(43) ? { RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] } : {}),
    ...(call.olderThan(44) ? { VirtualSize: image.Size } : {}),
    ...(call.olderThan(48) || Descriptor === undefined ? {} : { Descriptor }),
    ...(call.olderThan(51) ? { Containers: -1 } : {}),
  }
}
