import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import {
  at,
  child,
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  tooMany,
} from '../../../validation/field-error.ts'
import { dns1123Label, portName, portNumber } from '../../../validation/names.ts'
import { validateEnum, validateName } from '../../../validation/rules.ts'
import { validateEnvironment, validateEnvironmentFrom } from './environment.ts'
import { validateLifecycle, validateProbe } from './handlers.ts'
import { validateDevices, validateMounts } from './mounts.ts'
import { validateResources } from './resources.ts'
import { validateContainerContext } from './security.ts'
import type { Volumes } from './volumes.ts'

type PodSpec = Unchecked<k8s.PodSpec>
type Container = Unchecked<k8s.Container>

/** What a container's validation has to know of its pod. */
export interface PodFacts {
  readonly spec: PodSpec
  readonly volumes: Volumes
  readonly claims: ReadonlySet<string>
  readonly hostUsers: boolean
}

const protocols = ['SCTP', 'TCP', 'UDP']

function validatePorts(ports: Container['ports'], path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  ports?.forEach((port, i) => {
    const here = at(path, i)
    if (port.name) {
      const wrong = validateName(portName, port.name, child(here, 'name'))
      errors.push(...wrong)
      if (wrong.length === 0) {
        if (names.has(port.name)) errors.push(duplicate(child(here, 'name'), port.name))
        names.add(port.name)
      }
    }
    const { containerPort = 0, hostPort = 0 } = port
    if (containerPort === 0) errors.push(required(child(here, 'containerPort')))
    else for (const m of portNumber(containerPort)) errors.push(invalid(child(here, 'containerPort'), containerPort, m))
    if (hostPort !== 0) for (const m of portNumber(hostPort)) errors.push(invalid(child(here, 'hostPort'), hostPort, m))
    errors.push(...validateEnum(port.protocol, protocols, child(here, 'protocol')))
  })
  return errors
}

function validateCommon(container: Container, pod: PodFacts, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!container.name) errors.push(required(child(path, 'name')))
  else errors.push(...validateName(dns1123Label, container.name, child(path, 'name')))
  if (!container.image) errors.push(required(child(path, 'image')))
  const policies = ['File', 'FallbackToLogsOnError']
  errors.push(...validateEnum(container.terminationMessagePolicy, policies, child(path, 'terminationMessagePolicy')))
  errors.push(...validatePorts(container.ports, child(path, 'ports')))
  errors.push(...validateEnvironment(container.env, child(path, 'env')))
  errors.push(...validateEnvironmentFrom(container.envFrom, child(path, 'envFrom')))
  errors.push(...validateMounts(container, pod.volumes, child(path, 'volumeMounts')))
  errors.push(...validateDevices(container, pod.volumes, child(path, 'volumeDevices')))
  const pullPolicies = ['Always', 'IfNotPresent', 'Never']
  errors.push(...validateEnum(container.imagePullPolicy, pullPolicies, child(path, 'imagePullPolicy')))
  if (container.resources) {
    errors.push(...validateResources(container.resources, pod.claims, child(path, 'resources')))
  }
  errors.push(...validateResizePolicies(container, pod.spec, child(path, 'resizePolicy')))
  errors.push(...validateContainerContext(container.securityContext, pod.hostUsers, child(path, 'securityContext')))
  return errors
}

function validateResizePolicies({ resizePolicy }: Container, pod: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  resizePolicy?.forEach(({ resourceName = '', restartPolicy = '' }, i) => {
    if (seen.has(resourceName)) errors.push(duplicate(at(path, i), resourceName))
    seen.add(resourceName)
    errors.push(...validateEnum(resourceName, ['cpu', 'memory'], path))
    errors.push(...validateEnum(restartPolicy, ['NotRequired', 'RestartContainer'], path))
    if (pod.restartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      const sentence = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
      errors.push(invalid(path, restartPolicy, sentence))
    }
  })
  return errors
}

function validateRestartPolicy(container: Container, path: FieldPath): FieldError[] {
  const { restartPolicy, restartPolicyRules: rules = [] } = container
  const errors: FieldError[] = []
  const policies = ['Always', 'Never', 'OnFailure']
  if (restartPolicy === undefined) {
    if (rules.length === 0) return errors
    errors.push(required(child(path, 'restartPolicy'), 'must specify restartPolicy when restart rules are used'))
  } else if (!policies.includes(restartPolicy)) {
    errors.push(notSupported(child(path, 'restartPolicy'), restartPolicy, policies))
  }
  if (rules.length > 20) errors.push(tooMany(child(path, 'restartPolicyRules'), rules.length, 20))
  rules.forEach(({ action = '', exitCodes }, i) => {
    const here = at(child(path, 'restartPolicyRules'), i)
    const actions = ['Restart', 'RestartAllContainers']
    if (!actions.includes(action)) errors.push(notSupported(child(here, 'action'), action, actions))
    if (!exitCodes) {
      errors.push(required(child(here, 'exitCodes'), 'must be specified'))
      return
    }
    const operators = ['In', 'NotIn']
    const { operator = '', values = [] } = exitCodes
    if (!operators.includes(operator)) {
      errors.push(notSupported(child(here, 'exitCodes', 'operator'), operator, operators))
    }
    if (values.length > 255) errors.push(tooMany(child(here, 'exitCodes', 'values'), values.length, 255))
  })
  return errors
}

