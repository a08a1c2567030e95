import type { JsonObject } from '../../schema/index.ts'
import type { ServedResource } from '../resource.ts'
import { type Definitions, groupVersionPath, type OpenApiVersion } from './definitions.ts'

const metaV1 = 'io.k8s.apimachinery.pkg.apis.meta.v1'

interface Method {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** `list`, `watchlist`, `deletecollection` …, as `x-kubernetes-action` has it. */
  readonly action: string
  readonly id: string
  readonly query: readonly string[]
  readonly body?: string
  readonly answer: string
}

const listQuery = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
]
const writeQuery = ['dryRun', 'fieldManager', 'fieldValidation']
const patchQuery = [...writeQuery, 'force']
const deleteQuery = ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy']

const types: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'boolean',
  force: 'boolean',
  gracePeriodSeconds: 'integer',
  limit: 'integer',
  orphanDependents: 'boolean',
  sendInitialEvents: 'boolean',
  timeoutSeconds: 'integer',
  watch: 'boolean',
}

/** Adds the paths of a resource and its subresources to a document. */
export function addPaths(
  paths: JsonObject,
  resource: ServedResource,
  definitions: Definitions,
  version: OpenApiVersion,
): void {
  const { info } = resource
  const root = `/${groupVersionPath(info)}`
  const base = info.namespaced ? `${root}/namespaces/{namespace}/${info.plural}` : `${root}/${info.plural}`
  const put = (path: string, methods: readonly Method[], kind: { group: string; version: string; kind: string }) => {
    if (methods.length === 0) return
    const item: JsonObject = {}
    for (const method of methods) item[method.method] = operation(method, kind, definitions, version)
    item.parameters = pathParameters(path, version)
    paths[path] = item
  }
  const name = (verb: string, part: string, scope = info.namespaced ? 'Namespaced' : '') =>
    `${verb}${groupTitle(info)}${title(info.version)}${scope}${info.kind}${part}`
  const can = (verb: string) => info.verbs.includes(verb)
  const { definition } = info
  const list = `${definition}List`
  const collection: Method[] = []
  if (can('list'))
    collection.push({ method: 'get', action: 'list', id: name('list', ''), query: listQuery, answer: list })
  if (can('create'))
    collection.push({
      method: 'post',
      action: 'post',
      id: name('create', ''),
      query: writeQuery,
      body: definition,
      answer: definition,
    })
  if (can('deletecollection'))
    collection.push({
      method: 'delete',
      action: 'deletecollection',
      id: name('deleteCollection', ''),
      query: [...listQuery, ...deleteQuery].sort(),
      body: `${metaV1}.DeleteOptions`,
      answer: `${metaV1}.Status`,
    })
  put(base, collection, info)
  if (info.namespaced && can('list'))
    put(
      `${root}/${info.plural}`,
      [{ method: 'get', action: 'list', id: name('list', 'ForAllNamespaces', ''), query: listQuery, answer: list }],
      info,
    )
  put(
    `${base}/{name}`,
    objectMethods(info.verbs, definition, (verb) => name(verb, '')),
    info,
  )
  for (const sub of info.subresources) {
    const own = sub.kind.kind === info.kind ? definition : undefined
    put(
      `${base}/{name}/${sub.name}`,
      subresourceMethods(sub.verbs, own, (verb) => name(verb, title(sub.name))),
      sub.kind,
    )
  }
}

function objectMethods(verbs: readonly string[], definition: string, id: (verb: string) => string): Method[] {
  const methods: Method[] = []
  if (verbs.includes('get'))
    methods.push({ method: 'get', action: 'get', id: id('read'), query: [], answer: definition })
  if (verbs.includes('update'))
    methods.push({
      method: 'put',
      action: 'put',
      id: id('replace'),
      query: writeQuery,
      body: definition,
      answer: definition,
    })
  if (verbs.includes('patch'))
    methods.push({
      method: 'patch',
      action: 'patch',
      id: id('patch'),
      query: patchQuery,
      body: `${metaV1}.Patch`,
      answer: definition,
    })
  if (verbs.includes('delete'))
    methods.push({
      method: 'delete',
      action: 'delete',
      id: id('delete'),
      query: deleteQuery,
      body: `${metaV1}.DeleteOptions`,
      answer: `${metaV1}.Status`,
    })
  return methods
}

function subresourceMethods(
  verbs: readonly string[],
  definition: string | undefined,
  id: (verb: string) => string,
): Method[] {
  const answer = definition ?? ''
  const methods = objectMethods(
    verbs.filter((verb) => verb !== 'delete'),
    answer,
    id,
  )
  if (verbs.includes('create'))
    methods.push({ method: 'post', action: 'post', id: id('create'), query: writeQuery, body: answer, answer })
  return methods
}

function operation(
  { method, action, id, query, body, answer }: Method,
  kind: { group: string; version: string; kind: string },
  definitions: Definitions,
  version: OpenApiVersion,
): JsonObject {
  const schema = (definition: string) => (definition === '' ? { type: 'object' } : definitions.ref(definition))
  const group = kind.group === '' ? 'core' : kind.group.split('.')[0]
  const parameters: JsonObject[] = query.map((name) => parameter(name, 'query', version))
  const made: JsonObject = { operationId: id, tags: [`${group}_${kind.version}`] }
  const codes =
    method === 'post' ? ['200', '201', '202'] : method === 'put' || method === 'patch' ? ['200', '201'] : ['200']
  if (version === 2) {
    if (body !== undefined)
      parameters.unshift({ in: 'body', name: 'body', required: method !== 'delete', schema: schema(body) })
    made.consumes = method === 'patch' ? patchTypes : ['*/*']
    made.produces = mediaTypes
    made.schemes = ['https']
    made.responses = Object.fromEntries(codes.map((code) => [code, { description: 'OK', schema: schema(answer) }]))
  } else {
    const content = (definition: string, names: readonly string[]): JsonObject =>
      Object.fromEntries(names.map((name) => [name, { schema: schema(definition) }]))
    if (body !== undefined)
      made.requestBody = {
        content: content(body, method === 'patch' ? patchTypes : ['*/*']),
        ...(method === 'delete' ? {} : { required: true }),
      }
    made.responses = Object.fromEntries(
      codes.map((code) => [code, { description: 'OK', content: content(answer, mediaTypes) }]),
    )
  }
  if (parameters.length > 0) made.parameters = parameters
  made['x-kubernetes-action'] = action
  made['x-kubernetes-group-version-kind'] = { group: kind.group, kind: kind.kind, version: kind.version }
  return made
}

const mediaTypes = ['application/json', 'application/yaml', 'application/cbor']
const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

function parameter(name: string, where: 'query' | 'path', version: OpenApiVersion): JsonObject {
  const type = { type: types[name] ?? 'string', uniqueItems: true }
  const required = where === 'path' ? { required: true } : {}
  return version === 2 ? { in: where, name, ...required, ...type } : { in: where, name, ...required, schema: type }
}

function pathParameters(path: string, version: OpenApiVersion): JsonObject[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
  return [...names.map((name) => parameter(name, 'path', version)), parameter('pretty', 'query', version)]
}

const title = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function groupTitle({ group }: { group: string }): string {
  if (group === '') return 'Core'
  return group
    .replace(/\.k8s\.io$/, '')
    .split('.')
    .map(title)
    .join('')
}
