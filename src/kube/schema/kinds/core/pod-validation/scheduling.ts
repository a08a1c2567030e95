import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, duplicate, forbidden, invalid, notSupported, required } from '../../../validation/field-error.ts'
import { validateLabelName, validateLabelSelector } from '../../../validation/label-selector.ts'
import { dns1123Label, dns1123Subdomain, labelValueRule } from '../../../validation/names.ts'
import { validateName, validatePositive } from '../../../validation/rules.ts'

type PodSpec = Unchecked<k8s.PodSpec>
type Term = Unchecked<k8s.PodAffinityTerm>
type NodeTerm = Unchecked<k8s.NodeSelectorTerm>

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateTaintEffect(effect: string | undefined, path: FieldPath): FieldError[] {
  if (!effect) return [required(path)]
  return effects.includes(effect) ? [] : [notSupported(path, effect, effects)]
}

export function validateTolerations(tolerations: PodSpec['tolerations'], path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  tolerations?.forEach(({ key = '', operator = '', value = '', effect = '', tolerationSeconds }, i) => {
    const here = at(path, i)
    if (key !== '') errors.push(...validateLabelName(key, child(here, 'key')))
    else if (operator !== 'Exists') {
      const sentence = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(invalid(child(here, 'operator'), operator, sentence))
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(invalid(child(here, 'effect'), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    }
    if (operator === '' || operator === 'Equal') {
      const wrong = labelValueRule(value)
      if (wrong.length > 0) errors.push(invalid(child(here, 'operator'), value, wrong.join(';')))
    } else if (operator === 'Exists') {
      if (value !== '') {
        errors.push(invalid(child(here, 'operator'), value, "value must be empty when `operator` is 'Exists'"))
      }
    } else {
      const comparing = operator === 'Lt' || operator === 'Gt'
      const known = comparing ? ['Equal', 'Exists', 'Lt', 'Gt'] : ['Equal', 'Exists']
      errors.push(notSupported(child(here, 'operator'), operator, known))
    }
    if (effect !== '') errors.push(...validateTaintEffect(effect, child(here, 'effect')))
  })
  return errors
}

export function validateNodeSelector(selector: Unchecked<k8s.NodeSelector>, path: FieldPath): FieldError[] {
  const terms = selector.nodeSelectorTerms ?? []
  const here = child(path, 'nodeSelectorTerms')
  if (terms.length === 0) return [required(here, 'must have at least one node selector term')]
  return terms.flatMap((term, i) => validateNodeTerm(term, at(here, i), true))
}

function validateNodeTerm(term: NodeTerm, path: FieldPath, strictValues: boolean): FieldError[] {
  const errors: FieldError[] = []
  term.matchExpressions?.forEach(({ key = '', operator = '', values = [] }, i) => {
    const here = at(child(path, 'matchExpressions'), i)
    const valuesPath = child(here, 'values')
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) errors.push(required(valuesPath, "must be specified when `operator` is 'In' or 'NotIn'"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        errors.push(forbidden(valuesPath, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
      }
    } else if (operator === 'Gt' || operator === 'Lt') {
      if (values.length !== 1) {
        errors.push(required(valuesPath, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
      }
    } else errors.push(invalid(child(here, 'operator'), operator, 'not a valid selector operator'))
    errors.push(...validateLabelName(key, child(here, 'key')))
    if (strictValues)
      errors.push(...values.flatMap((value, j) => validateName(labelValueRule, value, at(valuesPath, j))))
  })
  term.matchFields?.forEach(({ key = '', operator = '', values = [] }, i) => {
    const here = at(child(path, 'matchFields'), i)
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length !== 1) {
        const sentence = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        errors.push(required(child(here, 'values'), sentence))
      }
    } else errors.push(invalid(child(here, 'operator'), operator, 'not a valid selector operator'))
    if (key !== 'metadata.name') errors.push(invalid(child(here, 'key'), key, 'not a valid field selector key'))
    else
      errors.push(...values.flatMap((value, j) => validateName(dns1123Subdomain, value, at(child(here, 'values'), j))))
  })
  return errors
}

const requiredTerms = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferredTerms = 'preferredDuringSchedulingIgnoredDuringExecution'
const weightSentence = 'must be in the range 1-100'
const isWeight = (weight = 0): boolean => weight > 0 && weight <= 100

export function validateAffinity(affinity: PodSpec['affinity'], path: FieldPath): FieldError[] {
  if (!affinity) return []
  const errors: FieldError[] = []
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  if (nodeAffinity) {
    const here = child(path, 'nodeAffinity')
    const wanted = nodeAffinity[requiredTerms]
    if (wanted) errors.push(...validateNodeSelector(wanted, child(here, requiredTerms)))
    nodeAffinity[preferredTerms]?.forEach((term, i) => {
      const at1 = at(child(here, preferredTerms), i)
      if (!isWeight(term.weight)) errors.push(invalid(child(at1, 'weight'), term.weight ?? 0, weightSentence))
      errors.push(...validateNodeTerm(term.preference ?? {}, child(at1, 'preference'), false))
    })
  }
  if (podAffinity) errors.push(...validatePodAffinity(podAffinity, child(path, 'podAffinity')))
  if (podAntiAffinity) errors.push(...validatePodAffinity(podAntiAffinity, child(path, 'podAntiAffinity')))
  return errors
}

function validatePodAffinity(affinity: Unchecked<k8s.PodAffinity>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  affinity[requiredTerms]?.forEach((term, i) => {
    errors.push(...validatePodTerm(term, at(child(path, requiredTerms), i)))
  })
  affinity[preferredTerms]?.forEach((weighted, i) => {
    const here = at(child(path, preferredTerms), i)
    if (!isWeight(weighted.weight)) errors.push(invalid(child(here, 'weight'), weighted.weight ?? 0, weightSentence))
    errors.push(...validatePodTerm(weighted.podAffinityTerm ?? {}, child(here, 'podAffinityTerm')))
  })
  return errors
}

function validatePodTerm(term: Term, path: FieldPath): FieldError[] {
  const errors = [
    ...validateLabelSelector(term.labelSelector, child(path, 'labelSelector')),
    ...validateLabelSelector(term.namespaceSelector, child(path, 'namespaceSelector')),
    ...(term.namespaces ?? []).flatMap((name) => validateName(dns1123Label, name, child(path, 'namespace'))),
    ...validateLabelKeys(term, path),
  ]
  const { topologyKey = '' } = term
  if (topologyKey === '') errors.push(required(child(path, 'topologyKey'), 'can not be empty'))
  errors.push(...validateLabelName(topologyKey, child(path, 'topologyKey')))
  return errors
}

/** Keys whose values a pod's own labels give: not those that the selector names already. */
function validateLabelKeys(
  {
    matchLabelKeys = [],
    mismatchLabelKeys = [],
    labelSelector,
  }: Pick<Term, 'matchLabelKeys' | 'mismatchLabelKeys' | 'labelSelector'>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  for (const [field, keys] of Object.entries({ matchLabelKeys, mismatchLabelKeys })) {
    if (keys.length === 0) continue
    const here = child(path, field)
    if (!labelSelector) errors.push(forbidden(here, 'must not be specified when labelSelector is not set'))
    else errors.push(...keys.flatMap((key, i) => validateLabelName(key, at(here, i))))
  }
  const selected = new Set(Object.keys(labelSelector?.matchLabels ?? {}))
  for (const { key = '' } of labelSelector?.matchExpressions ?? []) {
    const i = matchLabelKeys.lastIndexOf(key)
    if (i >= 0 && selected.has(key)) {
      errors.push(invalid(at(path, i), key, 'exists in both matchLabelKeys and labelSelector'))
    }
    selected.add(key)
  }
  matchLabelKeys.forEach((key, i) => {
    if (mismatchLabelKeys.includes(key)) {
      const sentence = 'exists in both matchLabelKeys and mismatchLabelKeys'
      errors.push(invalid(at(child(path, 'matchLabelKeys'), i), key, sentence))
    }
  })
  return errors
}

export function validateSpread(constraints: PodSpec['topologySpreadConstraints'], path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const all = constraints ?? []
  all.forEach((constraint, i) => {
    const here = at(path, i)
    const { topologyKey = '', whenUnsatisfiable = '', minDomains } = constraint
    errors.push(...validatePositive(constraint.maxSkew, child(here, 'maxSkew')))
    if (topologyKey === '') errors.push(required(child(here, 'topologyKey'), 'can not be empty'))
    const actions = ['DoNotSchedule', 'ScheduleAnyway']
    if (!actions.includes(whenUnsatisfiable)) {
      errors.push(notSupported(child(here, 'whenUnsatisfiable'), whenUnsatisfiable, actions))
    }
    const again = all
      .slice(i + 1)
      .some((c) => (c.topologyKey ?? '') === topologyKey && (c.whenUnsatisfiable ?? '') === whenUnsatisfiable)
    if (again) {
      const pair = `{${topologyKey}, ${whenUnsatisfiable}}`
      errors.push(duplicate(child(here, '{topologyKey, whenUnsatisfiable}'), pair))
    }
    if (minDomains !== undefined) {
      errors.push(...validatePositive(minDomains, child(here, 'minDomains')))
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        const sentence = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`
        errors.push(invalid(child(here, 'minDomains'), minDomains, sentence))
      }
    }
    for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[field]
      if (policy !== undefined && policy !== 'Honor' && policy !== 'Ignore') {
        errors.push(notSupported(child(here, field), policy, ['Honor', 'Ignore']))
      }
    }
    errors.push(...validateLabelKeys(constraint, here))
    errors.push(...validateLabelSelector(constraint.labelSelector, child(here, 'labelSelector')))
  })
  return errors
}
