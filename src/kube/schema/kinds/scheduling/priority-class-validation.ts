import type { FieldError, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { forbidden } from '../../validation/field-error.ts'
import { validateImmutable } from '../../validation/object-meta.ts'
import { validateEnum } from '../../validation/rules.ts'

type PriorityClass = Unchecked<k8s.PriorityClass>

const mostOfUsers = 1_000_000_000
const systemPriorities: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}

export function validatePriorityClass({ metadata, value = 0, globalDefault, preemptionPolicy }: PriorityClass) {
  const errors: FieldError[] = []
  const name = metadata?.name ?? ''
  if (name.startsWith('system-')) {
    const problem = problemOfSystemClass(name, value, globalDefault ?? false)
    const sentence = "priority class names with 'system-' prefix are reserved for system use only. error: "
    if (problem) errors.push(forbidden('metadata.name', sentence + problem))
  } else if (value > mostOfUsers) {
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${mostOfUsers}`))
  }
  if (preemptionPolicy !== undefined) {
    errors.push(...validateEnum(preemptionPolicy, ['PreemptLowerPriority', 'Never'], 'preemptionPolicy'))
  }
  return errors
}

function problemOfSystemClass(name: string, value: number, globalDefault: boolean): string | undefined {
  const wanted = systemPriorities[name]
  if (wanted === undefined) return `${name} is not a known system priority class`
  if (wanted !== value) return `value of ${name} PriorityClass must be ${wanted}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

export function validatePriorityClassUpdate(now: PriorityClass, old: PriorityClass): FieldError[] {
  const errors = validateImmutable(now.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy')
  if ((now.value ?? 0) !== (old.value ?? 0)) errors.unshift(forbidden('value', 'may not be changed in an update.'))
  return errors
}
