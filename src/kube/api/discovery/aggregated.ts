import type { Core } from '../request-context.ts'
import type { ServedResource } from '../resource.ts'
import type { ServedGroup } from './served-groups.ts'

interface Document {
  readonly generation: number
  readonly text: Uint8Array
  readonly etag: string
}

const known = new WeakMap<Core, Map<string, Document>>()

/** All groups in one document, made again only when what is served has changed. */
export function aggregated(core: Core, groups: readonly ServedGroup[], version: string, isCore: boolean): Document {
  const documents = known.get(core) ?? new Map<string, Document>()
  known.set(core, documents)
  const key = `${version}/${isCore}`
  const last = documents.get(key)
  if (last?.generation === core.resources.generation) return last
  const value = {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.filter(({ versions }) => versions.length > 0).map(groupItem),
  }
  const json = `${JSON.stringify(value)}\n`
  const document = {
    generation: core.resources.generation,
    text: new TextEncoder().encode(json),
    etag: `"${contentHash(json)}"`,
  }
  documents.set(key, document)
  return document
}

/** 128 bits that differ where the text differs; no secret depends on it. */
export function contentHash(text: string): string {
  let result = ''
  for (let round = 0; round < 4; round++) {
    let hash = 0x811c9dc5 ^ Math.imul(round + 1, 0x9e3779b1)
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
    result += ((hash ^ (hash >>> 13)) >>> 0).toString(16).toUpperCase().padStart(8, '0')
  }
  return result
}

function groupItem({ name, versions }: ServedGroup): object {
  return {
    metadata: name === '' ? { creationTimestamp: null } : { name, creationTimestamp: null },
    versions: versions.map(({ version, resources }) => ({
      version,
      resources: [...resources].sort((a, b) => (a.info.plural < b.info.plural ? -1 : 1)).map(resourceItem),
      freshness: 'Current',
    })),
  }
}

function resourceItem({ info }: ServedResource): object {
  const kindOf = ({ group, version, kind }: { group: string; version: string; kind: string }) => ({
    group,
    version,
    kind,
  })
  return {
    resource: info.plural,
    responseKind: kindOf(info),
    scope: info.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: info.singular,
    verbs: info.verbs,
    ...(info.shortNames.length > 0 ? { shortNames: info.shortNames } : {}),
    ...(info.categories.length > 0 ? { categories: info.categories } : {}),
    ...(info.subresources.length > 0
      ? {
          subresources: info.subresources.map(({ name, kind, verbs }) => ({
            subresource: name,
            responseKind: kindOf(kind),
            verbs,
          })),
        }
      : {}),
  }
}
