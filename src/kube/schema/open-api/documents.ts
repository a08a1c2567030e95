import { builtinGroups, builtinResources, resourcesOf } from '../catalog.ts'
import type { JsonObject, Language, ResourceInfo } from '../contract.ts'
import { schemaOf } from '../field-schema.ts'
import { pathsOf } from './paths.ts'
import { type Dialect, definitionForm, scalarDefinitions, v2, v3 } from './schema-form.ts'

const title = 'Kubernetes'
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const bearer = { description: 'Bearer Token authentication', in: 'header', name: 'authorization', type: 'apiKey' }

/** Group versions with an OpenAPI v3 document, as `/openapi/v3` lists them: `api/v1`, `apis/apps/v1`. */
export function openApiV3Paths(): string[] {
  return builtinGroups.flatMap(({ name, versions }) =>
    versions.map((version) => (name === '' ? `api/${version}` : `apis/${name}/${version}`)),
  )
}

/** The OpenAPI v3 document of a built-in group version; undefined where there is none. */
export function openApiV3(group: string, version: string, release: string, language: Language): JsonObject | undefined {
  const resources = resourcesOf(group, version)
  if (resources.length === 0) return undefined
  return {
    openapi: '3.0.0',
    info: { title, version: release },
    paths: pathsOf(resources, v3),
    components: {
      schemas: definitionsOf(resources, v3, language),
      securitySchemes: { BearerToken: bearer },
    },
  }
}

/** The one OpenAPI v2 document of every built-in group version. */
export function openApiV2(release: string, language: Language): JsonObject {
  return {
    swagger: '2.0',
    info: { title, version: release },
    paths: pathsOf(builtinResources, v2),
    definitions: definitionsOf(builtinResources, v2, language),
    securityDefinitions: { BearerToken: bearer },
    security: [{ BearerToken: [] }],
  }
}

/** Every definition that the resources' paths and kinds lead to, by name. */
function definitionsOf(resources: readonly ResourceInfo[], dialect: Dialect, language: Language): JsonObject {
  const found = new Map<string, JsonObject>()
  const scalars = scalarDefinitions(dialect, language)
  const add = (definition: string): void => {
    if (found.has(definition)) return
    const scalar = scalars[definition]
    if (scalar) {
      found.set(definition, scalar)
      return
    }
    const schema = schemaOf(definition)
    if (!schema) return
    found.set(definition, {})
    const form = definitionForm(schema, dialect, language, add)
    const kinds = kindsOf(definition)
    if (kinds.length > 0) form['x-kubernetes-group-version-kind'] = kinds
    found.set(definition, form)
  }
  for (const root of ['DeleteOptions', 'Status', 'Patch', 'WatchEvent', 'APIResourceList']) add(`${meta}.${root}`)
  for (const { definition, verbs, subresources } of resources) {
    add(definition)
    if (verbs.includes('list')) add(`${definition}List`)
    for (const { kind } of subresources) {
      if (kind.kind === 'Scale') add('io.k8s.api.autoscaling.v1.Scale')
      if (kind.kind === 'Eviction') add('io.k8s.api.policy.v1.Eviction')
      if (kind.kind === 'Binding') add('io.k8s.api.core.v1.Binding')
      if (kind.kind === 'TokenRequest') add('io.k8s.api.authentication.v1.TokenRequest')
    }
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const groupOfDefinition = new Map(builtinResources.map((r) => [r.definition, r]))

function kindsOf(definition: string): JsonObject[] {
  const resource = groupOfDefinition.get(definition)
  if (resource) return [gvk(resource, resource.kind)]
  const item = groupOfDefinition.get(definition.replace(/List$/, ''))
  if (item && definition.endsWith('List')) return [gvk(item, `${item.kind}List`)]
  if (definition === 'io.k8s.api.autoscaling.v1.Scale') return [{ group: 'autoscaling', kind: 'Scale', version: 'v1' }]
  if (definition === 'io.k8s.api.policy.v1.Eviction') return [{ group: 'policy', kind: 'Eviction', version: 'v1' }]
  if (definition === `${meta}.Status`) return [{ group: '', kind: 'Status', version: 'v1' }]
  if (definition === `${meta}.DeleteOptions` || definition === `${meta}.WatchEvent`) {
    const kind = definition.slice(meta.length + 1)
    return builtinGroups.flatMap(({ name, versions }) => versions.map((version) => ({ group: name, kind, version })))
  }
  return []
}

const gvk = ({ group, version }: ResourceInfo, kind: string): JsonObject => ({ group, kind, version })
