import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { at, invalid } from '../../validation/field-error.ts'
import { dns1123Label, qualifiedNameRule } from '../../validation/names.ts'
import { validateKubeFinalizers } from '../../validation/object-meta.ts'
import { validateName } from '../../validation/rules.ts'

/** Kubernetes' own finalizer: the namespace is there until everything in it is gone. */
const kubernetesFinalizer = 'kubernetes'

export const namespace = defineKind<k8s.Namespace>({
  name: dns1123Label,
  defaults(namespace) {
    if (namespace.metadata?.name) {
      namespace.metadata.labels ??= {}
      namespace.metadata.labels['kubernetes.io/metadata.name'] = namespace.metadata.name
    }
    namespace.status ??= {}
    namespace.status.phase ||= 'Active'
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' }
    namespace.spec ??= {}
    namespace.spec.finalizers ??= []
    if (!namespace.spec.finalizers.includes(kubernetesFinalizer)) namespace.spec.finalizers.push(kubernetesFinalizer)
    // a generated name is known only now
    if (namespace.metadata?.name) {
      namespace.metadata.labels ??= {}
      namespace.metadata.labels['kubernetes.io/metadata.name'] = namespace.metadata.name
    }
  },
  prepareForUpdate(namespace, old) {
    namespace.spec ??= {}
    if (old.spec?.finalizers) namespace.spec.finalizers = old.spec.finalizers
    else delete namespace.spec.finalizers
    namespace.status = old.status
  },
  validate: ({ spec }) =>
    (spec?.finalizers ?? []).flatMap((finalizer) => validateFinalizer(finalizer, 'spec.finalizers')),
  validateUpdate: () => [],
  printer: {
    columns: [nameColumn, column('Status', 'Active, or Terminating while it is being emptied.'), ageColumn],
    cells: (namespace, nowMs) => [nameOf(namespace), namespace.status?.phase ?? '', ageCell(namespace, nowMs)],
  },
  fields: { supported: ['status.phase'], of: ({ status }) => ({ 'status.phase': status?.phase ?? '' }) },
  subresources: {
    status: {
      prepareForUpdate(namespace, old) {
        namespace.spec = old.spec
      },
      validateUpdate: validatePhase,
    },
    finalize: {
      prepareForUpdate(namespace, old) {
        namespace.status = old.status
      },
      validateUpdate: ({ spec }) =>
        (spec?.finalizers ?? []).flatMap((finalizer, i) => validateFinalizer(finalizer, at('spec.finalizers', i))),
    },
  },
})

function validateFinalizer(finalizer: string, path: FieldPath): FieldError[] {
  const errors = validateName(qualifiedNameRule, finalizer, path)
  return [...errors, ...validateKubeFinalizers([finalizer]).map((error) => ({ ...error, field: path }))]
}

function validatePhase({ metadata, status }: Unchecked<k8s.Namespace>): FieldError[] {
  const phase = status?.phase ?? ''
  const wanted = metadata?.deletionTimestamp ? 'Terminating' : 'Active'
  if (phase === wanted) return []
  const when = metadata?.deletionTimestamp ? 'is not empty' : 'is empty'
  return [invalid('status.Phase', phase, `may only be '${wanted}' if \`deletionTimestamp\` ${when}`)]
}
