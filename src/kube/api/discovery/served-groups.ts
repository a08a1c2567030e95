import { builtinGroups } from '../../schema/index.ts'
import type { Core } from '../request-context.ts'
import type { ServedResource } from '../resource.ts'

export interface ServedGroup {
  readonly name: string
  readonly versions: readonly { readonly version: string; readonly resources: readonly ServedResource[] }[]
}

/** Every group that has a served resource; the built-in ones in their own order, then the others by name. */
export function groupsOf(core: Core): ServedGroup[] {
  const groups = new Map<string, Map<string, ServedResource[]>>()
  for (const group of builtinGroups) groups.set(group.name, new Map(group.versions.map((version) => [version, []])))
  const others: string[] = []
  for (const resource of core.resources.all()) {
    const { group, version } = resource.info
    if (!groups.has(group)) others.push(group)
    const versions = groups.get(group) ?? new Map<string, ServedResource[]>()
    groups.set(group, versions)
    const list = versions.get(version) ?? []
    versions.set(version, list)
    list.push(resource)
  }
  const names = [...[...groups.keys()].filter((name) => !others.includes(name)), ...others.sort()]
  return names.map((name) => ({
    name,
    versions: [...(groups.get(name) ?? [])]
      .map(([version, resources]) => ({ version, resources }))
      .filter(({ resources }) => resources.length > 0)
      .sort((a, b) => (builtinGroups.some((group) => group.name === name) ? 0 : compareVersions(a.version, b.version))),
  }))
}

/** v2 before v1 before v1beta2 before v1beta1 before v1alpha1 before what is no such version. */
export function compareVersions(a: string, b: string): number {
  const rank = (version: string) => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
    if (!match) return undefined
    return [match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1, Number(match[1]), Number(match[3] ?? 0)]
  }
  const left = rank(a)
  const right = rank(b)
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : 1
  for (let i = 0; i < 3; i++) {
    const difference = (right[i] ?? 0) - (left[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
