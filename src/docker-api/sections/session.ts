import { DockerError, withoutBuildKit } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'

/** BuildKit's two doors. `Builder-Version: 1` in the ping tells clients not to knock; compose and buildx knock anyway. */
export function sessionRoutes(): Route[] {
  const unsupported = () => {
    throw new DockerError(501, withoutBuildKit)
  }
  return [route('POST', '/session', unsupported), route('POST', '/grpc', unsupported)]
}
