import type { KubeObject } from '../../schema/index.ts'
import type { ApiResponse } from '../contract.ts'
import { badRequest, conflict, invalid, notFound } from '../errors.ts'
import { timeText } from '../managed-fields/field-manager.ts'
import { writeOptions } from '../options.ts'
import { keyOf, type ResourceRequest } from '../request-context.ts'
import { valueResponse } from '../respond.ts'
import { decodeObject, encodeObject } from '../stored-object.ts'
import { readSubresource } from './read-subresource.ts'

interface Target {
  kind?: string
  name?: string
}

interface Condition {
  type: string
  status: string
  lastProbeTime?: null
  lastTransitionTime?: string
  observedGeneration?: number
}

/** POST of a Binding: the scheduler's word on which node a pod runs. */
export async function bindPod(context: ResourceRequest): Promise<ApiResponse> {
  const { core, route, query } = context
  const options = writeOptions(query, 'CreateOptions')
  const binding = await readSubresource(context, 'Binding', 'v1')
  const name = route.subresource === '' ? (binding.metadata.name ?? '') : route.name
  if (binding.metadata.name !== undefined && binding.metadata.name !== name)
    throw badRequest('name in URL does not match name in Binding object')
  const target = (binding.target ?? {}) as Target
  checkTarget(target)
  const pods = core.resources.find('', 'v1', 'pods')
  if (!pods) throw notFound({ group: '', resource: 'pods' }, name)
  const key = keyOf(pods, route.namespace, name)
  for (;;) {
    const { entry } = await core.store.get(key)
    if (!entry) throw notFound({ group: '', resource: 'pods' }, name)
    const pod = decodeObject(entry)
    const refuse = (why: string) => conflict({ group: '', resource: 'pods/binding' }, name, why)
    if (binding.metadata.uid && binding.metadata.uid !== pod.metadata.uid)
      throw refuse(
        `Precondition failed: UID in precondition: ${binding.metadata.uid}, UID in object meta: ${pod.metadata.uid ?? ''}`,
      )
    const spec = pod.spec as { nodeName?: string; schedulingGates?: unknown[] }
    if (pod.metadata.deletionTimestamp !== undefined)
      throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
    if (spec.nodeName) throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`)
    if ((spec.schedulingGates?.length ?? 0) > 0) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`)
    assign(pod, target.name ?? '', binding, core.clock.nowMs())
    if (options.dryRun) break
    const result = await core.store.update(key, encodeObject(pod), entry.revision)
    if (result.written) break
  }
  return valueResponse(context, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
}

function checkTarget({ kind, name }: Target): void {
  const errors = []
  if (kind !== undefined && kind !== '' && kind !== 'Node')
    errors.push({
      type: 'FieldValueNotSupported' as const,
      field: 'target.kind',
      message: `Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`,
    })
  if (!name) errors.push({ type: 'FieldValueRequired' as const, field: 'target.name', message: 'Required value' })
  if (errors.length > 0) throw invalid({ group: '', kind: 'Binding' }, '', errors)
}

function assign(pod: KubeObject, node: string, { metadata }: KubeObject, nowMs: number): void {
  ;(pod.spec as { nodeName?: string }).nodeName = node
  if (metadata.annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...metadata.annotations }
  if (metadata.labels) pod.metadata.labels = { ...pod.metadata.labels, ...metadata.labels }
  const status = (pod.status ?? {}) as { conditions?: Condition[] }
  const scheduled: Condition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timeText(nowMs),
  }
  if (pod.metadata.generation !== undefined) scheduled.observedGeneration = pod.metadata.generation
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
  status.conditions = [...others, scheduled]
  pod.status = status
}
