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

/** Every path of the reference. Within a section the order counts: fixed paths stand before those with names in them. */
export function routes(options: DockerApiOptions): Route[] {
  const { engine } = options
  return [
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
}
