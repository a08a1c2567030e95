import type { KubeObject, Schema } from '../../schema/index.ts'
import type { ServedResource } from '../resource.ts'
import { difference, emptySet, type FieldSet, insert, setOf } from './field-set.ts'
import { type JsonMap, zeroObject } from './shape.ts'

export interface FieldWriter {
  readonly resource: ServedResource
  readonly subresource: string
  readonly name: string
  readonly nowMs: number
}

/** Fields of every object that nobody owns. */
const neverOwned = setOf(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => ['f:metadata', `f:${field}`]),
)

export function withoutManagedFields(object: KubeObject): JsonMap {
  if (object.metadata.managedFields === undefined) return object as unknown as JsonMap
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata } as unknown as JsonMap
}

export function emptyObject(like: KubeObject, schema: Schema | undefined): JsonMap {
  return { ...zeroObject(schema), apiVersion: like.apiVersion, kind: like.kind }
}

const resetSets = new WeakMap<ServedResource, Map<string, FieldSet>>()

export function resetSet(resource: ServedResource, subresource: string): FieldSet {
  let sets = resetSets.get(resource)
  if (!sets) {
    sets = new Map()
    resetSets.set(resource, sets)
  }
  let set = sets.get(subresource)
  if (!set) {
    set = emptySet()
    for (const path of resource.resetFields(subresource))
      insert(
        set,
        path.split('.').map((part) => `f:${part}`),
      )
    sets.set(subresource, set)
  }
  return set
}

export const stripped = (set: FieldSet) => difference(set, neverOwned)

let lastSecond = Number.NaN
let lastText = ''

/** RFC 3339 in whole seconds. */
export function timeText(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== lastSecond) {
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`
    lastSecond = second
  }
  return lastText
}
