import { type KubeObject, sameJson } from '../../schema/index.ts'
import type { Store } from '../../store/index.ts'
import type { ApiDependencies } from '../contract.ts'
import { timeText } from '../managed-fields/field-manager.ts'
import { newUid } from '../object-meta.ts'
import { encodeObject } from '../stored-object.ts'
import { defaultRoleObjects } from './default-roles/default-role-objects.ts'
import type { LiveObjects } from './live-objects.ts'
import { type PolicyRule, uncovered } from './policy-rule.ts'

type Rbac = Readonly<Record<'clusterroles' | 'clusterrolebindings' | 'roles' | 'rolebindings', LiveObjects>>
type Writer = Pick<ApiDependencies, 'clock' | 'random'> & { readonly store: Store }

/**
 * Puts back what is missing of the default roles and bindings: objects, permissions, subjects. What was added stays, and
 * what carries the annotation `rbac.authorization.kubernetes.io/autoupdate: "false"` is left alone.
 */
export async function reconcileRoles(rbac: Rbac, writer: Writer): Promise<void> {
  const writes: Promise<unknown>[] = []
  for (const [resource, objects] of Object.entries(defaultRoleObjects())) {
    const live = rbac[resource as keyof Rbac]
    for (const wanted of objects) {
      const { name = '', namespace } = wanted.metadata
      const path = namespace === undefined ? name : `${namespace}/${name}`
      const found = live.get(path)
      const key = live.prefix + path
      if (!found) writes.push(writer.store.create(key, encodeObject(withSystemFields(wanted, writer))))
      else {
        const mended = mend(found, wanted)
        if (mended) writes.push(writer.store.update(key, encodeObject(mended), Number(found.metadata.resourceVersion)))
      }
    }
  }
  await Promise.all(writes)
}

function withSystemFields(object: KubeObject, { clock, random }: Writer): KubeObject {
  return {
    ...object,
    metadata: { ...object.metadata, uid: newUid(random), creationTimestamp: timeText(clock.nowMs()) },
  }
}

/** Undefined where nothing is missing. */
function mend(found: KubeObject, wanted: KubeObject): KubeObject | undefined {
  if (found.metadata.annotations?.['rbac.authorization.kubernetes.io/autoupdate'] === 'false') return undefined
  const mended = structuredClone(found)
  mended.metadata.labels = { ...wanted.metadata.labels, ...found.metadata.labels }
  mended.metadata.annotations = { ...wanted.metadata.annotations, ...found.metadata.annotations }
  // Rules that are gathered are for the aggregation loop; it begins with what is there.
  if (wanted.rules && !wanted.aggregationRule) {
    const rules = (found.rules as PolicyRule[] | undefined) ?? []
    const missing = uncovered(rules, wanted.rules as PolicyRule[])
    if (missing.length > 0) mended.rules = [...rules, ...missing]
  }
  if (wanted.subjects) {
    const subjects = (found.subjects as object[] | undefined) ?? []
    const missing = (wanted.subjects as object[]).filter((subject) => !subjects.some((one) => sameJson(one, subject)))
    if (missing.length > 0) mended.subjects = [...subjects, ...missing]
  }
  return sameJson(found, mended) ? undefined : mended
}
