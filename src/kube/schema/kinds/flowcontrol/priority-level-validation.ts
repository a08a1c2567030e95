import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { child, forbidden, invalid, notSupported, required } from '../../validation/field-error.ts'
import { validateConditionTypes } from './condition-types.ts'

type Level = Unchecked<k8s.PriorityLevelConfiguration>

export function validatePriorityLevel({ metadata, spec = {}, status }: Level): FieldError[] {
  const errors: FieldError[] = []
  const { type = '', limited, exempt } = spec
  if ((metadata?.name === 'exempt') !== (type === 'Exempt')) {
    errors.push(invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"))
  }
  if (type === 'Exempt') {
    if (limited) errors.push(forbidden('spec.limited', 'must be nil if the type is not Limited'))
    errors.push(...validateShares(exempt, 'spec.exempt'))
  } else if (type === 'Limited') {
    if (exempt) errors.push(forbidden('spec.exempt', 'must be nil if the type is Limited'))
    if (limited) errors.push(...validateLimited(limited, 'spec.limited'))
    else errors.push(required('spec.limited', 'must not be empty when type is Limited'))
  } else errors.push(notSupported('spec.type', type, ['Exempt', 'Limited']))
  return [...errors, ...validateConditionTypes(status?.conditions)]
}

function validateShares(level: Unchecked<k8s.ExemptPriorityLevelConfiguration> | undefined, path: FieldPath) {
  const { nominalConcurrencyShares: shares = 0 } = level ?? {}
  const errors: FieldError[] = []
  if (shares < 0)
    errors.push(invalid(child(path, 'nominalConcurrencyShares'), shares, 'must be a non-negative integer'))
  return [...errors, ...validateLendable(level?.lendablePercent, path)]
}

function validateLendable(percent: number | undefined, path: FieldPath): FieldError[] {
  if (percent === undefined || (percent >= 0 && percent <= 100)) return []
  return [invalid(child(path, 'lendablePercent'), percent, 'must be between 0 and 100, inclusive')]
}

function validateLimited(limited: Unchecked<k8s.LimitedPriorityLevelConfiguration>, path: FieldPath): FieldError[] {
  const { nominalConcurrencyShares: shares = 0, borrowingLimitPercent: borrowed } = limited
  const errors: FieldError[] = []
  if (shares < 0)
    errors.push(invalid(child(path, 'nominalConcurrencyShares'), shares, 'must be a non-negative integer'))
  errors.push(...validateResponse(limited.limitResponse ?? {}, child(path, 'limitResponse')))
  errors.push(...validateLendable(limited.lendablePercent, path))
  if (borrowed !== undefined && borrowed < 0) {
    const sentence = 'if specified, must be a non-negative integer'
    errors.push(invalid(child(path, 'borrowingLimitPercent'), borrowed, sentence))
  }
  return errors
}

function validateResponse({ type = '', queuing }: Unchecked<k8s.LimitResponse>, path: FieldPath): FieldError[] {
  const here = child(path, 'queuing')
  if (type === 'Reject') {
    return queuing ? [forbidden(here, 'must be nil if limited.limitResponse.type is not Limited')] : []
  }
  if (type !== 'Queue') return [notSupported(child(path, 'type'), type, ['Queue', 'Reject'])]
  if (!queuing) return [required(here, 'must not be empty if limited.limitResponse.type is Limited')]
  const errors: FieldError[] = []
  const { queueLengthLimit = 0, queues = 0, handSize = 0 } = queuing
  if (queueLengthLimit <= 0) errors.push(invalid(child(here, 'queueLengthLimit'), queueLengthLimit, 'must be positive'))
  if (queues <= 0) errors.push(invalid(child(here, 'queues'), queues, 'must be positive'))
  else if (queues > 10_000_000) errors.push(invalid(child(here, 'queues'), queues, 'must not be greater than 10000000'))
  const hand = child(here, 'handSize')
  const bits = entropyBits(queues, handSize)
  if (handSize <= 0) errors.push(invalid(hand, handSize, 'must be positive'))
  else if (handSize > queues) errors.push(invalid(hand, handSize, `should not be greater than queues (${queues})`))
  else if (bits > 60) {
    const sentence = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than 60`
    errors.push(invalid(hand, handSize, sentence))
  }
  return errors
}

/** Bits of a hash that are needed to deal a hand out of a deck. */
const entropyBits = (deckSize: number, handSize: number): number => Math.ceil(Math.log2(deckSize) * handSize)
