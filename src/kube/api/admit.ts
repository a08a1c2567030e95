import type { GroupVersionKind, JsonObject, KubeObject } from '../schema/index.ts'
import type { AdmissionOperation, AdmissionRequest } from './contract.ts'
import { type ResourceRequest, warn } from './request-context.ts'
import { kindOf } from './resource.ts'

/** What admission is asked about a write of the request's own resource. */
export function admissionRequest(
  context: ResourceRequest,
  operation: AdmissionOperation,
  object: KubeObject | undefined,
  oldObject: KubeObject | undefined,
  options: { readonly object: JsonObject; readonly dryRun: boolean },
  kind: GroupVersionKind = kindOf(context.resource),
  name: string = object?.metadata.name ?? oldObject?.metadata.name ?? context.route.name,
): AdmissionRequest {
  const { info } = context.resource
  return {
    operation,
    resource: { group: info.group, version: info.version, resource: info.plural },
    kind,
    subresource: context.route.subresource,
    // A namespace is in itself.
    namespace: info.group === '' && info.plural === 'namespaces' ? name : context.route.namespace,
    name,
    object: object as JsonObject | undefined,
    oldObject: oldObject as JsonObject | undefined,
    options: options.object,
    dryRun: options.dryRun,
    user: context.user,
    warn: (text) => warn(context, [text]),
  }
}
