import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, duplicate, forbidden, invalid } from '../../../validation/field-error.ts'
import { familyOf, validateIp } from '../../../validation/ip.ts'
import { dns1123Subdomain, qualifiedNameRule } from '../../../validation/names.ts'
import { validateImmutable } from '../../../validation/object-meta.ts'
import { validateName } from '../../../validation/rules.ts'
import { internalForm } from '../../../validation/spec-diff.ts'

type Pod = Unchecked<k8s.Pod>
type Status = Unchecked<k8s.PodStatus>
type ContainerStatuses = readonly Unchecked<k8s.ContainerStatus>[] | undefined
type Container = Unchecked<k8s.Container>

const negative = 'must be a non-negative integer'
const conditionsOfSystem = ['PodScheduled', 'Ready', 'Initialized']

export function validatePodStatusUpdate({ spec = {}, status = {} }: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = []
  const before = old.status ?? {}
  status.conditions?.forEach(({ type = '', observedGeneration = 0 }, i) => {
    const here = at('status.conditions', i)
    if (observedGeneration < 0) errors.push(invalid(child(here, 'observedGeneration'), observedGeneration, negative))
    if (!conditionsOfSystem.includes(type)) errors.push(...validateName(qualifiedNameRule, type, child(here, 'Type')))
  })
  errors.push(...validateNomination(status, before, old.spec?.nodeName ?? ''))
  const generation = status.observedGeneration ?? 0
  if (generation < 0) errors.push(invalid('status.observedGeneration', generation, negative))
  errors.push(...validateImmutable(status.qosClass ?? '', before.qosClass ?? '', 'status.qosClass'))
  for (const [field, containers] of [
    ['containerStatuses', spec.containers ?? []],
    ['initContainerStatuses', spec.initContainers ?? []],
    ['ephemeralContainerStatuses', undefined],
  ] as const) {
    const restarts = (name: string | undefined, exitCode: number): boolean =>
      containers !== undefined && restartsAfter(containers, name, exitCode, spec.restartPolicy)
    errors.push(...validateEnds(status[field], before[field], child('status', field), restarts))
  }
  errors.push(...validateClaimStatuses(status, spec))
  errors.push(...validateAddresses(status.podIPs, before.podIPs, 'status.podIPs', 'PodIP'))
  const first = status.hostIPs?.[0]?.ip
  if (first !== undefined && first !== (status.hostIP ?? '')) {
    errors.push(invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`'))
  }
  errors.push(...validateAddresses(status.hostIPs, before.hostIPs, 'status.hostIPs', 'HostIP'))
  return errors
}

function validateNomination(status: Status, before: Status, nodeName: string): FieldError[] {
  const nominated = status.nominatedNodeName ?? ''
  const path = 'status.nominatedNodeName'
  if (nominated === '' || nominated === (before.nominatedNodeName ?? '')) return []
  const errors = validateName(dns1123Subdomain, nominated, path)
  if (nodeName !== '') errors.push(forbidden(path, 'may not be set on pods that are already bound to a node'))
  return errors
}

/** What has ended stays so, unless its policy has it start again. */
function validateEnds(
  now: ContainerStatuses,
  old: ContainerStatuses,
  path: FieldPath,
  restarts: (name: string | undefined, exitCode: number) => boolean,
): FieldError[] {
  return (old ?? []).flatMap(({ name, state }, i) => {
    const next = now?.find((status) => status.name === name)
    if (!state?.terminated || !next || next.state?.terminated) return []
    if (restarts(name, state.terminated.exitCode ?? 0)) return []
    return [forbidden(child(at(path, i), 'state'), 'may not be transitioned to non-terminated state')]
  })
}

function restartsAfter(
  containers: readonly Container[],
  name: string | undefined,
  exitCode: number,
  podPolicy: string | undefined,
): boolean {
  const container = containers.find((container) => container.name === name)
  if (!container) return false
  if (container.restartPolicy) {
    const matches = (container.restartPolicyRules ?? []).some(({ action, exitCodes }) => {
      const among = (exitCodes?.values ?? []).includes(exitCode)
      return action !== undefined && exitCodes !== undefined && among === (exitCodes.operator === 'In')
    })
    if (matches) return true
  }
  const policy = container.restartPolicy ?? podPolicy
  return policy === 'Never' ? false : policy === 'OnFailure' ? exitCode !== 0 : true
}

function validateClaimStatuses({ resourceClaimStatuses }: Status, spec: Unchecked<k8s.PodSpec>): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  resourceClaimStatuses?.forEach(({ name = '', resourceClaimName }, i) => {
    const here = at('status.resourceClaimStatuses', i)
    if (!spec.resourceClaims?.some((claim) => claim.name === name)) {
      errors.push(invalid(child(here, 'name'), name, 'must match the name of an entry in `spec.resourceClaims`'))
    }
    if (names.has(name)) errors.push(duplicate(child(here, 'name'), name))
    names.add(name)
    if (resourceClaimName === undefined) return
    errors.push(...validateName(dns1123Subdomain, resourceClaimName, child(here, 'resourceClaimName')))
  })
  return errors
}

type Addresses = readonly { readonly ip?: string | undefined }[] | undefined

function validateAddresses(now: Addresses, old: Addresses, path: FieldPath, form: string): FieldError[] {
  if (!now) return []
  const before = (old ?? []).map(({ ip = '' }) => ip)
  const errors = now.flatMap(({ ip = '' }, i) => validateIp(at(path, i), ip, before))
  const families = new Set(now.map(({ ip = '' }) => familyOf(ip)))
  if (now.length > 2 || (now.length === 2 && families.size < 2)) {
    const shown = now.map((address) => internalForm(form, address))
    errors.push(invalid(path, shown, 'may specify no more than one IP for each IP family'))
  }
  return errors
}

/** podIP is the first of podIPs; where the two differ, podIP is right. */
export function syncPodAddresses(status: Status | undefined): void {
  if (!status) return
  if (status.podIP && status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }]
  const first = status.podIPs?.[0]?.ip
  if (first) status.podIP = first
}
