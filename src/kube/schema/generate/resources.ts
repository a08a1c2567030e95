import type { Description } from './description.ts'
import { shortName } from './description.ts'
import { categories, servedGroups, shortNames, storedElsewhere } from './served.ts'

export interface Resource {
  group: string
  version: string
  kind: string
  plural: string
  singular: string
  shortNames?: readonly string[]
  categories?: readonly string[]
  namespaced: boolean
  verbs: string[]
  definition: string
  storage?: { group: string; version: string; kind: string }
  subresources?: { name: string; group: string; version: string; kind: string; verbs: string[] }[]
}

const verbOfAction: Readonly<Record<string, string>> = {
  get: 'get',
  list: 'list',
  post: 'create',
  put: 'update',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'deletecollection',
  watch: 'watch',
  watchlist: 'watch',
  connect: 'connect',
}

const pathForm =
  /^\/(?:api|apis\/([^/]+))\/([^/]+)\/(?:watch\/)?(namespaces\/\{namespace\}\/)?([a-z]+)(\/\{name\})?(?:\/([a-z]+))?(\/\{path\})?$/

/** Every resource of the served versions, with the verbs and subresources that the paths of the description show. */
export function resourcesOf(description: Description): Resource[] {
  const found = new Map<string, Resource>()
  const definitions = definitionsByKind(description)
  const served = new Set(servedGroups.flatMap(([group, ...versions]) => versions.map((v) => `${group}/${v}`)))
  for (const [path, operations] of Object.entries(description.paths)) {
    const parts = pathForm.exec(path)
    if (!parts) continue
    const [, group = '', version = '', inNamespace, plural = '', , subresource] = parts
    if (!served.has(`${group}/${version}`)) continue
    const key = `${group}/${version}/${plural}`
    for (const [method, operation] of Object.entries(operations)) {
      const kind = operation['x-kubernetes-group-version-kind']
      const verb = verbOfAction[operation['x-kubernetes-action'] ?? '']
      if (!kind || !verb) continue
      let resource = found.get(key)
      if (!subresource) {
        if (!resource) {
          resource = {
            group,
            version,
            kind: kind.kind,
            plural,
            singular: kind.kind.toLowerCase(),
            namespaced: false,
            verbs: [],
            definition: definitions.get(`${kind.group}/${kind.version}/${kind.kind}`) ?? '',
          }
          found.set(key, resource)
        }
        if (inNamespace) resource.namespaced = true
        if (!resource.verbs.includes(verb)) resource.verbs.push(verb)
        continue
      }
      if (!resource) throw new Error(`Cannot place ${path}: its resource comes later in the description`)
      resource.subresources ??= []
      let sub = resource.subresources.find((s) => s.name === subresource)
      if (!sub) {
        sub = { name: subresource, group: kind.group, version: kind.version, kind: kind.kind, verbs: [] }
        resource.subresources.push(sub)
      }
      const connectVerb = connectVerbs[method]
      const v = verb === 'connect' ? connectVerb : verb
      if (v && !sub.verbs.includes(v)) sub.verbs.push(v)
    }
  }
  for (const [key, resource] of found) {
    resource.verbs.sort()
    for (const sub of resource.subresources ?? []) sub.verbs.sort()
    resource.subresources?.sort((a, b) => (a.name < b.name ? -1 : 1))
    const names = shortNames[resource.plural]
    // events.k8s.io and core events share their short name
    if (names) resource.shortNames = names
    const groups = categories[resource.plural]
    if (groups) resource.categories = groups
    const elsewhere = storedElsewhere[key]
    if (elsewhere) resource.storage = elsewhere
  }
  const order = servedGroups.flatMap(([group, ...versions]) => versions.map((v) => `${group}/${v}`))
  return [...found.values()].sort(
    (a, b) =>
      order.indexOf(`${a.group}/${a.version}`) - order.indexOf(`${b.group}/${b.version}`) ||
      (a.plural < b.plural ? -1 : 1),
  )
}

const connectVerbs: Readonly<Record<string, string>> = {
  get: 'get',
  post: 'create',
  put: 'update',
  patch: 'patch',
  delete: 'delete',
}

function definitionsByKind(description: Description): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, definition] of Object.entries(description.definitions)) {
    const kinds = definition['x-kubernetes-group-version-kind']
    if (kinds?.length !== 1) continue
    const [kind] = kinds
    if (kind) found.set(`${kind.group}/${kind.version}/${kind.kind}`, shortName(name))
  }
  return found
}
