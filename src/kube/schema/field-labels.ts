import { type FieldRequirement, type KubeObject, type ResourceInfo, SyntaxProblem } from './contract.ts'
import { eventsFieldNames } from './kinds/events/event.ts'
import { rulesOf } from './kinds/index.ts'

/**
 * Checks the fields of a selector against those that the resource can be selected by, and gives them the names they
 * have in `fieldsOf`.
 * @throws SyntaxProblem `field label not supported: spec.foo`
 */
export function checkFieldSelector(
  resource: ResourceInfo,
  requirements: readonly FieldRequirement[],
): FieldRequirement[] {
  const labels = rulesOf(resource).fields
  return requirements.map((requirement) => {
    const { field } = requirement
    if (resource.group === 'events.k8s.io') {
      const stored = eventsFieldNames[field]
      if (stored === undefined) throw new SyntaxProblem(`field label not supported: ${field}`)
      return { ...requirement, field: stored }
    }
    if (field === 'metadata.name') return requirement
    if (field === 'metadata.namespace' && (resource.namespaced || labels === undefined)) return requirement
    if (labels?.supported.includes(field)) return requirement
    const converted = labels?.convert?.(requirement)
    if (converted) return converted
    if (labels?.refusal) throw new SyntaxProblem(labels.refusal.replace('%s', field))
    throw new SyntaxProblem(
      labels
        ? `field label not supported: ${field}`
        : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
    )
  })
}

/** The values by which an object (in its storage version) can be selected. */
export function fieldsOf(resource: ResourceInfo, object: KubeObject): Record<string, string> {
  const fields: Record<string, string> = { 'metadata.name': object.metadata.name ?? '' }
  if (resource.namespaced) fields['metadata.namespace'] = object.metadata.namespace ?? ''
  const labels = rulesOf(resource).fields
  return labels ? Object.assign(fields, labels.of(object)) : fields
}