function validateProbes(container: Container, grace: number | undefined, path: FieldPath): FieldError[] {
  return [
    ...validateProbe(container.livenessProbe, 'liveness', grace, child(path, 'livenessProbe')),
    ...validateProbe(container.readinessProbe, 'readiness', grace, child(path, 'readinessProbe')),
    ...validateProbe(container.startupProbe, 'startup', grace, child(path, 'startupProbe')),
  ]
}

/** No two containers may want the same port of the host. */
function validateHostPorts(containers: readonly Container[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const taken = new Set<string>()
  containers.forEach(({ ports }, i) => {
    ports?.forEach(({ protocol = '', hostIP = '', hostPort = 0 }, j) => {
      if (hostPort === 0) return
      const key = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(key)) errors.push(duplicate(child(at(child(at(path, i), 'ports'), j), 'hostPort'), key))
      taken.add(key)
    })
  })
  return errors
}

export function validateContainers(pod: PodFacts, path: FieldPath): FieldError[] {
  const { spec } = pod
  const containers = spec.containers ?? []
  if (containers.length === 0) return [required(path)]
  const errors: FieldError[] = []
  const grace = spec.terminationGracePeriodSeconds
  const names = new Set<string>()
  containers.forEach((container, i) => {
    const here = at(path, i)
    const { name = '', lifecycle } = container
    errors.push(...validateCommon(container, pod, here))
    if (names.has(name)) errors.push(duplicate(child(here, 'name'), name))
    names.add(name)
    if (lifecycle) errors.push(...validateLifecycle(lifecycle, grace, spec.os?.name, child(here, 'lifecycle')))
    errors.push(...validateProbes(container, grace, here), ...validateRestartPolicy(container, here))
  })
  errors.push(...validateHostPorts(containers, path))
  return errors
}

export function validateInitContainers(pod: PodFacts, path: FieldPath): FieldError[] {
  const { spec } = pod
  const errors: FieldError[] = []
  const grace = spec.terminationGracePeriodSeconds
  const names = new Set((spec.containers ?? []).map((container) => container.name ?? ''))
  spec.initContainers?.forEach((container, i) => {
    const here = at(path, i)
    const { name = '', lifecycle } = container
    const sidecar = container.restartPolicy === 'Always'
    errors.push(...validateCommon(container, pod, here), ...validateRestartPolicy(container, here))
    if (names.has(name)) errors.push(duplicate(child(here, 'name'), name))
    else if (name !== '') names.add(name)
    errors.push(...validateHostPorts([container], path))
    if (sidecar) {
      if (lifecycle) errors.push(...validateLifecycle(lifecycle, grace, spec.os?.name, child(here, 'lifecycle')))
      errors.push(...validateProbes(container, grace, here))
      return
    }
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[field]) {
        errors.push(forbidden(child(here, field), 'may not be set for init containers without restartPolicy=Always'))
      }
    }
    container.resizePolicy?.forEach(({ restartPolicy }, j) => {
      if (restartPolicy !== 'RestartContainer') return
      errors.push(
        invalid(
          child(at(child(here, 'resizePolicy'), j), 'restartPolicy'),
          restartPolicy,
          "must not be set to 'RestartContainer' for non-sidecar initContainers",
        ),
      )
    })
  })
  return errors
}

const notForEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

export function validateEphemeralContainers(pod: PodFacts, path: FieldPath): FieldError[] {
  const { spec } = pod
  const errors: FieldError[] = []
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((c) => c.name ?? ''))
  const names = new Set(others)
  const cannot = 'cannot be set for an Ephemeral Container'
  spec.ephemeralContainers?.forEach((container, i) => {
    const here = at(path, i)
    const { name = '', targetContainerName = '' } = container
    errors.push(...validateCommon(container, pod, here), ...validateImagePadding(container, here))
    if (names.has(name)) errors.push(duplicate(child(here, 'name'), name))
    names.add(name)
    if (targetContainerName !== '' && !others.has(targetContainerName)) {
      errors.push(notFound(child(here, 'targetContainerName'), targetContainerName))
    }
    for (const field of notForEphemeral) {
      const value = container[field]
      if (value === undefined || (field === 'resources' && Object.keys(value).length === 0)) continue
      errors.push(forbidden(child(here, field), cannot))
    }
    container.volumeMounts?.forEach((mount, j) => {
      for (const field of ['subPath', 'subPathExpr'] as const) {
        if (mount[field]) errors.push(forbidden(child(at(child(here, 'volumeMounts'), j), field), cannot))
      }
    })
  })
  return errors
}

export function validateImagePadding({ image = '' }: Container, path: FieldPath): FieldError[] {
  if (image.trim() === image) return []
  return [invalid(child(path, 'image'), image, 'must not have leading or trailing whitespace')]
}
