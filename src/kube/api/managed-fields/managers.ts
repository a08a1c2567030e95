import type { Json, JsonObject } from '../../schema/index.ts'
import type { FieldSet } from './field-set.ts'
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts'

/** Who owns what, in which version's terms. */
export interface Manager {
  readonly name: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  /** RFC 3339 in whole seconds; undefined where it was never said. */
  readonly time: string | undefined
  readonly set: FieldSet
}

/** By identity: one entry per name, subresource and operation, and for updates per version too. */
export type Managers = Map<string, Manager>

export function managerId(manager: Pick<Manager, 'name' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const version = manager.operation === 'Apply' ? '' : manager.apiVersion
  return `${manager.operation}\0${manager.name}\0${version}\0${manager.subresource}`
}

/** @throws Error with Kubernetes' own sentence where the entries are none */
export function decodeManagers(entries: readonly Json[] | undefined): Managers {
  const managers: Managers = new Map()
  for (const [i, raw] of (entries ?? []).entries()) {
    const entry = (raw ?? {}) as JsonObject
    const { operation, apiVersion, fieldsType } = entry
    if (operation !== 'Apply' && operation !== 'Update') throw new Error('operation must be `Apply` or `Update`')
    if (typeof apiVersion !== 'string' || apiVersion === '') throw new Error('apiVersion must not be empty')
    if (fieldsType === undefined || fieldsType === '')
      throw new Error(`missing fieldsType in managed fields entry ${i}`)
    if (fieldsType !== 'FieldsV1')
      throw new Error(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${i}`)
    const manager: Manager = {
      name: typeof entry.manager === 'string' ? entry.manager : '',
      operation,
      apiVersion,
      subresource: typeof entry.subresource === 'string' ? entry.subresource : '',
      time: typeof entry.time === 'string' ? entry.time : undefined,
      set: fromFieldsV1(entry.fieldsV1 ?? {}),
    }
    managers.set(managerId(manager), manager)
  }
  return managers
}

export function encodeManagers(managers: Managers): JsonObject[] | undefined {
  if (managers.size === 0) return undefined
  const sorted = managers.size === 1 ? [...managers.values()] : [...managers.values()].sort(inOrder)
  return sorted.map((manager) => {
    const entry: JsonObject = {
      manager: manager.name,
      operation: manager.operation,
      apiVersion: manager.apiVersion,
    }
    if (manager.time !== undefined) entry.time = manager.time
    entry.fieldsType = 'FieldsV1'
    entry.fieldsV1 = toFieldsV1(manager.set)
    if (manager.subresource !== '') entry.subresource = manager.subresource
    return entry
  })
}

function inOrder(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time ?? '', b.time ?? '') ||
    compareText(a.name, b.name) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  )
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
