import type { Container } from '../containers/container.ts'
import type { Core } from '../core/core.ts'

/** Forgets a removed container on every network. */
export function removeContainerEndpoints(core: Core, container: Container): void {
  for (const network of core.networks.all()) network.endpoints.delete(container.id)
}
