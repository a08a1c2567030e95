import type { ApiDependencies, ApiRequest, UserInfo } from './contract.ts'
import type { Accepted } from './negotiate.ts'
import type { ServedResource } from './resource.ts'
import type { ResourceRegistry } from './resource-registry.ts'
import type { ResourceRoute } from './route.ts'

/** What every request shares. */
export interface Core extends ApiDependencies {
  readonly resources: ResourceRegistry
}

/** One request for a resource, on its way through a verb. */
export interface ResourceRequest {
  readonly core: Core
  readonly request: ApiRequest
  readonly route: ResourceRoute
  readonly resource: ServedResource
  readonly query: URLSearchParams
  readonly user: UserInfo
  readonly accepted: Accepted
  /** Texts of the answer's Warning headers, each once. */
  readonly warnings: Set<string>
}

export function warn({ warnings }: ResourceRequest, texts: Iterable<string>): void {
  for (const text of texts) if (warnings.size < 100) warnings.add(text)
}

/** Where an object is in the store. Objects of the cluster have no namespace, whatever their path says. */
export const keyOf = ({ keyPrefix, info }: ServedResource, namespace: string, name: string): string =>
  namespace === '' || !info.namespaced ? keyPrefix + name : `${keyPrefix}${namespace}/${name}`
