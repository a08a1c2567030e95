import type { FieldError, FieldPath, Metadata } from '../contract.ts'
import { at, child, forbidden, goQuote, internalError, invalid, required, tooLong } from './field-error.ts'
import { byteLength, dns1123Label, labelValueRule, type NameRule, prefixed, qualifiedNameRule } from './names.ts'
import { sameJson } from './same-json.ts'

const annotationsLimitBytes = 256 * 1024

export const immutableMessage = 'field is immutable'

/** Labels as they stand at `path`; keys and values are both reported at the map itself. */
export function validateLabels(
  labels: Readonly<Record<string, string | undefined>> | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  for (const key in labels) {
    for (const message of qualifiedNameRule(key)) errors.push(invalid(path, key, message))
    const value = labels[key] ?? ''
    for (const message of labelValueRule(value)) errors.push(invalid(path, value, message))
  }
  return errors
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string | undefined>> | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const key in annotations) {
    for (const message of qualifiedNameRule(key.toLowerCase())) errors.push(invalid(path, key, message))
    bytes += byteLength(key) + byteLength(annotations[key] ?? '')
  }
  if (bytes > annotationsLimitBytes) errors.push(tooLong(path, annotationsLimitBytes))
  return errors
}

export interface MetadataRules {
  readonly namespaced: boolean
  readonly name: NameRule
  readonly path?: FieldPath
}

/** metadata of an object that is created; its name is already generated. */
export function validateObjectMeta(
  metadata: Metadata,
  { namespaced, name, path = 'metadata' }: MetadataRules,
): FieldError[] {
  const errors: FieldError[] = []
  if (metadata.generateName) {
    for (const message of prefixed(name)(metadata.generateName)) {
      errors.push(invalid(child(path, 'generateName'), metadata.generateName, message))
    }
  }
  if (!metadata.name) errors.push(required(child(path, 'name'), 'name or generateName is required'))
  else for (const message of name(metadata.name)) errors.push(invalid(child(path, 'name'), metadata.name, message))
  if (namespaced) {
    if (!metadata.namespace) errors.push(required(child(path, 'namespace')))
    else {
      for (const message of dns1123Label(metadata.namespace)) {
        errors.push(invalid(child(path, 'namespace'), metadata.namespace, message))
      }
    }
  } else if (metadata.namespace) errors.push(forbidden(child(path, 'namespace'), 'not allowed on this type'))
  if ((metadata.generation ?? 0) < 0) {
    errors.push(invalid(child(path, 'generation'), metadata.generation, 'must be greater than or equal to 0'))
  }
  errors.push(...validateLabels(metadata.labels, child(path, 'labels')))
  errors.push(...validateAnnotations(metadata.annotations, child(path, 'annotations')))
  errors.push(...validateOwnerReferences(metadata, child(path, 'ownerReferences')))
  errors.push(...validateFinalizers(metadata.finalizers, child(path, 'finalizers')))
  errors.push(...validateManagedFields(metadata, child(path, 'managedFields')))
  return errors
}

