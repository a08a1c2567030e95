import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { genericPrinter } from '../../generic-printer.ts'
import { defineKind, type PrinterOf } from '../../rules.ts'
import { validateDefinition, validateDefinitionStatus, validateDefinitionUpdate } from './definition-validation.ts'

type Definition = Unchecked<k8s.CustomResourceDefinition>

export const customResourceDefinition = defineKind<k8s.CustomResourceDefinition>({
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  generation: ['spec'],
  allowUnconditionalUpdate: false,
  defaults(definition) {
    const { spec } = definition
    if (!spec) return
    if (spec.names) {
      spec.names.singular ||= spec.names.kind?.toLowerCase()
      if (spec.names.kind) spec.names.listKind ||= `${spec.names.kind}List`
    }
    spec.conversion ??= { strategy: 'None' }
    const service = spec.conversion.webhook?.clientConfig?.service
    if (service) service.port ??= 443
    definition.status ??= {}
    if ((definition.status.storedVersions?.length ?? 0) === 0) {
      definition.status.storedVersions = null as unknown as string[]
      addStoredVersion(definition)
    }
  },
  prepareForCreate(definition) {
    definition.status = { storedVersions: [] }
    addStoredVersion(definition)
  },
  prepareForUpdate: addStoredVersion,
  printer: genericPrinter as PrinterOf<k8s.CustomResourceDefinition>,
  subresources: {
    status: {
      validateUpdate: validateDefinitionStatus,
      prepareForUpdate(definition, old) {
        definition.spec = old.spec
        if (definition.metadata) definition.metadata.generation = old.metadata?.generation
      },
    },
  },
})

/** The version in which objects are written from now on is one of those in which there may be some. */
function addStoredVersion(definition: Definition): void {
  const storage = definition.spec?.versions?.find((version) => version.storage)?.name
  if (storage === undefined) return
  const stored = definition.status?.storedVersions ?? []
  if (!stored.includes(storage)) definition.status = { ...definition.status, storedVersions: [...stored, storage] }
}
