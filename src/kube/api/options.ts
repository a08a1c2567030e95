import type { FieldError, Json, JsonObject } from '../schema/index.ts'
import { forbidden, goQuote, invalid as invalidField, notSupported, validateFieldManager } from '../schema/index.ts'
import { badRequest, invalid } from './errors.ts'
import type { FieldValidation } from './resource.ts'

/** The options of writes, as they stand in the query or, for deletions, in the body. */

export interface WriteOptions {
  readonly dryRun: boolean
  readonly fieldManager: string
  readonly fieldValidation: FieldValidation
  /** Apply only: take fields from other managers. */
  readonly force: boolean
  /** As admission sees them. */
  readonly object: JsonObject
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions'

const metaKind = (kind: OptionsKind) => ({ group: 'meta.k8s.io', kind })

const fieldValidations: readonly string[] = ['Ignore', 'Strict', 'Warn', '']

/** @throws StatusError 422 in the words of Kubernetes' validation of its options */
export function writeOptions(query: URLSearchParams, kind: OptionsKind, apply = false): WriteOptions {
  const dryRun = query.getAll('dryRun')
  const fieldManager = query.get('fieldManager') ?? ''
  const fieldValidation = query.get('fieldValidation') ?? ''
  const force = boolParameter(query, 'force')
  const errors: FieldError[] = []
  if (kind === 'PatchOptions') {
    if (!apply) {
      if (force !== undefined) errors.push(forbidden('force', 'may not be specified for non-apply patch'))
    } else if (fieldManager === '') errors.push(requiredManager)
  }
  errors.push(...validateFieldManager(fieldManager, 'fieldManager'))
  errors.push(...dryRunErrors(dryRun))
  if (!fieldValidations.includes(fieldValidation))
    errors.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn'].sort()))
  if (errors.length > 0) throw invalid(metaKind(kind), '', errors)
  const object: JsonObject = { kind, apiVersion: 'meta.k8s.io/v1' }
  if (dryRun.length > 0) object.dryRun = dryRun
  if (force !== undefined) object.force = force
  if (fieldManager !== '') object.fieldManager = fieldManager
  if (fieldValidation !== '') object.fieldValidation = fieldValidation
  return {
    dryRun: dryRun.length > 0,
    fieldManager,
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as FieldValidation),
    force: force ?? false,
    object,
  }
}

const requiredManager: FieldError = {
  type: 'FieldValueRequired',
  field: 'fieldManager',
  message: 'Required value: is required for apply patch',
}

function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])]
}

type Propagation = 'Orphan' | 'Background' | 'Foreground'

export interface DeleteOptions {
  readonly dryRun: boolean
  readonly gracePeriodSeconds: number | undefined
  readonly propagationPolicy: Propagation | undefined
  readonly orphanDependents: boolean | undefined
  readonly uid: string | undefined
  readonly resourceVersion: string | undefined
  readonly object: JsonObject
}

/** From the body where there is one, else from the query. @throws StatusError 400 or 422 */
export function deleteOptions(query: URLSearchParams, body: Json | undefined): DeleteOptions {
  const options = body === undefined ? optionsOfQuery(query) : optionsOfBody(body)
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = options
  const dryRun = Array.isArray(options.dryRun) ? options.dryRun.map(String) : []
  const errors: FieldError[] = []
  if (propagationPolicy !== undefined && orphanDependents !== undefined)
    errors.push(
      invalidField(
        'propagationPolicy',
        propagationPolicy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    )
  if (propagationPolicy !== undefined && !['Orphan', 'Background', 'Foreground'].includes(String(propagationPolicy)))
    errors.push(
      notSupported('propagationPolicy', String(propagationPolicy), ['Background', 'Foreground', 'Orphan', 'nil']),
    )
  errors.push(...dryRunErrors(dryRun))
  if (errors.length > 0) throw invalid(metaKind('DeleteOptions'), '', errors)
  const { uid, resourceVersion } = (preconditions ?? {}) as JsonObject
  return {
    dryRun: dryRun.length > 0,
    gracePeriodSeconds: typeof gracePeriodSeconds === 'number' ? gracePeriodSeconds : undefined,
    propagationPolicy: propagationPolicy as Propagation | undefined,
    orphanDependents: typeof orphanDependents === 'boolean' ? orphanDependents : undefined,
    uid: typeof uid === 'string' ? uid : undefined,
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : undefined,
    object: { ...options, kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1' },
  }
}

function optionsOfQuery(query: URLSearchParams): JsonObject {
  const options: JsonObject = {}
  const grace = query.get('gracePeriodSeconds')
  if (grace !== null && grace !== '') options.gracePeriodSeconds = intParameter(grace)
  const propagation = query.get('propagationPolicy')
  if (propagation !== null && propagation !== '') options.propagationPolicy = propagation
  const orphan = boolParameter(query, 'orphanDependents')
  if (orphan !== undefined) options.orphanDependents = orphan
  const dryRun = query.getAll('dryRun')
  if (dryRun.length > 0) options.dryRun = dryRun
  return options
}

function optionsOfBody(body: Json): JsonObject {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('decoded object cannot be converted to DeleteOptions')
  const { kind, gracePeriodSeconds, preconditions } = body
  if (kind !== undefined && kind !== 'DeleteOptions' && kind !== '')
    throw badRequest('decoded object cannot be converted to DeleteOptions')
  if (gracePeriodSeconds !== undefined && gracePeriodSeconds !== null && !Number.isInteger(gracePeriodSeconds))
    throw badRequest(
      `json: cannot unmarshal ${typeof gracePeriodSeconds} into Go struct field DeleteOptions.gracePeriodSeconds of type int64`,
    )
  if (preconditions !== undefined && preconditions !== null && typeof preconditions !== 'object')
    throw badRequest(
      `json: cannot unmarshal ${typeof preconditions} into Go struct field DeleteOptions.preconditions of type v1.Preconditions`,
    )
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}

/** Kubernetes reads an empty parameter and anything but `false` and `0` as true. */
export function boolParameter(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  return text.toLowerCase() !== 'false' && text !== '0'
}

export function intParameter(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`)
  return Number(text)
}
