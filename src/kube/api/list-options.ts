import type { FieldError, FieldRequirement, LabelRequirement } from '../schema/index.ts'
import { forbidden, notSupported, parseFieldSelector, parseLabelSelector, SyntaxProblem } from '../schema/index.ts'
import { badRequest, invalid } from './errors.ts'
import { boolParameter, intParameter } from './options.ts'

export interface ListOptions {
  readonly labels: readonly LabelRequirement[]
  readonly fields: readonly FieldRequirement[]
  readonly resourceVersion: string
  readonly resourceVersionMatch: string
  readonly limit: number
  readonly continueToken: string
  readonly watch: boolean
  readonly allowWatchBookmarks: boolean
  readonly sendInitialEvents: boolean | undefined
  readonly timeoutSeconds: number | undefined
}

const none: ListOptions = {
  labels: [],
  fields: [],
  resourceVersion: '',
  resourceVersionMatch: '',
  limit: 0,
  continueToken: '',
  watch: false,
  allowWatchBookmarks: false,
  sendInitialEvents: undefined,
  timeoutSeconds: undefined,
}

const kind = { group: 'meta.k8s.io', kind: 'ListOptions' }

/** @throws StatusError 400 for what does not parse, 422 for what does not go together */
export function listOptions(query: URLSearchParams): ListOptions {
  if (query.size === 0) return none
  const labelText = query.get('labelSelector') ?? ''
  const fieldText = query.get('fieldSelector') ?? ''
  const number = (name: string) => {
    const text = query.get(name)
    return text === null || text === '' ? undefined : intParameter(text)
  }
  const options: ListOptions = {
    labels: labelText === '' ? [] : parsed(() => parseLabelSelector(labelText)),
    fields: fieldText === '' ? [] : parsed(() => parseFieldSelector(fieldText)),
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    limit: number('limit') ?? 0,
    continueToken: query.get('continue') ?? '',
    watch: boolParameter(query, 'watch') ?? false,
    allowWatchBookmarks: boolParameter(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents: boolParameter(query, 'sendInitialEvents'),
    timeoutSeconds: number('timeoutSeconds'),
  }
  const errors = validate(options)
  if (errors.length > 0) throw invalid(kind, '', errors)
  return options
}

function parsed<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof SyntaxProblem) throw badRequest(error.message)
    throw error
  }
}

function validate(options: ListOptions): FieldError[] {
  const { watch, resourceVersion, resourceVersionMatch: match, continueToken, sendInitialEvents } = options
  if (watch) return validateWatch(options)
  const refused = (why: string) => forbidden('resourceVersionMatch', `resourceVersionMatch ${why}`)
  const errors: FieldError[] = []
  if (match !== '') {
    if (resourceVersion === '') errors.push(refused('is forbidden unless resourceVersion is provided'))
    if (continueToken !== '') errors.push(refused('is forbidden when continue is provided'))
    if (match !== 'Exact' && match !== 'NotOlderThan')
      errors.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']))
    if (match === 'Exact' && resourceVersion === '0')
      errors.push(refused('"exact" is forbidden for resourceVersion "0"'))
  }
  if (sendInitialEvents !== undefined)
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  return errors
}

function validateWatch({ resourceVersionMatch: match, continueToken, sendInitialEvents }: ListOptions): FieldError[] {
  const refused = (why: string) => forbidden('resourceVersionMatch', why)
  const errors: FieldError[] = []
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan')
    errors.push(refused('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  if (match !== '') {
    if (sendInitialEvents === undefined)
      errors.push(refused('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
    if (match !== 'NotOlderThan') errors.push(notSupported('resourceVersionMatch', match, ['NotOlderThan']))
    if (continueToken !== '') errors.push(refused('resourceVersionMatch is forbidden when continue is provided'))
  }
  return errors
}
