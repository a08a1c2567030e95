import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, duplicate, invalid, notSupported, required } from '../../validation/field-error.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { dns1123Subdomain } from '../../validation/names.ts'
import { validateReviewVersions, validateWebhookClient } from '../../validation/webhook-client.ts'
import { failurePolicies, matchPolicies, validateMatchConditions, validateRule } from './rule-validation.ts'

type Webhook = Unchecked<k8s.MutatingWebhook>

export function validateWebhooks(configuration: { webhooks?: readonly Webhook[] | undefined }): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  configuration.webhooks?.forEach((webhook, i) => {
    const here = at('webhooks', i)
    const { name = '' } = webhook
    errors.push(...validateWebhook(webhook, here))
    const versions = child(here, 'admissionReviewVersions')
    errors.push(...validateReviewVersions(webhook.admissionReviewVersions, versions, 'must specify one of v1, v1beta1'))
    if (name !== '' && names.has(name)) errors.push(duplicate(child(here, 'name'), name))
    names.add(name)
  })
  return errors
}

function validateWebhook(webhook: Webhook, path: FieldPath): FieldError[] {
  const errors = validateQualifiedDomain(webhook.name ?? '', child(path, 'name'))
  webhook.rules?.forEach((rule, i) => {
    errors.push(...validateRule(rule, at(child(path, 'rules'), i)))
  })
  const oneOf = (field: 'failurePolicy' | 'matchPolicy' | 'sideEffects', known: readonly string[]): void => {
    const value = webhook[field]
    if (value !== undefined && !known.includes(value)) errors.push(notSupported(child(path, field), value, known))
  }
  oneOf('failurePolicy', failurePolicies)
  oneOf('matchPolicy', matchPolicies)
  const sideEffects = ['None', 'NoneOnDryRun']
  if (webhook.sideEffects === undefined) {
    errors.push(required(child(path, 'sideEffects'), `must specify one of ${sideEffects.join(', ')}`))
  }
  oneOf('sideEffects', sideEffects)
  const seconds = webhook.timeoutSeconds
  if (seconds !== undefined && (seconds > 30 || seconds < 1)) {
    const sentence = 'the timeout value must be between 1 and 30 seconds'
    errors.push(invalid(child(path, 'timeoutSeconds'), seconds, sentence))
  }
  errors.push(...validateLabelSelector(webhook.namespaceSelector, child(path, 'namespaceSelector')))
  errors.push(...validateLabelSelector(webhook.objectSelector, child(path, 'objectSelector')))
  const reinvocation = webhook.reinvocationPolicy
  const known = ['IfNeeded', 'Never']
  if (reinvocation !== undefined && !known.includes(reinvocation)) {
    errors.push(notSupported(child(path, 'reinvocationPolicy'), reinvocation, known))
  }
  errors.push(...validateWebhookClient(webhook.clientConfig ?? {}, child(path, 'clientConfig')))
  errors.push(...validateMatchConditions(webhook.matchConditions, child(path, 'matchConditions')))
  return errors
}

function validateQualifiedDomain(name: string, path: FieldPath): FieldError[] {
  if (name === '') return [required(path)]
  const wrong = dns1123Subdomain(name)
  if (wrong.length > 0) return [invalid(path, name, wrong.join(','))]
  const sentence = 'should be a domain with at least three segments separated by dots'
  return name.split('.').length < 3 ? [invalid(path, name, sentence)] : []
}
