import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, duplicate, forbidden, invalid, required } from '../../validation/field-error.ts'
import { qualifiedNameRule } from '../../validation/names.ts'
import { validateName } from '../../validation/rules.ts'
import { compareQuantities, parseQuantity } from '../../value/quantity.ts'
import { isNativeResource, validateContainerResourceName, validateResourceName } from './pod-validation/resources.ts'

type Item = Unchecked<k8s.LimitRangeItem>

const standardTypes = ['Pod', 'Container', 'PersistentVolumeClaim']

export function validateLimitRange({ spec }: Unchecked<k8s.LimitRange>): FieldError[] {
  const errors: FieldError[] = []
  const types = new Set<string>()
  spec?.limits?.forEach((item, i) => {
    const here = at('spec.limits', i)
    const { type = '' } = item
    const wrong = validateName(qualifiedNameRule, type, child(here, 'type'))
    if (wrong.length === 0 && !type.includes('/') && !standardTypes.includes(type)) {
      wrong.push(invalid(child(here, 'type'), type, 'must be a standard limit type or fully qualified'))
    }
    errors.push(...wrong)
    if (types.has(type)) errors.push(duplicate(child(here, 'type'), type))
    types.add(type)
    errors.push(...validateItem(item, here))
  })
  return errors
}

function validateItem(item: Item, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const ofContainers = item.type === 'Pod' || item.type === 'Container'
  const validateKey = ofContainers ? validateContainerResourceName : validateResourceName
  const names = new Set<string>()
  const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const
  for (const list of lists) {
    if (item.type === 'Pod' && (list === 'default' || list === 'defaultRequest')) {
      if (Object.keys(item[list] ?? {}).length > 0) {
        errors.push(forbidden(child(path, list), "may not be specified when `type` is 'Pod'"))
      }
      continue
    }
    for (const name in item[list]) {
      names.add(name)
      errors.push(...validateKey(name, at(child(path, list), name)))
    }
  }
  if (item.type === 'PersistentVolumeClaim' && item.min?.storage === undefined && item.max?.storage === undefined) {
    const sentence = 'either minimum or maximum storage value is required, but neither was provided'
    errors.push(required(child(path, 'limits'), sentence))
  }
  for (const name of names) errors.push(...validateBounds(item, name, path))
  return errors
}

type Bound = string | number | undefined

function validateBounds(item: Item, name: string, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { min, max, default: limit, defaultRequest: request, maxLimitRequestRatio: ratio } = item
  const above = (low: Bound, high: Bound, field: keyof Item, shown: Bound, sentence: string) => {
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) return
    errors.push(invalid(at(child(path, field), name), shown, sentence))
  }
  const [least, most, normal, asked] = [min?.[name], max?.[name], limit?.[name], request?.[name]]
  above(least, most, 'min', least, `min value ${least} is greater than max value ${most}`)
  above(least, asked, 'defaultRequest', asked, `min value ${least} is greater than default request value ${asked}`)
  above(asked, most, 'defaultRequest', asked, `default request value ${asked} is greater than max value ${most}`)
  above(
    asked,
    normal,
    'defaultRequest',
    asked,
    `default request value ${asked} is greater than default limit value ${normal}`,
  )
  above(least, normal, 'default', least, `min value ${least} is greater than default value ${normal}`)
  above(normal, most, 'default', most, `default value ${normal} is greater than max value ${most}`)
  const factor = ratio?.[name]
  const here = at(child(path, 'maxLimitRequestRatio'), name)
  if (factor !== undefined && compareQuantities(factor, '1') < 0) {
    errors.push(invalid(here, factor, `ratio ${factor} is less than 1`))
  }
  if (factor !== undefined && least !== undefined && most !== undefined) {
    const bound = Number(parseQuantity(most).nanos) / Number(parseQuantity(least).nanos)
    if (Number(parseQuantity(factor).nanos) / 1e9 > bound) {
      errors.push(invalid(here, factor, `ratio ${factor} is greater than max/min = ${bound.toFixed(6)}`))
    }
  }
  const fixed = !isNativeResource(name) || name.startsWith('hugepages-')
  if (fixed && normal !== undefined && asked !== undefined && compareQuantities(normal, asked) !== 0) {
    const sentence = `default value ${normal} must equal to defaultRequest value ${asked} in ${name}`
    errors.push(invalid(at(child(path, 'defaultRequest'), name), asked, sentence))
  }
  return errors
}
