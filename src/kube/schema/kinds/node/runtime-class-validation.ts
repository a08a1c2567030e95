import type { FieldError, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, duplicate, required } from '../../validation/field-error.ts'
import { dns1123Label } from '../../validation/names.ts'
import { validateImmutable, validateLabels } from '../../validation/object-meta.ts'
import { validateName } from '../../validation/rules.ts'
import { internalForm } from '../../validation/spec-diff.ts'
import { validateResources } from '../core/pod-validation/resources.ts'
import { validateTolerations } from '../core/pod-validation/scheduling.ts'

type RuntimeClass = Unchecked<k8s.RuntimeClass>

export function validateRuntimeClass({ handler = '', overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors = handler === '' ? [required('handler')] : validateName(dns1123Label, handler, 'handler')
  if (overhead) errors.push(...validateResources({ limits: overhead.podFixed ?? {} }, new Set(), 'overhead'))
  if (scheduling) {
    errors.push(...validateLabels(scheduling.nodeSelector as Record<string, string>, 'scheduling.nodeSelector'))
    errors.push(...validateTolerations(scheduling.tolerations, 'scheduling.tolerations'))
    const seen = new Set<string>()
    scheduling.tolerations?.forEach((toleration, i) => {
      const { key, operator, value, effect } = toleration
      const text = JSON.stringify([key ?? '', operator ?? '', value ?? '', effect ?? ''])
      const shown = internalForm('Toleration', toleration)
      if (seen.has(text)) errors.push(duplicate(at('scheduling.tolerations', i), shown))
      seen.add(text)
    })
  }
  return errors
}

export const validateRuntimeClassUpdate = (now: RuntimeClass, old: RuntimeClass): FieldError[] =>
  validateImmutable(now.handler, old.handler, 'handler')
