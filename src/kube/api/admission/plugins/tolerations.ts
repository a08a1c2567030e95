import type { k8s } from '../../../schema/index.ts'
import type { AdmissionRequest } from '../../contract.ts'
import { type AdmissionPlugin, objectOf, targetOf } from '../plugin.ts'

const seconds = 300
const conditions = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** A pod stays five minutes on a node that went away, unless it says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  mutate(request: AdmissionRequest) {
    if (targetOf(request) !== 'pods' || (request.operation !== 'CREATE' && request.operation !== 'UPDATE')) return
    const spec = objectOf(request).spec as k8s.PodSpec
    const { tolerations = [] } = spec
    const added = conditions
      .filter(
        (wanted) =>
          !tolerations.some(({ key, effect }) => (!key || key === wanted) && (!effect || effect === 'NoExecute')),
      )
      .map((key) => ({ key, operator: 'Exists' as const, effect: 'NoExecute' as const, tolerationSeconds: seconds }))
    if (added.length > 0) spec.tolerations = [...tolerations, ...added]
  },
}

/** A new node takes no pods before it is known to be ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  mutate(request: AdmissionRequest) {
    if (targetOf(request) !== 'nodes' || request.operation !== 'CREATE') return
    const node = objectOf(request)
    const spec = (node.spec ?? {}) as k8s.NodeSpec
    const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' as const }
    if (!spec.taints?.some(({ key, effect }) => key === taint.key && effect === taint.effect))
      spec.taints = [...(spec.taints ?? []), taint]
    node.spec = spec
  },
}
