import { apiVersionOf } from './catalog.ts'
import type { KubeObject, ResourceInfo } from './contract.ts'
import { versionRules } from './kinds/versions.ts'

const rulesFor = ({ group, version, kind }: ResourceInfo) => versionRules.get(`${group}/${version}/${kind}`)

/** An object of the resource's own version in the version in which it is stored; the same object where that is one. */
export function toStorage(resource: ResourceInfo, object: KubeObject): KubeObject {
  const rules = rulesFor(resource)
  if (!rules) return object
  const stored = rules.toStorage(object)
  stored.apiVersion = apiVersionOf(resource.storage)
  stored.kind = resource.storage.kind
  return stored
}

/** A stored object in the version of the resource; the same object where that is the stored one. */
export function fromStorage(resource: ResourceInfo, stored: KubeObject): KubeObject {
  const rules = rulesFor(resource)
  if (!rules) return stored
  const object = rules.fromStorage(stored)
  object.apiVersion = apiVersionOf(resource)
  object.kind = resource.kind
  return object
}

/** Whether objects of the resource are stored as they are served. */
export const servedAsStored = (resource: ResourceInfo): boolean => rulesFor(resource) === undefined
