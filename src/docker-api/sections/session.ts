import { DockerError } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'

/** BuildKit's two doors. `Builder-Version: 1` in the ping tells clients not to knock. */
export function sessionRoutes(): Route[] {
  const unsupported = () => {
    throw new DockerError(501, 'BuildKit is not supported by this daemon')
  }
  return [route('POST', '/session', unsupported), route('POST', '/grpc', unsupported)]
}
