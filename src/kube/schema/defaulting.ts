import type { KubeObject, ResourceInfo } from './contract.ts'
import { rulesOf } from './kinds/index.ts'
import { versionRules } from './kinds/versions.ts'

/** Fills in what Kubernetes fills in, in place. The object is in the version of `resource`. */
export function defaultObject(resource: ResourceInfo, object: KubeObject): void {
  const version = versionRules.get(`${resource.group}/${resource.version}/${resource.kind}`)
  if (version) version.defaults?.(object)
  else rulesOf(resource).defaults?.(object)
}
