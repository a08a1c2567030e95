import type { Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { genericPrinter } from '../../generic-printer.ts'
import { defineKind, type PrinterOf } from '../../rules.ts'
import { validateLimitRange } from './limit-range-validation.ts'
import { roundUp } from './pod-spec-defaults.ts'

export const limitRange = defineKind<k8s.LimitRange>({
  validate: validateLimitRange,
  allowCreateOnUpdate: true,
  printer: genericPrinter as PrinterOf<k8s.LimitRange>,
  defaults(range) {
    for (const item of range.spec?.limits ?? []) defaultItem(item)
  },
})

function defaultItem(item: Unchecked<k8s.LimitRangeItem>): void {
  for (const list of [item.max, item.min, item.default, item.defaultRequest, item.maxLimitRequestRatio]) roundUp(list)
  if (item.type !== 'Container') return
  const limits = { ...item.max, ...item.default }
  const requests = { ...item.min, ...limits, ...item.defaultRequest }
  if (Object.keys(limits).length > 0) item.default = limits
  if (Object.keys(requests).length > 0) item.defaultRequest = requests
}
