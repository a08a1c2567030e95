import type { ApiRequest, ApiResponse } from '../contract.ts'
import { negotiate, wantsAggregated } from '../negotiate.ts'
import type { Core } from '../request-context.ts'
import type { ServedResource } from '../resource.ts'
import { encodeValue, respond } from '../respond.ts'
import { aggregated } from './aggregated.ts'
import { groupsOf, type ServedGroup } from './served-groups.ts'

/** /api, /apis and what is below them, one group and version at a time or all at once. */
export function discovery(
  core: Core,
  request: ApiRequest,
  path: string,
  query: URLSearchParams,
): ApiResponse | undefined {
  const [root, group, version, ...more] = path.split('/').slice(1)
  if (more.length > 0) return undefined
  if (root === 'api' && group === undefined)
    return answer(request, query, core, true) ?? plain(request, query, apiVersions())
  if (root === 'api' && version === undefined) return versionList(core, request, query, '', group ?? '')
  if (root !== 'apis') return undefined
  if (group === undefined) return answer(request, query, core, false) ?? plain(request, query, groupList(core))
  const served = groupsOf(core).find(({ name }) => name === group)
  if (version === undefined)
    return served && plain(request, query, { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(served) })
  return versionList(core, request, query, group, version)
}

function answer(request: ApiRequest, query: URLSearchParams, core: Core, isCore: boolean): ApiResponse | undefined {
  const version = wantsAggregated(request.headers.accept)
  if (version === undefined) return undefined
  const groups = groupsOf(core).filter(({ name }) => (name === '') === isCore)
  const { text, etag } = aggregated(core, groups, version, isCore)
  const headers = {
    'content-type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    etag,
    vary: 'Accept',
    'cache-control': 'public',
  }
  if (request.headers['if-none-match'] === etag) return { status: 304, headers }
  const pretty = negotiate(undefined, query, request.headers['user-agent']).pretty
  return {
    status: 200,
    headers,
    body: pretty ? encodeValue(JSON.parse(new TextDecoder().decode(text)), 'json', true) : text,
  }
}

function plain(request: ApiRequest, query: URLSearchParams, value: object): ApiResponse {
  const accepted = negotiate(request.headers.accept, query, request.headers['user-agent'])
  return respond(accepted, 200, encodeValue(value, accepted.encoding, accepted.pretty))
}

function apiVersions(): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
}

function groupOf({ name, versions }: ServedGroup): object {
  const list = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: list, preferredVersion: list[0] }
}

function groupList(core: Core): object {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupsOf(core)
      .filter(({ name, versions }) => name !== '' && versions.length > 0)
      .map(groupOf),
  }
}

function versionList(
  core: Core,
  request: ApiRequest,
  query: URLSearchParams,
  group: string,
  version: string,
): ApiResponse | undefined {
  const served = groupsOf(core)
    .find(({ name }) => name === group)
    ?.versions.find((one) => one.version === version)
  if (!served) return undefined
  const groupVersion = group === '' ? version : `${group}/${version}`
  const resources = served.resources.flatMap(resourceEntries).sort((a, b) => (a.name < b.name ? -1 : 1))
  const list = { kind: 'APIResourceList', ...(group === '' ? {} : { apiVersion: 'v1' }), groupVersion, resources }
  return plain(request, query, list)
}

function resourceEntries({ info, storageVersionHash }: ServedResource): { name: string }[] {
  const { group, version } = info
  const main = {
    name: info.plural,
    singularName: info.singular,
    namespaced: info.namespaced,
    kind: info.kind,
    verbs: info.verbs,
    ...(info.shortNames.length > 0 ? { shortNames: info.shortNames } : {}),
    ...(info.categories.length > 0 ? { categories: info.categories } : {}),
    ...(info.verbs.includes('list') && info.verbs.includes('create') ? { storageVersionHash } : {}),
  }
  const subresources = info.subresources.map(({ name, kind, verbs }) => ({
    name: `${info.plural}/${name}`,
    singularName: '',
    namespaced: info.namespaced,
    ...(kind.group === group && kind.version === version ? {} : { group: kind.group, version: kind.version }),
    kind: kind.kind,
    verbs,
  }))
  return info.verbs.length > 0 ? [main, ...subresources] : subresources
}
