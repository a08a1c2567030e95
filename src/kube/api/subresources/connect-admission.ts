import type { JsonObject, KubeObject } from '../../schema/index.ts'
import { admissionRequest } from '../admit.ts'
import type { ResourceRequest } from '../request-context.ts'

/** Asks admission whether a client may be connected. */
export async function connectAdmission(context: ResourceRequest, kind: string, options: JsonObject): Promise<void> {
  const object = { kind, apiVersion: 'v1', metadata: {}, ...options } as unknown as KubeObject
  const asked = admissionRequest(
    context,
    'CONNECT',
    object,
    undefined,
    { object: {}, dryRun: false },
    { group: '', version: 'v1', kind },
    context.route.name,
  )
  await context.core.admission.mutate(asked)
  await context.core.admission.validate(asked)
}
