import { storageResource } from './catalog.ts'
import type { FieldError, KubeObject, ResourceInfo, Strategy, WriteContext } from './contract.ts'
import { rulesOf } from './kinds/index.ts'
import type { KindRules, SubresourceRules } from './rules.ts'
import { dns1123Subdomain } from './validation/names.ts'
import { validateKubeFinalizers, validateObjectMeta, validateObjectMetaUpdate } from './validation/object-meta.ts'
import { sameJson } from './validation/same-json.ts'

const strategies = new Map<string, Strategy>()

/** How a resource (or its `status`, `resize`, `ephemeralcontainers`, `approval`, `finalize`) is written. */
export function strategyOf(resource: ResourceInfo, subresource = ''): Strategy {
  const stored = storageResource(resource)
  const key = `${stored.group}/${stored.kind}/${subresource}`
  let strategy = strategies.get(key)
  if (!strategy) {
    strategy = subresource === '' ? mainStrategy(stored) : subresourceStrategy(stored, subresource)
    strategies.set(key, strategy)
  }
  return strategy
}

function mainStrategy(resource: ResourceInfo): Strategy {
  const rules = rulesOf(resource)
  const hasStatus = resource.subresources.some((sub) => sub.name === 'status')
  const metadataRules = { namespaced: resource.namespaced, name: rules.name ?? dns1123Subdomain }
  return {
    allowCreateOnUpdate: rules.allowCreateOnUpdate ?? false,
    allowUnconditionalUpdate: rules.allowUnconditionalUpdate ?? true,
    prepareForCreate(object, context) {
      if (hasStatus && object.status !== undefined) object.status = {}
      if (rules.generation || rules.generationOnce) object.metadata.generation = 1
      rules.prepareForCreate?.(object, context)
    },
    prepareForUpdate(object, old, context) {
      if (hasStatus) {
        if (old.status === undefined) delete object.status
        else object.status = old.status
      }
      if (rules.generation || rules.generationOnce) keepGeneration(object, old)
      rules.prepareForUpdate?.(object, old, context)
      if (rules.generation && changed(object, old, rules.generation)) {
        object.metadata.generation = (old.metadata.generation ?? 0) + 1
      }
    },
    validateCreate(object, context) {
      const errors = validateObjectMeta(object.metadata, metadataRules)
      errors.push(...validateKubeFinalizers(object.metadata.finalizers))
      if (rules.validate) errors.push(...rules.validate(object, context))
      return errors
    },
    validateUpdate(object, old, context) {
      const errors = validateObjectMetaUpdate(object.metadata, old.metadata)
      errors.push(...validateKubeFinalizers(object.metadata.finalizers))
      if (rules.validateUpdate) errors.push(...rules.validateUpdate(object, old, context))
      else if (rules.validate) errors.push(...rules.validate(object, context))
      return errors
    },
    warningsOnCreate: (object) => rules.warningsOnCreate?.(object) ?? [],
    warningsOnUpdate: (object, old) => rules.warningsOnUpdate?.(object, old) ?? rules.warningsOnCreate?.(object) ?? [],
  }
}

function keepGeneration(object: KubeObject, old: KubeObject): void {
  if (old.metadata.generation === undefined) delete object.metadata.generation
  else object.metadata.generation = old.metadata.generation
}

function changed(object: KubeObject, old: KubeObject, fields: readonly string[] | '*'): boolean {
  if (fields !== '*') return fields.some((field) => !sameJson(valueAt(object, field), valueAt(old, field)))
  for (const field of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (field === 'metadata' || field === 'status' || field === 'kind' || field === 'apiVersion') continue
    if (!sameJson(object[field], old[field])) return true
  }
  return false
}

function valueAt(object: KubeObject, path: string): unknown {
  let value: unknown = object
  for (const step of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[step]
  return value
}

/** The common way of a status write: everything but status and the metadata's own bookkeeping stays as it was. */
function keepAllButStatus(object: KubeObject, old: KubeObject): void {
  for (const field of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (field === 'metadata' || field === 'status' || field === 'kind' || field === 'apiVersion') continue
    if (old[field] === undefined) delete object[field]
    else object[field] = old[field]
  }
  keepGeneration(object, old)
}

function subresourceStrategy(resource: ResourceInfo, subresource: string): Strategy {
  const kind: KindRules = rulesOf(resource)
  const rules: SubresourceRules = kind.subresources?.[subresource] ?? {}
  return {
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: kind.allowUnconditionalUpdate ?? true,
    prepareForCreate: (object, context) => mainStrategy(resource).prepareForCreate(object, context),
    prepareForUpdate(object: KubeObject, old: KubeObject, context: WriteContext) {
      if (rules.prepareForUpdate) rules.prepareForUpdate(object, old, context)
      else keepAllButStatus(object, old)
    },
    validateCreate: (object, context) => mainStrategy(resource).validateCreate(object, context),
    validateUpdate(object: KubeObject, old: KubeObject, context: WriteContext): FieldError[] {
      const errors = validateObjectMetaUpdate(object.metadata, old.metadata)
      if (rules.validateUpdate) errors.push(...rules.validateUpdate(object, old, context))
      return errors
    },
    warningsOnCreate: () => [],
    warningsOnUpdate: () => [],
  }
}

/** /scale of a resource, where it has one. */
export function scaleOf(resource: ResourceInfo) {
  return rulesOf(resource).scale
}

/** The warning that goes with every answer about a kind whose days are counted: `v1 Endpoints is deprecated in …`. */
export function deprecationOf(resource: ResourceInfo): string | undefined {
  return rulesOf(storageResource(resource)).deprecation
}
