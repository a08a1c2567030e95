import type { FieldError, FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, duplicate, forbidden, invalid, notSupported, required } from '../../validation/field-error.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { dns1035Label, dns1123Subdomain, pathSegmentName, qualifiedNameRule } from '../../validation/names.ts'
import { validateEnum, validateName } from '../../validation/rules.ts'
import { failurePolicies, matchPolicies, validateMatchConditions, validateRule } from './rule-validation.ts'

type Validating = Unchecked<k8s.ValidatingAdmissionPolicy>
type Mutating = Unchecked<k8s.MutatingAdmissionPolicy>
type Binding = Unchecked<k8s.ValidatingAdmissionPolicyBinding>
type MutatingBinding = Unchecked<k8s.MutatingAdmissionPolicyBinding>
type Match = Unchecked<k8s.MatchResources> | undefined

export function validateValidatingPolicy({ metadata, spec = {} }: Validating): FieldError[] {
  const errors = validateCommon(spec)
  const { validations = [], auditAnnotations = [] } = spec
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const sentence = 'validations or auditAnnotations must contain at least one item'
    return [...errors, required('spec.validations', sentence), required('spec.auditAnnotations', sentence)]
  }
  validations.forEach((validation, i) => {
    errors.push(...validateValidation(validation, at('spec.validations', i)))
  })
  const keys = new Set<string>()
  if (auditAnnotations.length > 20) {
    errors.push(invalid('spec.auditAnnotations', auditAnnotations, 'must not have more than 20 auditAnnotations'))
  }
  auditAnnotations.forEach(({ key = '', valueExpression = '' }, i) => {
    const here = at('spec.auditAnnotations', i)
    const name = metadata?.name
    if (name) errors.push(...validateName(qualifiedNameRule, `${name}/${key}`, child(here, 'key')))
    else errors.push(invalid(child(here, 'key'), key, 'requires metadata.name be non-empty'))
    const length = valueExpression.trim().length
    if (length === 0) errors.push(required(child(here, 'valueExpression'), 'valueExpression is not specified'))
    else if (length > 5120) {
      errors.push(required(child(here, 'valueExpression'), 'must not exceed 5120 bytes in length'))
    }
    if (keys.has(key)) errors.push(duplicate(child(here, 'key'), key))
    keys.add(key)
  })
  return errors
}

export function validateMutatingPolicy({ spec = {} }: Mutating): FieldError[] {
  const errors = validateCommon(spec, validateMutatingOperations)
  const { mutations = [], reinvocationPolicy } = spec
  if (mutations.length === 0) errors.push(required('spec.mutations', 'mutations must contain at least one item'))
  mutations.forEach((mutation, i) => {
    errors.push(...validateMutation(mutation, at('spec.mutations', i)))
  })
  errors.push(...validateEnum(reinvocationPolicy, ['IfNeeded', 'Never'], 'spec.reinvocationPolicy'))
  return errors
}

type CommonSpec = Unchecked<
  Pick<
    k8s.ValidatingAdmissionPolicySpec,
    'failurePolicy' | 'paramKind' | 'matchConstraints' | 'matchConditions' | 'variables'
  >
>

function validateCommon(spec: CommonSpec, more: typeof validateMutatingOperations = () => []): FieldError[] {
  const errors: FieldError[] = []
  const { failurePolicy, paramKind, matchConstraints, matchConditions, variables } = spec
  if (failurePolicy === undefined) errors.push(required('spec.failurePolicy'))
  else if (!failurePolicies.includes(failurePolicy)) {
    errors.push(notSupported('spec.failurePolicy', failurePolicy, failurePolicies))
  }
  if (paramKind) errors.push(...validateParamKind(paramKind, 'spec.paramKind'))
  if (matchConstraints) {
    errors.push(...validateMatch(matchConstraints, 'spec.matchConstraints'))
    if ((matchConstraints.resourceRules?.length ?? 0) === 0) {
      errors.push(required('spec.matchConstraints.resourceRules'))
    }
    errors.push(...more(matchConstraints, 'spec.matchConstraints'))
  } else errors.push(required('spec.matchConstraints'))
  errors.push(...validateMatchConditions(matchConditions, 'spec.matchConditions'))
  variables?.forEach(({ name = '', expression = '' }, i) => {
    const here = at('spec.variables', i)
    if (name.trim() === '') errors.push(required(child(here, 'name'), 'name is not specified'))
    else if (!isCelName(name)) errors.push(invalid(child(here, 'name'), name, 'must be a valid CEL identifier'))
    if (expression.trim() === '') errors.push(required(child(here, 'expression'), 'expression is not specified'))
  })
  return errors
}

const celWords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)
const isCelName = (name: string): boolean => /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !celWords.has(name)

