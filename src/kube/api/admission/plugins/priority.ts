import type { KubeObject, k8s } from '../../../schema/index.ts'
import type { LiveObjects } from '../../access/live-objects.ts'
import type { AdmissionRequest } from '../../contract.ts'
import { type AdmissionPlugin, objectOf, oldObjectOf, refusal, targetOf } from '../plugin.ts'

type PriorityClass = k8s.PriorityClass

/** Gives every pod the number of its priority class. */
export class PriorityPlugin implements AdmissionPlugin {
  readonly #classes: LiveObjects

  constructor(classes: LiveObjects) {
    this.#classes = classes
  }

  mutate(request: AdmissionRequest): void {
    if (targetOf(request) !== 'pods') return
    const spec = objectOf(request)?.spec as k8s.PodSpec | undefined
    if (!spec) return
    if (request.operation === 'CREATE') this.#set(request, spec)
    if (request.operation === 'UPDATE') {
      const old = oldObjectOf(request).spec as k8s.PodSpec
      if (spec.priority === undefined && old.priority !== undefined) spec.priority = old.priority
      if (spec.preemptionPolicy === undefined && old.preemptionPolicy !== undefined)
        spec.preemptionPolicy = old.preemptionPolicy
    }
  }

  #set(request: AdmissionRequest, spec: k8s.PodSpec): void {
    const { priorityClassName: asked } = spec
    const found = asked ? this.#named(request, asked) : this.#default()
    if (found?.metadata?.name) spec.priorityClassName = found.metadata.name
    const priority = found?.value ?? 0
    const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority'
    if (spec.priority !== undefined && spec.priority !== priority)
      throw refusal(
        request,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
      )
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
      throw refusal(
        request,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
      )
    spec.priority = priority
    spec.preemptionPolicy = policy
  }

  #named(request: AdmissionRequest, name: string): PriorityClass {
    const found = this.#classes.get(name)
    if (!found) throw refusal(request, `no PriorityClass with name ${name} was found`)
    return found as unknown as PriorityClass
  }

  /** Of several defaults, which only a race can make, the lowest counts. */
  #default(): PriorityClass | undefined {
    const defaults = (this.#classes.all() as readonly KubeObject[] as unknown as readonly PriorityClass[]).filter(
      ({ globalDefault }) => globalDefault,
    )
    return defaults.sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0]
  }

  validate(request: AdmissionRequest): void {
    if (targetOf(request) !== 'priorityclasses.scheduling.k8s.io' || request.operation === 'DELETE') return
    if (!objectOf(request).globalDefault) return
    const other = this.#default()?.metadata?.name
    if (other === undefined || (request.operation === 'UPDATE' && other === request.name)) return
    throw refusal(request, `PriorityClass ${other} is already marked as default. Only one default can exist`)
  }
}
