import type { JsonObject, ResourceInfo, SubresourceInfo } from '../contract.ts'
import type { Dialect } from './schema-form.ts'

/**
 * The paths of a group version, as far as clients read them: which kind a path is of, what can be done there, and which
 * query parameters are understood.
 */
export function pathsOf(resources: readonly ResourceInfo[], dialect: Dialect): JsonObject {
  const paths: JsonObject = {}
  for (const resource of resources) {
    const { group, version, plural, namespaced } = resource
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    const collection = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`
    const form = new PathForm(resource, dialect)
    put(paths, collection, form.collection(namespaced))
    if (namespaced && resource.verbs.includes('list')) put(paths, `${root}/${plural}`, form.allNamespaces())
    put(paths, `${collection}/{name}`, form.object(namespaced))
    for (const sub of resource.subresources) {
      put(paths, `${collection}/{name}/${sub.name}`, form.subresource(sub, namespaced))
      if (sub.name !== 'proxy') continue
      put(paths, `${collection}/{name}/proxy/{path}`, form.subresource(sub, namespaced, true))
    }
  }
  return paths
}

function put(paths: JsonObject, path: string, item: JsonObject): void {
  // a path where nothing can be done is none
  if (Object.keys(item).some((key) => key !== 'parameters')) paths[path] = item
}

const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/cbor']
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
]
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'

const listParameters = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'pretty',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
]
const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation', 'pretty']
const deleteParameters = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
  'pretty',
]
const integers = new Set(['limit', 'timeoutSeconds', 'gracePeriodSeconds'])
const booleans = new Set([
  'allowWatchBookmarks',
  'sendInitialEvents',
  'watch',
  'force',
  'orphanDependents',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
])

const typeOf = (parameter: string): string =>
  integers.has(parameter) ? 'integer' : booleans.has(parameter) ? 'boolean' : 'string'

interface Action {
  readonly action: string
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly parameters: readonly string[]
  readonly body?: string
  readonly result: string
  readonly patch?: boolean
  /** What tells the operation from others of the same action: `Status`, `ForAllNamespaces`. */
  readonly suffix?: string
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

const verbsOfMethod = { get: 'get', put: 'update', patch: 'patch', delete: 'delete', post: 'create' } as const

class PathForm {
  readonly #resource: ResourceInfo
  readonly #dialect: Dialect

  constructor(resource: ResourceInfo, dialect: Dialect) {
    this.#resource = resource
    this.#dialect = dialect
  }

  collection(namespaced: boolean): JsonObject {
    const { verbs, definition } = this.#resource
    const item: JsonObject = {}
    const kind = this.#resource
    if (verbs.includes('list')) {
      item.get = this.#operation({ action: 'list', kind, parameters: listParameters, result: `${definition}List` })
    }
    if (verbs.includes('create')) {
      item.post = this.#operation({
        action: 'post',
        kind,
        parameters: writeParameters,
        body: definition,
        result: definition,
      })
    }
    if (verbs.includes('deletecollection')) {
      item.delete = this.#operation({
        action: 'deletecollection',
        kind,
        parameters: [...deleteParameters, ...listParameters.filter((p) => p !== 'pretty' && p !== 'watch')],
        body: `${meta}.DeleteOptions`,
        result: `${meta}.Status`,
      })
    }
    return this.#withPathParameters(item, namespaced ? ['namespace'] : [])
  }

  allNamespaces(): JsonObject {
    const { definition } = this.#resource
    const get = this.#operation({
      action: 'list',
      kind: this.#resource,
      parameters: listParameters,
      result: `${definition}List`,
      suffix: 'ForAllNamespaces',
    })
    return { get }
  }

  object(namespaced: boolean): JsonObject {
    const { verbs, definition } = this.#resource
    const item: JsonObject = {}
    for (const method of ['get', 'put', 'patch', 'delete'] as const) {
      if (verbs.includes(verbsOfMethod[method])) item[method] = this.#ofObject(method, this.#resource, definition, '')
    }
    return this.#withPathParameters(item, namespaced ? ['name', 'namespace'] : ['name'])
  }

  subresource({ name, kind, verbs }: SubresourceInfo, namespaced: boolean, withPath = false): JsonObject {
    const item: JsonObject = {}
    const connects = kind.kind.endsWith('Options')
    const definition = definitionOf(kind, this.#resource)
    for (const [method, verb] of Object.entries(verbsOfMethod)) {
      if (!verbs.includes(verb)) continue
      if (connects) {
        item[method] = this.#operation({
          action: 'connect',
          kind,
          parameters: [],
          result: 'string',
          suffix: `${capital(method)}${capital(name)}${withPath ? 'WithPath' : ''}`,
        })
      } else if (method === 'post') {
        item.post = this.#operation({
          action: 'post',
          kind,
          parameters: writeParameters,
          body: definition,
          result: definition,
          suffix: capital(name),
        })
      } else {
        const result = name === 'log' ? 'string' : definition
        item[method] = this.#ofObject(method as 'get' | 'put' | 'patch' | 'delete', kind, result, capital(name))
      }
    }
    const names = namespaced ? ['name', 'namespace'] : ['name']
    return this.#withPathParameters(item, withPath ? [...names, 'path'] : names)
  }

  #ofObject(
    method: 'get' | 'put' | 'patch' | 'delete',
    kind: Action['kind'],
    definition: string,
    suffix: string,
  ): JsonObject {
    switch (method) {
      case 'get':
        return this.#operation({ action: 'get', kind, parameters: ['pretty'], result: definition, suffix })
      case 'put':
        return this.#operation({
          action: 'put',
          kind,
          parameters: writeParameters,
          body: definition,
          result: definition,
          suffix,
        })
      case 'patch':
        return this.#operation({
          action: 'patch',
          kind,
          parameters: [...writeParameters, 'force'],
          body: `${meta}.Patch`,
          result: definition,
          suffix,
          patch: true,
        })
      case 'delete':
        return this.#operation({
          action: 'delete',
          kind,
          parameters: deleteParameters,
          body: `${meta}.DeleteOptions`,
          result: `${meta}.Status`,
          suffix,
        })
    }
  }

  /** `listAppsV1NamespacedDeployment`, `patchCoreV1NodeStatus`: generated clients name their methods by these. */
  #operationId(action: string, suffix: string): string {
    const { group, version, kind, namespaced } = this.#resource
    const groupName = group === '' ? 'Core' : capital(group.replace(/\.k8s\.io$/, '').replaceAll('.', ''))
    const verb: Readonly<Record<string, string>> = {
      post: 'create',
      put: 'replace',
      get: 'read',
      deletecollection: 'deleteCollection',
    }
    const scope = namespaced && suffix !== 'ForAllNamespaces' ? 'Namespaced' : ''
    return `${verb[action] ?? action}${groupName}${capital(version)}${scope}${kind}${suffix}`
  }

  #operation({ action, kind, parameters, body, result, patch, suffix = '' }: Action): JsonObject {
    const operation: JsonObject = {
      operationId: this.#operationId(action, suffix),
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': { group: kind.group, kind: kind.kind, version: kind.version },
    }
    const list: JsonObject[] = parameters.map((name) => this.#parameter(name, 'query', false))
    if (this.#dialect.version === 3) {
      operation.parameters = list
      if (body) {
        const content: JsonObject = {}
        for (const type of patch ? patchTypes : ['*/*']) content[type] = { schema: this.#ref(body) }
        operation.requestBody = { content, required: action !== 'delete' && action !== 'deletecollection' }
      }
      const content: JsonObject = {}
      for (const type of mediaTypes) content[type] = { schema: this.#ref(result) }
      operation.responses = { 200: { description: 'OK', content }, 401: { description: 'Unauthorized' } }
    } else {
      if (body) list.push({ in: 'body', name: 'body', required: true, schema: this.#ref(body) })
      Object.assign(operation, { consumes: patch ? patchTypes : ['*/*'], produces: mediaTypes, schemes: ['https'] })
      operation.parameters = list
      operation.responses = {
        200: { description: 'OK', schema: this.#ref(result) },
        401: { description: 'Unauthorized' },
      }
    }
    return operation
  }

  #ref(definition: string): JsonObject {
    return definition === 'string' ? { type: 'string' } : { $ref: this.#dialect.refPrefix + definition }
  }

  #parameter(name: string, where: 'query' | 'path', required: boolean): JsonObject {
    const type = { type: typeOf(name), uniqueItems: true }
    const common: JsonObject = { in: where, name, ...(required ? { required } : {}) }
    return this.#dialect.version === 3 ? { ...common, schema: type } : { ...common, ...type }
  }

  #withPathParameters(item: JsonObject, names: readonly string[]): JsonObject {
    if (names.length > 0) item.parameters = names.map((name) => this.#parameter(name, 'path', true))
    return item
  }
}

/** Definitions of the kinds that subresources speak. */
function definitionOf(kind: Action['kind'], resource: ResourceInfo): string {
  if (kind.kind === resource.kind) return resource.definition
  const packageOf: Readonly<Record<string, string>> = {
    Scale: 'io.k8s.api.autoscaling.v1.Scale',
    Eviction: 'io.k8s.api.policy.v1.Eviction',
    Binding: 'io.k8s.api.core.v1.Binding',
    TokenRequest: 'io.k8s.api.authentication.v1.TokenRequest',
  }
  return packageOf[kind.kind] ?? `${meta}.Status`
}
