import type { Engine } from '../../engine/index.ts'
import { credentials } from '../decode/credentials.ts'
import { readRegistryAuth } from '../decode/registry-auth.ts'
import { type Route, route } from '../http/router.ts'

/** Distribution: what a registry says of an image. */
export function distributionRoutes(engine: Engine): Route[] {
  return [
    route('GET', '/distribution/{name}/json', async (call) => {
      const auth = credentials(readRegistryAuth(call.header('x-registry-auth')))
      const { descriptor, platforms } = await engine.images.distribution(call.param('name'), auth)
      call.json(200, { Descriptor: descriptor, Platforms: platforms })
    }),
  ]
}
