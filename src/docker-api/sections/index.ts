import type { DockerApiOptions } from '../contract.ts'
import type { Route } from '../http/router.ts'
import { archiveRoutes } from './archive.ts'
import { attachRoutes } from './attach.ts'
import { buildRoutes } from './build.ts'
import { containerRoutes } from './containers.ts'
import { diskUsageRoutes } from './disk-usage.ts'
import { distributionRoutes } from './distribution.ts'
import { eventRoutes } from './events.ts'
import { execRoutes } from './exec.ts'
import { imageTransferRoutes } from './image-transfer.ts'
import { imageRoutes } from './images.ts'
import { networkRoutes } from './networks.ts'
import { pluginRoutes } from './plugins.ts'
import { sessionRoutes } from './session.ts'
import { swarmRoutes } from './swarm.ts'
import { systemRoutes } from './system.ts'
import { volumeRoutes } from './volumes.ts'

/** The minor version of the API that brought an operation, where that is not the oldest one that is spoken. */
const broughtBy: Record<string, number> = {
  'POST /containers/prune': 25,
  'POST /images/prune': 25,
  'POST /networks/prune': 25,
  'POST /volumes/prune': 25,
  'GET /distribution/{name}/json': 30,
  'POST /build/prune': 31,
  'PUT /volumes/{name}': 42,
  'GET /images/{name}/attestations': 55,
}

/** Every path of the reference. Within a section the order counts: fixed paths stand before those with names in them. */
export function routes(options: DockerApiOptions): Route[] {
  const { engine } = options
  const all = [
    ...systemRoutes(options),
    ...eventRoutes(engine),
    ...diskUsageRoutes(engine),
    ...containerRoutes(engine),
    ...attachRoutes(engine),
    ...archiveRoutes(engine),
    ...execRoutes(engine),
    ...imageTransferRoutes(engine),
    ...imageRoutes(engine),
    ...networkRoutes(engine),
    ...volumeRoutes(engine),
    ...buildRoutes(engine),
    ...distributionRoutes(engine),
    ...pluginRoutes(),
    ...swarmRoutes(),
    ...sessionRoutes(),
  ]
  return all.map((route) => ({ ...route, since: broughtBy[`${route.method} ${route.pattern}`] ?? 0 }))
}
