import type { FieldError, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { invalid, invalidOmitted, required } from '../../validation/field-error.ts'
import { dns1123Subdomain, qualifiedNameRule } from '../../validation/names.ts'
import { validateName } from '../../validation/rules.ts'

/** Events of version 1, old ones and new ones; events.k8s.io asks for more. */
export function validateEvent(event: Unchecked<k8s.Event>): FieldError[] {
  const errors: FieldError[] = []
  const namespace = event.metadata?.namespace ?? ''
  const involved = event.involvedObject?.namespace ?? ''
  const mismatch = invalid('involvedObject.namespace', involved, 'does not match event.namespace')
  if (event.eventTime) {
    if (involved === '' && namespace !== 'default' && namespace !== 'kube-system') errors.push(mismatch)
    const reporter = event.reportingComponent ?? ''
    if (reporter === '') errors.push(required('reportingComponent'))
    errors.push(...validateName(qualifiedNameRule, reporter, 'reportingComponent'))
    for (const field of ['reportingInstance', 'action', 'reason'] as const) {
      const length = event[field]?.length ?? 0
      if (length === 0) errors.push(required(field))
      if (length > 128) errors.push(invalidOmitted(field, 'can have at most 128 characters'))
    }
    if ((event.message?.length ?? 0) > 1024) errors.push(invalidOmitted('message', 'can have at most 1024 characters'))
  } else if (involved === '' ? namespace !== '' && namespace !== 'default' : namespace !== involved) {
    errors.push(mismatch)
  }
  return [...errors, ...validateName(dns1123Subdomain, namespace, 'namespace')]
}
