import {
  type KubeObject,
  type LabelSelectorObject,
  labelSelectorRequirements,
  matchesLabels,
} from '../../schema/index.ts'
import type { Entry } from '../../store/index.ts'
import type { ApiResponse } from '../contract.ts'
import { deleteObject } from '../delete-object.ts'
import { badRequest, internal, notFound } from '../errors.ts'
import { timeText } from '../managed-fields/field-manager.ts'
import { deleteOptions, writeOptions } from '../options.ts'
import { keyOf, type ResourceRequest } from '../request-context.ts'
import { valueResponse } from '../respond.ts'
import { StatusError } from '../status-error.ts'
import { decodeObject, encodeObject } from '../stored-object.ts'
import { readSubresource } from './read-subresource.ts'

interface Budget {
  spec?: { selector?: LabelSelectorObject; unhealthyPodEvictionPolicy?: string }
  status?: {
    disruptionsAllowed?: number
    currentHealthy?: number
    desiredHealthy?: number
    observedGeneration?: number
    disruptedPods?: Record<string, string>
  }
}

/** POST of an Eviction: a deletion that asks the pod's disruption budget first. */
export async function evictPod(context: ResourceRequest): Promise<ApiResponse> {
  const { core, resource, route, query } = context
  const dryRun = writeOptions(query, 'CreateOptions').dryRun
  const eviction = await readSubresource(context, 'Eviction', 'policy/v1')
  if (eviction.metadata.name !== undefined && eviction.metadata.name !== route.name)
    throw badRequest('name in URL does not match name in Eviction object')
  const body = (eviction.deleteOptions ?? {}) as Record<string, never>
  const options = deleteOptions(query, dryRun ? { ...body, dryRun: ['All'] } : body)
  const key = keyOf(resource, route.namespace, route.name)
  const { entry } = await core.store.get(key)
  if (!entry) throw notFound({ group: '', resource: 'pods' }, route.name)
  const pod = decodeObject(entry)
  if (!canIgnoreBudget(pod)) await takeFromBudget(context, pod, options.dryRun)
  await deleteObject({ ...context, route: { ...route, subresource: '' } }, key, undefined, options)
  return valueResponse(context, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
}

/** Pods that have ended, wait, or are going already are nobody's loss. */
function canIgnoreBudget({ metadata, status }: KubeObject): boolean {
  const { phase } = (status ?? {}) as { phase?: string }
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || metadata.deletionTimestamp !== undefined
}

const isReady = ({ status }: KubeObject) =>
  ((status ?? {}) as { conditions?: { type: string; status: string }[] }).conditions?.some(
    ({ type, status: is }) => type === 'Ready' && is === 'True',
  ) ?? false

async function takeFromBudget(context: ResourceRequest, pod: KubeObject, dryRun: boolean): Promise<void> {
  for (;;) {
    const found = await budgetsOf(context, pod)
    if (found.length > 1)
      throw internal('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.')
    const [budget] = found
    if (!budget) return
    const { entry, object } = budget
    const { spec, status } = object as KubeObject & Budget
    const enough = (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0) && (status?.desiredHealthy ?? 0) > 0
    if (!isReady(pod) && (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || enough)) return
    checkBudget(object.metadata.name ?? '', object.metadata.generation ?? 0, status)
    if (dryRun) return
    const allowed = status?.disruptionsAllowed ?? 0
    const disruptedPods = { ...status?.disruptedPods, [pod.metadata.name ?? '']: timeText(context.core.clock.nowMs()) }
    object.status = { ...status, disruptionsAllowed: allowed - 1, disruptedPods }
    const result = await context.core.store.update(entry.key, encodeObject(object), entry.revision)
    if (result.written) return
  }
}

async function budgetsOf(
  { core, route }: ResourceRequest,
  pod: KubeObject,
): Promise<{ entry: Entry; object: KubeObject }[]> {
  const budgets = core.resources.find('policy', 'v1', 'poddisruptionbudgets')
  if (!budgets) return []
  const { entries } = await core.store.range({ prefix: `${budgets.keyPrefix}${route.namespace}/` })
  return entries
    .map((entry) => ({ entry, object: decodeObject(entry) }))
    .filter(({ object }) => {
      const selector = (object.spec as Budget['spec'])?.selector
      // Undefined: a selector that is not there, or cannot be read, selects nothing.
      const requirements = selector && labelSelectorRequirements(selector)
      return requirements !== undefined && matchesLabels(requirements, pod.metadata.labels)
    })
}

function checkBudget(name: string, generation: number, status: Budget['status']): void {
  const tooMany = (message: string, cause: string, retryAfterSeconds: number) =>
    new StatusError(429, 'TooManyRequests', message, {
      causes: [{ reason: 'DisruptionBudget', message: cause }],
      retryAfterSeconds,
    })
  if ((status?.observedGeneration ?? 0) < generation)
    throw tooMany(
      "Cannot evict pod as it would violate the pod's disruption budget.",
      `The disruption budget ${name} is still being processed by the server.`,
      10,
    )
  if ((status?.disruptionsAllowed ?? 0) <= 0)
    throw new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`,
        },
      ],
    })
}
