import type { ResourceInfo } from '../contract.ts'
import type { KindRules } from '../rules.ts'

const none: KindRules = {}

/** Rules by `group/Kind` of the storage version. */
const table: ReadonlyMap<string, KindRules> = new Map<string, KindRules>([])

/** The rules of the kind in which a resource's objects are stored; empty for one without any. */
export function rulesOf(resource: ResourceInfo): KindRules {
  return table.get(`${resource.storage.group}/${resource.storage.kind}`) ?? none
}