function validateParamKind({ apiVersion = '', kind = '' }: Unchecked<k8s.ParamKind>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const here = child(path, 'apiVersion')
  const parts = apiVersion === '/' ? [''] : apiVersion.split('/')
  const [group = '', version = ''] = parts.length === 2 ? parts : ['', parts[0]]
  if (apiVersion === '') errors.push(required(here))
  else if (parts.length > 2) errors.push(invalid(here, apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  else {
    const wrong = group === '' ? [] : dns1123Subdomain(group)
    if (wrong.length > 0) errors.push(invalid(here, group, wrong.join(',')))
    const wrongVersion = dns1035Label(version)
    if (version === '') errors.push(invalid(here, apiVersion, 'version must be specified'))
    else if (wrongVersion.length > 0) errors.push(invalid(here, version, wrongVersion.join(',')))
  }
  const wrongKind = dns1035Label(kind.toLowerCase())
  if (kind === '') errors.push(required(child(path, 'kind')))
  else if (wrongKind.length > 0) {
    const sentence = `may have mixed case, but should otherwise match: ${wrongKind.join(',')}`
    errors.push(invalid(child(path, 'kind'), kind, sentence))
  }
  return errors
}

function validateMatch(match: Match, path: FieldPath): FieldError[] {
  if (!match) return []
  const errors = validateEnum(match.matchPolicy, matchPolicies, child(path, 'matchPolicy'))
  for (const field of ['namespaceSelector', 'objectSelector'] as const) {
    if (match[field]) errors.push(...validateLabelSelector(match[field], child(path, field)))
    else errors.push(required(child(path, field)))
  }
  for (const field of ['resourceRules', 'excludeResourceRules'] as const) {
    match[field]?.forEach((rule, i) => {
      const here = at(child(path, field), i)
      rule.resourceNames?.forEach((name, j) => {
        const where = at(child(here, 'resourceNames'), j)
        errors.push(...validateName(pathSegmentName, name, where))
        if ((rule.resourceNames?.indexOf(name) ?? j) < j) errors.push(duplicate(where, name))
      })
      errors.push(...validateRule(rule, here))
    })
  }
  return errors
}

function validateMutatingOperations(match: Match, path: FieldPath): FieldError[] {
  const known = ['*', 'CONNECT', 'CREATE', 'UPDATE']
  return (match?.resourceRules ?? [])
    .flatMap((rule) => rule.operations ?? [])
    .filter((operation) => !known.includes(operation))
    .map((operation) => notSupported(child(path, 'resourceRules', 'operations'), operation, known))
}

function validateValidation(validation: Unchecked<k8s.Validation>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { expression = '', message = '', messageExpression = '', reason } = validation
  if (expression.trim() === '') errors.push(required(child(path, 'expression'), 'expression is not specified'))
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(invalid(child(path, 'messageExpression'), messageExpression, 'must be non-empty if specified'))
  }
  if (message !== '' && message.trim() === '') {
    errors.push(invalid(child(path, 'message'), message, 'must be non-empty if specified'))
  } else if (/[\n\r]/.test(message.trim())) {
    errors.push(invalid(child(path, 'message'), message, 'must not contain line breaks'))
  }
  const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(notSupported(child(path, 'reason'), reason, reasons))
  }
  return errors
}

function validateMutation(mutation: Unchecked<k8s.Mutation>, path: FieldPath): FieldError[] {
  const fieldOf: Readonly<Record<string, 'jsonPatch' | 'applyConfiguration'>> = {
    ApplyConfiguration: 'applyConfiguration',
    JSONPatch: 'jsonPatch',
  }
  const { patchType = '' } = mutation
  if (patchType === '') return [required(child(path, 'patchType'))]
  const field = fieldOf[patchType]
  if (!field) return [notSupported(child(path, 'patchType'), patchType, Object.keys(fieldOf))]
  const errors: FieldError[] = []
  const given = mutation[field]
  if (!given) errors.push(required(child(path, field), `must be specified when patchType is ${patchType}`))
  else if ((given.expression ?? '').trim() === '') errors.push(required(child(path, field, 'expression')))
  const other = field === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch'
  if (mutation[other]) {
    errors.push(invalid(child(path, other), `{${other}}`, `must not be specified when patchType is ${patchType}`))
  }
  return errors
}

export function validateValidatingBinding({ spec = {} }: Binding): FieldError[] {
  const errors = validateBinding(spec)
  const { validationActions = [] } = spec
  const actions = ['Audit', 'Deny', 'Warn']
  const path = 'spec.validationActions'
  validationActions.forEach((action, i) => {
    if (!actions.includes(action)) errors.push(notSupported(at(path, i), action, actions))
    if (validationActions.indexOf(action) < i) errors.push(duplicate(at(path, i), action))
  })
  if (validationActions.includes('Deny') && validationActions.includes('Warn')) {
    const sentence =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
    errors.push(invalid(path, validationActions, sentence))
  }
  if (validationActions.length === 0) errors.push(required(path, 'at least one validation action is required'))
  return errors
}

export const validateMutatingBinding = ({ spec = {} }: MutatingBinding): FieldError[] => [
  ...validateBinding(spec),
  ...validateMutatingOperations(spec.matchResources, 'spec.matchResources'),
]

function validateBinding(
  spec: Unchecked<Pick<k8s.ValidatingAdmissionPolicyBindingSpec, 'policyName' | 'paramRef' | 'matchResources'>>,
): FieldError[] {
  const { policyName = '', paramRef, matchResources } = spec
  const errors =
    policyName === '' ? [required('spec.policyName')] : validateName(dns1123Subdomain, policyName, 'spec.policyName')
  if (paramRef) errors.push(...validateParamRef(paramRef, 'spec.paramRef'))
  return [...errors, ...validateMatch(matchResources, 'spec.matchResources')]
}

function validateParamRef(ref: Unchecked<k8s.ParamRef>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { name = '', selector, parameterNotFoundAction: action } = ref
  const exclusive = 'name and selector are mutually exclusive'
  if (name !== '') errors.push(...validateName(pathSegmentName, name, child(path, 'name')))
  if (name !== '' && selector) errors.push(forbidden(child(path, 'name'), exclusive))
  errors.push(...validateLabelSelector(selector, child(path, 'selector')))
  if (name !== '' && selector) errors.push(forbidden(child(path, 'selector'), exclusive))
  if (name === '' && !selector) errors.push(required(path, 'one of name or selector must be specified'))
  return [...errors, ...validateEnum(action, ['Deny', 'Allow'], child(path, 'parameterNotFoundAction'))]
}
