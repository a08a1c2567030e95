import type { ApiGroup, GroupVersionKind, ResourceInfo, SubresourceInfo } from './contract.ts'
import groupsData from './generated/groups.json' with { type: 'json' }
import resourcesData from './generated/resources.json' with { type: 'json' }

interface StoredResource extends GroupVersionKind {
  plural: string
  singular: string
  namespaced: boolean
  verbs: string[]
  definition: string
  shortNames?: string[]
  categories?: string[]
  storage?: GroupVersionKind
  subresources?: (GroupVersionKind & { name: string; verbs: string[] })[]
}

function resourceFrom(stored: StoredResource): ResourceInfo {
  const { group, version, kind, plural, singular, namespaced, verbs } = stored
  return {
    group,
    version,
    kind,
    plural,
    singular,
    shortNames: stored.shortNames ?? [],
    categories: stored.categories ?? [],
    namespaced,
    verbs,
    subresources: (stored.subresources ?? []).map(
      (sub): SubresourceInfo => ({
        name: sub.name,
        kind: { group: sub.group, version: sub.version, kind: sub.kind },
        verbs: sub.verbs,
      }),
    ),
    definition: `io.k8s.${stored.definition}`,
    storage: stored.storage ?? { group, version, kind },
  }
}

const stored: readonly StoredResource[] = resourcesData
/** Every resource that Kubernetes 1.36 serves by default, in discovery's order. */
export const builtinResources: readonly ResourceInfo[] = stored.map(resourceFrom)

const groupRows: readonly { name: string; versions: string[] }[] = groupsData
/** The served groups in discovery's order, the core group (named '') first. */
export const builtinGroups: readonly ApiGroup[] = groupRows.map(({ name, versions }) => ({
  name,
  versions,
  preferredVersion: versions[0] ?? '',
}))

const byPlural = new Map(builtinResources.map((r) => [`${r.group}/${r.version}/${r.plural}`, r]))
const byKind = new Map(
  builtinResources.filter((r) => r.verbs.length > 0).map((r) => [`${r.group}/${r.version}/${r.kind}`, r]),
)

/** The resource served as `plural` (`pods`) in that group ('' is core) and version. */
export function findResource(group: string, version: string, plural: string): ResourceInfo | undefined {
  return byPlural.get(`${group}/${version}/${plural}`)
}

/** The resource whose objects are of that kind. */
export function findKind(group: string, version: string, kind: string): ResourceInfo | undefined {
  return byKind.get(`${group}/${version}/${kind}`)
}

/** The resource in the version in which objects of `resource` are stored. */
export function storageResource(resource: ResourceInfo): ResourceInfo {
  const { group, version, kind } = resource.storage
  return findKind(group, version, kind) ?? resource
}

/** The resources of one group and version, by plural name. */
export function resourcesOf(group: string, version: string): ResourceInfo[] {
  return builtinResources.filter((r) => r.group === group && r.version === version)
}

/** `apps/v1`, `v1` → group and version. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  if (slash < 0) return { group: '', version: apiVersion }
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** The reverse: group and version → `apps/v1`, `v1`. */
export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`
}
