import { findResource } from './catalog.ts'
import type { JsonObject, KubeObject, ResourceInfo } from './contract.ts'
import { decodeAs } from './decode.ts'
import { defaultObject } from './defaulting.ts'
import { strategyOf } from './strategy.ts'
import { joinErrors } from './validation/field-error.ts'

/** What tests write objects with: the way of a POST and of a PUT through this room, without an API server. */
export const writes = { nowMs: Date.parse('2026-03-01T12:00:00Z') }

export function resourceFor(apiVersion: string, plural: string): ResourceInfo {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const found = findResource(group ?? '', version ?? '', plural)
  if (!found) throw new Error(`${apiVersion} has no ${plural}`)
  return found
}

export type Fields = Record<string, unknown>

export interface Written {
  readonly resource: ResourceInfo
  readonly object: KubeObject
  readonly errors: string
}

/** An object as it is after a POST: decoded, defaulted, prepared; and what is wrong with it, in one line each. */
export function create(apiVersion: string, plural: string, fields: Fields, metadata: Fields = {}): Written {
  const resource = resourceFor(apiVersion, plural)
  const namespace = resource.namespaced ? { namespace: 'default' } : {}
  const value = {
    apiVersion,
    kind: resource.kind,
    metadata: { name: 'a', uid: 'aaaa', ...namespace, ...metadata },
    ...fields,
  }
  const object = decodeAs(resource.definition, value as JsonObject).object as unknown as KubeObject
  defaultObject(resource, object)
  const strategy = strategyOf(resource)
  strategy.prepareForCreate(object, writes)
  return { resource, object, errors: lines(strategy.validateCreate(object, writes)) }
}

/** The same object changed and written again. */
export function update(before: Written, change: (object: never) => void, subresource = ''): Written {
  const object = structuredClone(before.object)
  object.metadata.resourceVersion = '1'
  change(object as never)
  defaultObject(before.resource, object)
  const strategy = strategyOf(before.resource, subresource)
  strategy.prepareForUpdate(object, before.object, writes)
  return { resource: before.resource, object, errors: lines(strategy.validateUpdate(object, before.object, writes)) }
}

const lines = (errors: Parameters<typeof joinErrors>[0]): string =>
  errors.map((error) => joinErrors([error])).join('\n')
