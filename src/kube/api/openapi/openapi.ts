import type { ApiRequest, ApiResponse } from '../contract.ts'
import type { Core } from '../request-context.ts'

/** /openapi/v2 and /openapi/v3. */
export async function openApi(_core: Core, _request: ApiRequest, _path: string, _query: URLSearchParams): Promise<ApiResponse | undefined> {
  return undefined
}
