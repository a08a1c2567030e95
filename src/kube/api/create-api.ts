import type { ApiDependencies, ApiHandler } from './contract.ts'

export interface Api extends AsyncDisposable {
  readonly handle: ApiHandler
}

/** Builds the API over a store; resolves once it can answer. */
export async function createApi(_dependencies: ApiDependencies): Promise<Api> {
  throw new Error('Cannot create the API: it is being written')
}
