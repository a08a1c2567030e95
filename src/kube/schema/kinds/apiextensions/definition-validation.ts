import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, forbidden, invalid, required } from '../../validation/field-error.ts'
import { dns1035Label, dns1123Subdomain } from '../../validation/names.ts'
import { validateImmutable } from '../../validation/object-meta.ts'
import { validateEnum } from '../../validation/rules.ts'
import { sameJson } from '../../validation/same-json.ts'
import { validateReviewVersions, validateWebhookClient } from '../../validation/webhook-client.ts'
import { validateColumn, validateSubresources } from './version-validation.ts'

type Definition = Unchecked<k8s.CustomResourceDefinition>
type Spec = Unchecked<k8s.CustomResourceDefinitionSpec>
type Version = Unchecked<k8s.CustomResourceDefinitionVersion>
type Names = Unchecked<k8s.CustomResourceDefinitionNames>

/** A definition's own rules. Whether its schemas are structural, and their CEL, is for who serves the resources. */
export function validateDefinition(definition: Definition): FieldError[] {
  const { metadata, spec = {} } = definition
  const wanted = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`
  const errors: FieldError[] = []
  if (metadata?.name !== wanted) {
    errors.push(invalid('metadata.name', metadata?.name ?? '', 'must be spec.names.plural+"."+spec.group'))
  }
  errors.push(...validateSpec(spec))
  errors.push(...validateStatus(definition))
  errors.push(...validateApproval(definition))
  if (spec.preserveUnknownFields) {
    const sentence =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
    errors.push(invalid('spec.preserveUnknownFields', true, sentence))
  }
  return errors
}

export function validateDefinitionUpdate(definition: Definition, old: Definition): FieldError[] {
  const { spec = {} } = definition
  const before = old.spec ?? {}
  const established = old.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')
  const errors = validateSpec(spec)
  if (established) {
    errors.push(...validateImmutable(spec.scope, before.scope, 'spec.scope'))
    errors.push(...validateImmutable(spec.names?.kind, before.names?.kind, 'spec.names.kind'))
  }
  errors.push(...validateImmutable(spec.group, before.group, 'spec.group'))
  errors.push(...validateImmutable(spec.names?.plural, before.names?.plural, 'spec.names.plural'))
  return [...errors, ...validateStatus(definition)]
}

export const validateDefinitionStatus = ({ status }: Definition): FieldError[] =>
  validateNames(status?.acceptedNames ?? {}, 'status.acceptedNames')

function validateSpec(spec: Spec): FieldError[] {
  const errors: FieldError[] = []
  const { group = '', names = {}, conversion } = spec
  const versions = spec.versions ?? []
  const wrongGroup = dns1123Subdomain(group)
  if (group === '') errors.push(required('spec.group'))
  else if (wrongGroup.length > 0) errors.push(invalid('spec.group', group, wrongGroup.join(',')))
  else if (!group.includes('.')) errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'))
  errors.push(...validateEnum(spec.scope, ['Cluster', 'Namespaced'], 'spec.scope'))
  versions.forEach(({ schema }, i) => {
    if (!schema?.openAPIV3Schema) errors.push(required(child(at('spec.versions', i), 'schema', 'openAPIV3Schema')))
  })
  versions.forEach((version, i) => {
    const here = at('spec.versions', i)
    const wrong = dns1035Label(version.name ?? '')
    if (wrong.length > 0) errors.push(invalid(child(here, 'name'), version.name ?? '', wrong.join(',')))
    errors.push(...validateDeprecation(version, here))
    if (!areSame(versions, 'subresources')) errors.push(...validateSubresources(version, here))
    if (!areSame(versions, 'additionalPrinterColumns')) errors.push(...validateColumns(version, here))
  })
  const shown = versions.map((version) => shownVersion(version, versions))
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.push(invalid('spec.versions', shown, 'must contain unique version names'))
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const sentence = 'must have exactly one version marked as storage version'
    errors.push(invalid('spec.versions', versions.length === 0 ? null : shown, sentence))
  }
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!names[field]) errors.push(required(`spec.names.${field}`))
  }
  errors.push(...validateNames(names, 'spec.names'))
  const [first] = versions
  if (first && areSame(versions, 'subresources')) errors.push(...validateSubresources(first, 'spec'))
  if (first && areSame(versions, 'additionalPrinterColumns')) errors.push(...validateColumns(first, 'spec'))
  return [...errors, ...validateConversion(conversion)]
}

/** What all versions have in common, Kubernetes looks at once, as if it were the spec's own. */
const areSame = (
  versions: readonly Version[],
  field: 'subresources' | 'additionalPrinterColumns' | 'schema',
): boolean => versions.every((version) => sameJson(version[field], versions[0]?.[field]))

const shownVersion = (version: Version, versions: readonly Version[]): object => ({
  Name: version.name ?? '',
  Served: version.served ?? false,
  Storage: version.storage ?? false,
  Deprecated: version.deprecated ?? false,
  DeprecationWarning: version.deprecationWarning ?? null,
  Schema: areSame(versions, 'schema') ? null : (version.schema ?? null),
  Subresources: areSame(versions, 'subresources') ? null : (version.subresources ?? null),
  AdditionalPrinterColumns: null,
  SelectableFields: null,
})

const validateColumns = (version: Version, path: FieldPath): FieldError[] =>
  (version.additionalPrinterColumns ?? []).flatMap((column, i) =>
    validateColumn(column, at(child(path, 'additionalPrinterColumns'), i)),
  )

function validateDeprecation({ deprecated, deprecationWarning: text }: Version, path: FieldPath): FieldError[] {
  const here = child(path, 'deprecationWarning')
  if (text === undefined) return []
  if (!deprecated) return [invalid(here, text, 'can only be set for deprecated versions')]
  const errors: FieldError[] = []
  if (text.length > 256) errors.push(invalid(here, text, 'must be <= 256 characters long'))
  if (text === '') errors.push(invalid(here, text, 'must not be an empty string'))
  const unprintable = /[\p{C}\u2028\u2029]/u.exec(text)
  if (unprintable) {
    const found = `non-printable character found at index ${unprintable.index}`
    errors.push(invalid(here, text, `must only contain printable UTF-8 characters; ${found}`))
  }
  return errors
}

function validateNames(names: Names, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const label = (value: string | undefined, here: FieldPath, intro = ''): void => {
    const wrong = dns1035Label(intro === '' ? (value ?? '') : (value ?? '').toLowerCase())
    if (value && wrong.length > 0) errors.push(invalid(here, value, intro + wrong.join(',')))
  }
  const mixed = 'may have mixed case, but should otherwise match: '
  label(names.plural, child(path, 'plural'))
  label(names.singular, child(path, 'singular'))
  label(names.kind, child(path, 'kind'), mixed)
  label(names.listKind, child(path, 'listKind'), mixed)
  names.shortNames?.forEach((name, i) => {
    label(name, at(child(path, 'shortNames'), i))
  })
  if (names.kind && names.kind === names.listKind) {
    errors.push(invalid(child(path, 'listKind'), names.listKind, 'kind and listKind may not be the same'))
  }
  names.categories?.forEach((name, i) => {
    label(name, at(child(path, 'categories'), i))
  })
  return errors
}

function validateConversion(conversion: Spec['conversion']): FieldError[] {
  if (!conversion) return []
  const errors = validateEnum(conversion.strategy, ['None', 'Webhook'], 'spec.conversion.strategy')
  const { clientConfig, conversionReviewVersions } = conversion.webhook ?? {}
  const client = 'spec.conversion.webhookClientConfig'
  const versions = 'spec.conversion.conversionReviewVersions'
  if (conversion.strategy === 'Webhook') {
    if (clientConfig) errors.push(...validateWebhookClient(clientConfig, client))
    else errors.push(required(client, 'required when strategy is set to Webhook'))
    return [...errors, ...validateReviewVersions(conversionReviewVersions, versions, '')]
  }
  const sentence = 'should not be set when strategy is not set to Webhook'
  if (clientConfig) errors.push(forbidden(client, sentence))
  if (conversionReviewVersions && conversionReviewVersions.length > 0) errors.push(forbidden(versions, sentence))
  return errors
}

function validateStatus({ spec, status }: Definition): FieldError[] {
  const errors = validateNames(status?.acceptedNames ?? {}, 'status.acceptedNames')
  const path = 'status.storedVersions'
  const stored = status?.storedVersions ?? []
  if (stored.length === 0) return [...errors, invalid(path, stored, 'must have at least one stored version')]
  for (const { name = '', storage } of spec?.versions ?? []) {
    if (storage && !stored.includes(name)) errors.push(invalid(path, stored, `must have the storage version ${name}`))
  }
  stored.forEach((name, i) => {
    if (spec?.versions?.some((version) => version.name === name)) return
    const sentence = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`
    errors.push(invalid(at(path, i), name, sentence))
  })
  return errors
}

function validateApproval({ metadata, spec }: Definition): FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec?.group ?? '')) return []
  const key = 'api-approved.kubernetes.io'
  const text = metadata?.annotations?.[key] ?? ''
  const intro = `protected groups must have approval annotation "${key}"`
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111'
  const here = at('metadata.annotations', key)
  if (text === '') return [required(here, `${intro}, ${see}`)]
  if (text.startsWith('unapproved') || /^[a-z][-+.a-z0-9]*:\/\/[^/]/i.test(text)) return []
  return [invalid(here, text, `${intro} with either a URL or a reason starting with "unapproved", ${see}`)]
}