/** metadata of an object that replaces `old`. */
export function validateObjectMetaUpdate(
  metadata: Metadata,
  old: Metadata,
  path: FieldPath = 'metadata',
): FieldError[] {
  const errors: FieldError[] = []
  if (old.deletionTimestamp) {
    const had = new Set(old.finalizers)
    const added = [...new Set(metadata.finalizers)].filter((f) => !had.has(f)).sort()
    if (added.length > 0) {
      errors.push(
        forbidden(
          child(path, 'finalizers'),
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map(goQuote).join(', ')}}`,
        ),
      )
    }
  }
  if (!metadata.resourceVersion) {
    errors.push(invalid(child(path, 'resourceVersion'), '', 'must be specified for an update'))
  }
  if ((metadata.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalid(child(path, 'generation'), metadata.generation ?? 0, 'must not be decremented'))
  }
  for (const field of ['name', 'namespace', 'uid'] as const) {
    const value = metadata[field] ?? ''
    if (value !== (old[field] ?? '')) errors.push(invalid(child(path, field), value, immutableMessage))
  }
  for (const field of ['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    const value = metadata[field] ?? null
    if (value !== (old[field] ?? null)) errors.push(invalid(child(path, field), value, immutableMessage))
  }
  errors.push(...validateLabels(metadata.labels, child(path, 'labels')))
  errors.push(...validateAnnotations(metadata.annotations, child(path, 'annotations')))
  errors.push(...validateOwnerReferences(metadata, child(path, 'ownerReferences')))
  errors.push(...validateManagedFields(metadata, child(path, 'managedFields')))
  return errors
}

/** `path: Invalid value: …: field is immutable`, where the two differ; `shown` is how the refusal prints the value. */
export function validateImmutable(
  value: unknown,
  old: unknown,
  path: FieldPath,
  shown: (value: unknown) => unknown = (value) => value,
): FieldError[] {
  return sameJson(value, old) ? [] : [invalid(path, shown(value) ?? null, immutableMessage)]
}

function validateOwnerReferences({ ownerReferences }: Metadata, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  let controller: string | undefined
  for (const owner of ownerReferences ?? []) {
    const { apiVersion = '', kind = '', name = '', uid = '' } = owner
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
    if (version === '') errors.push(invalid(child(path, 'apiVersion'), apiVersion, 'version must not be empty'))
    if (kind === '') errors.push(invalid(child(path, 'kind'), kind, 'must not be empty'))
    if (name === '') errors.push(invalid(child(path, 'name'), name, 'must not be empty'))
    if (uid === '') errors.push(invalid(child(path, 'uid'), uid, 'must not be empty'))
    if (apiVersion === 'v1' && kind === 'Event') {
      errors.push(invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner'))
    }
    if (!owner.controller) continue
    if (controller !== undefined) {
      errors.push(
        invalid(
          path,
          ownerReferences,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${kind}/${name}`,
        ),
      )
    } else controller = `${kind}/${name}`
  }
  return errors
}

export function validateFinalizers(finalizers: readonly string[] | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const finalizer of finalizers ?? []) {
    for (const message of qualifiedNameRule(finalizer)) errors.push(invalid(path, finalizer, message))
  }
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  return errors
}

const standardFinalizers = ['foregroundDeletion', 'orphan', 'kubernetes']

/** Finalizers of built-in kinds are known ones, or have a domain. */
export function validateKubeFinalizers(
  finalizers: readonly string[] | undefined,
  path = 'metadata.finalizers',
): FieldError[] {
  return (finalizers ?? []).flatMap((finalizer, i) =>
    finalizer.includes('/') || standardFinalizers.includes(finalizer)
      ? []
      : [invalid(at(path, i), finalizer, 'name is neither a standard finalizer name nor is it fully qualified')],
  )
}

function validateManagedFields({ managedFields }: Metadata, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  managedFields?.forEach((entry, i) => {
    const here = at(path, i)
    const operation = entry.operation ?? ''
    if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(invalid(child(here, 'operation'), operation, 'must be `Apply` or `Update`'))
    }
    if (entry.fieldsType && entry.fieldsType !== 'FieldsV1') {
      errors.push(invalid(child(here, 'fieldsType'), entry.fieldsType, 'must be `FieldsV1`'))
    }
    if (typeof entry.manager === 'string') errors.push(...validateFieldManager(entry.manager, child(here, 'manager')))
    if (typeof entry.subresource === 'string' && entry.subresource.length > 256) {
      errors.push(tooLong(child(here, 'subresource'), 256))
    }
  })
  return errors
}

/** A field manager's name, of options or of an entry. */
export function validateFieldManager(manager: string, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (byteLength(manager) > 128) errors.push(tooLong(path, 128))
  let position = 0
  for (const c of manager) {
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(c)) {
      const code = (c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      errors.push(invalid(path, manager, `invalid character U+${code} (at position ${position})`))
    }
    position += byteLength(c)
  }
  return errors
}

/** A create that was to generate a name but did not. */
export function nameNotGenerated(generateName: string): FieldError {
  return internalError(
    'metadata.name',
    `generateName was specified (${goQuote(generateName)}), but no name was generated`,
  )
}
