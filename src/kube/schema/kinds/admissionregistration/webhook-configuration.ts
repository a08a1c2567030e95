import { ageCell, nameOf } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind, type PrinterOf } from '../../rules.ts'
import { validateWebhooks } from './webhook-validation.ts'

interface Configuration {
  metadata: k8s.ObjectMeta
  webhooks?: k8s.MutatingWebhook[]
}

function printer<T>(): PrinterOf<T> {
  const common: PrinterOf<Configuration> = {
    columns: [nameColumn, column('Webhooks', 'How many webhooks there are.', 0, 'integer'), ageColumn],
    cells: (object, nowMs) => [nameOf(object), object.webhooks?.length ?? 0, ageCell(object, nowMs)],
  }
  return common as unknown as PrinterOf<T>
}

function defaultWebhook(webhook: Unchecked<k8s.MutatingWebhook>): void {
  webhook.failurePolicy ??= 'Fail'
  webhook.matchPolicy ??= 'Equivalent'
  webhook.namespaceSelector ??= {}
  webhook.objectSelector ??= {}
  webhook.timeoutSeconds ??= 10
  for (const rule of webhook.rules ?? []) rule.scope ??= '*'
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443
}

export const mutatingWebhookConfiguration = defineKind<k8s.MutatingWebhookConfiguration>({
  validate: validateWebhooks,
  generation: ['webhooks'],
  allowUnconditionalUpdate: false,
  defaults(configuration) {
    for (const webhook of configuration.webhooks ?? []) {
      defaultWebhook(webhook)
      webhook.reinvocationPolicy ??= 'Never'
    }
  },
  printer: printer(),
})

export const validatingWebhookConfiguration = defineKind<k8s.ValidatingWebhookConfiguration>({
  validate: validateWebhooks,
  generation: ['webhooks'],
  allowUnconditionalUpdate: false,
  defaults(configuration) {
    for (const webhook of configuration.webhooks ?? []) defaultWebhook(webhook)
  },
  printer: printer(),
})
