import type { CreateVolumeRequest, Engine } from '../../engine/index.ts'
import { readFilters } from '../decode/filters.ts'
import { readRequest } from '../decode/request-body.ts'
import { DockerError } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'

/** Volumes. */
export function volumeRoutes(engine: Engine): Route[] {
  const { volumes } = engine
  return [
    route('GET', '/volumes', async (call) => {
      call.json(200, await volumes.list(readFilters(call.query.get('filters'))))
    }),
    route('POST', '/volumes/create', async (call) => {
      const request = await readRequest<CreateVolumeRequest>(call, 'POST /volumes/create')
      call.json(201, await volumes.create(request))
    }),
    route('POST', '/volumes/prune', async (call) => {
      const filters = readFilters(call.query.get('filters'))
      // Since 1.42 named volumes stay, unless the filter "all" asks for them.
      const pruned = await volumes.prune(call.olderThan(42) ? { ...filters, all: ['true'] } : filters)
      call.json(200, { ...pruned, VolumesDeleted: pruned.VolumesDeleted.length === 0 ? null : pruned.VolumesDeleted })
    }),
    route('GET', '/volumes/{name}', async (call) => {
      call.json(200, await volumes.inspect(call.param('name')))
    }),
    route('PUT', '/volumes/{name}', () => {
      throw new DockerError(503, 'volume update only valid for cluster volumes, but swarm is unavailable')
    }),
    route('DELETE', '/volumes/{name}', async (call) => {
      await volumes.remove(call.param('name'), { force: call.query.bool('force') })
      call.empty(204)
    }),
  ]
}
