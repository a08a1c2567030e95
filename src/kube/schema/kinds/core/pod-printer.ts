import { ageCell } from '../../cells.ts'
import { ageColumn, column, nameColumn } from '../../columns.ts'
import type { Cell, JsonObject, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import type { PrinterOf } from '../../rules.ts'
import { ageOf } from '../../value/duration.ts'

type Pod = Unchecked<k8s.Pod>
type ContainerStatus = Unchecked<k8s.ContainerStatus>

interface Summary {
  reason: string
  ready: number
  restarts: number
  /** When a container last ended before it was started again; '' where none did. */
  lastRestart: string
}

/** What `kubectl get pods` shows. */
export const podPrinter: PrinterOf<k8s.Pod> = {
  columns: [
    nameColumn,
    column('Ready', 'Containers that are ready, of all.'),
    column('Status', 'What the pod is doing, from the states of its containers.'),
    column('Restarts', 'How often containers were started again, and when the last time was.'),
    ageColumn,
    column('IP', 'Address of the pod.', 1),
    column('Node', 'Node on which the pod runs.', 1),
    column('Nominated Node', 'Node on which others make room for the pod.', 1),
    column('Readiness Gates', 'Further conditions of readiness that are true, of all.', 1),
  ],
  cells(pod: Pod, nowMs: number): Cell[] {
    const { reason, ready, restarts, lastRestart } = summaryOf(pod)
    const { spec, status } = pod
    let total = spec?.containers?.length ?? 0
    for (const container of spec?.initContainers ?? []) if (container.restartPolicy === 'Always') total++
    return [
      pod.metadata?.name ?? '',
      `${ready}/${total}`,
      reason,
      restarts !== 0 && lastRestart !== '' ? `${restarts} (${ageOf(lastRestart, nowMs)} ago)` : String(restarts),
      ageCell(pod, nowMs),
      status?.podIPs?.[0]?.ip || '<none>',
      spec?.nodeName || '<none>',
      status?.nominatedNodeName || '<none>',
      readinessGates(pod),
    ]
  },
  rowConditions(pod: Pod): JsonObject[] | undefined {
    const phase = pod.status?.phase
    if (phase === 'Succeeded') {
      return [{ type: 'Completed', status: 'True', reason: phase, message: 'The pod has completed successfully.' }]
    }
    if (phase === 'Failed') {
      return [{ type: 'Completed', status: 'True', reason: phase, message: 'The pod failed.' }]
    }
    return undefined
  },
}

function readinessGates({ spec, status }: Pod): string {
  const gates = spec?.readinessGates
  if (!gates || gates.length === 0) return '<none>'
  const met = gates.filter(
    (gate) => status?.conditions?.find((c) => c.type === gate.conditionType)?.status === 'True',
  ).length
  return `${met}/${gates.length}`
}

function summaryOf(pod: Pod): Summary {
  const { status } = pod
  const phase = status?.phase ?? ''
  const summary: Summary = { reason: status?.reason || phase, ready: 0, restarts: 0, lastRestart: '' }
  for (const { type, reason } of status?.conditions ?? []) {
    if (type === 'PodScheduled' && reason === 'SchedulingGated') summary.reason = reason
  }
  const initializing = countInitContainers(pod, summary)
  if (!initializing || isTrue(pod, 'Initialized')) countContainers(pod, summary)
  if (pod.metadata?.deletionTimestamp) {
    if (status?.reason === 'NodeLost') summary.reason = 'Unknown'
    else if (phase !== 'Failed' && phase !== 'Succeeded') summary.reason = 'Terminating'
  }
  return summary
}

const isTrue = ({ status }: Pod, type: string): boolean =>
  status?.conditions?.find((condition) => condition.type === type)?.status === 'True'

function noteRestart(summary: Summary, container: ContainerStatus): void {
  summary.restarts += container.restartCount ?? 0
  const ended = container.lastState?.terminated?.finishedAt
  if (ended && ended > summary.lastRestart) summary.lastRestart = ended
}

/** Whether an init container is still to do; then its state is the pod's. */
function countInitContainers(pod: Pod, summary: Summary): boolean {
  const statuses = pod.status?.initContainerStatuses
  if (!statuses || statuses.length === 0) return false
  const containers = pod.spec?.initContainers ?? []
  const sidecars = new Set(containers.filter((c) => c.restartPolicy === 'Always').map((c) => c.name))
  const ofSidecars: Summary = { reason: '', ready: 0, restarts: 0, lastRestart: '' }
  let initializing = false
  for (const [i, container] of statuses.entries()) {
    const sidecar = sidecars.has(container.name)
    noteRestart(summary, container)
    if (sidecar) noteRestart(ofSidecars, container)
    const { terminated, waiting } = container.state ?? {}
    if (terminated && (terminated.exitCode ?? 0) === 0) continue
    if (sidecar && container.started) {
      if (container.ready) summary.ready++
      continue
    }
    if (terminated) summary.reason = `Init:${endOf(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.reason = `Init:${waiting.reason}`
    else summary.reason = `Init:${i}/${containers.length}`
    initializing = true
    break
  }
  if (!initializing || isTrue(pod, 'Initialized')) {
    summary.restarts = ofSidecars.restarts
    summary.lastRestart = ofSidecars.lastRestart
  }
  return initializing
}

const endOf = ({ reason, signal, exitCode }: Unchecked<k8s.ContainerStateTerminated>): string =>
  reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`)

function countContainers(pod: Pod, summary: Summary): void {
  const statuses = pod.status?.containerStatuses ?? []
  let running = false
  let failure = ''
  for (let i = statuses.length - 1; i >= 0; i--) {
    const container = statuses[i]
    if (!container) continue
    noteRestart(summary, container)
    const { waiting, terminated, running: runs } = container.state ?? {}
    if (waiting?.reason) summary.reason = waiting.reason
    else if (terminated) {
      summary.reason = endOf(terminated)
      if ((terminated.exitCode ?? 0) !== 0) failure = summary.reason
    } else if (container.ready && runs) {
      running = true
      summary.ready++
    }
  }
  if (summary.reason !== 'Completed') return
  if (running && isTrue(pod, 'Ready')) summary.reason = 'Running'
  else if (failure !== '') summary.reason = failure
  else if (running) summary.reason = 'NotReady'
}
