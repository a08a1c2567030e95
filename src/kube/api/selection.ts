import { type FieldRequirement, matchesFields, matchesLabels, SyntaxProblem } from '../schema/index.ts'
import type { Entry } from '../store/index.ts'
import { badRequest } from './errors.ts'
import type { ListOptions } from './list-options.ts'
import type { ServedResource } from './resource.ts'
import { decodeObject, memoOf } from './stored-object.ts'

/** Which objects a list or a watch is about. */
export interface Selection {
  /** Undefined: every object. */
  readonly matches: ((entry: Entry) => boolean) | undefined
  /** The only name, or namespace, that can match, where the selector says so. */
  readonly name: string | undefined
  readonly namespace: string | undefined
  /** What every match has, as terms of an index: `l app=web`, `f spec.nodeName=n`. */
  readonly terms: readonly string[]
}

/** Terms of an index. */
export const labelTerm = (name: string, value: string): string => `l ${name}=${value}`
export const fieldTerm = (name: string, value: string): string => `f ${name}=${value}`

/** @throws StatusError 400 for a field that cannot be selected by */
export function selectionOf(
  resource: ServedResource,
  { labels, fields }: Pick<ListOptions, 'labels' | 'fields'>,
): Selection {
  if (labels.length === 0 && fields.length === 0)
    return { matches: undefined, name: undefined, namespace: undefined, terms: [] }
  const checked = checkedFields(resource, fields)
  const exact = (field: string) => checked.find((term) => term.field === field && term.operator === '=')?.value
  return {
    matches: (entry) =>
      (labels.length === 0 || matchesLabels(labels, memoOf(entry).labels)) &&
      (checked.length === 0 || matchesFields(checked, fieldsOfEntry(resource, entry))),
    name: exact('metadata.name'),
    namespace: exact('metadata.namespace'),
    terms: [
      ...labels.flatMap(({ key, operator, values: [value, ...more] }) =>
        value !== undefined && more.length === 0 && (operator === '=' || operator === '==' || operator === 'in')
          ? [labelTerm(key, value)]
          : [],
      ),
      ...checked.flatMap(({ field, operator, value }) =>
        operator === '=' && value !== '' && !field.startsWith('metadata.') ? [fieldTerm(field, value)] : [],
      ),
    ],
  }
}

function checkedFields(resource: ServedResource, fields: readonly FieldRequirement[]): FieldRequirement[] {
  if (fields.length === 0) return []
  try {
    return resource.checkFieldSelector(fields)
  } catch (error) {
    if (error instanceof SyntaxProblem) throw badRequest(error.message)
    throw error
  }
}

export function fieldsOfEntry(resource: ServedResource, entry: Entry): Readonly<Record<string, string>> {
  const memo = memoOf(entry)
  memo.fields ??= resource.selectableFields(decodeObject(entry))
  return memo.fields
}
