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
  tooLong,
} from '../../../validation/field-error.ts'
import { validateIp } from '../../../validation/ip.ts'
import {
  dns1123Label,
  dns1123Subdomain,
  dns1123SubdomainWithUnderscore,
  inclusiveRangeError,
  qualifiedNameRule,
} from '../../../validation/names.ts'
import { validateLabels } from '../../../validation/object-meta.ts'
import { validateEnum, validateName } from '../../../validation/rules.ts'
import { internalForm } from '../../../validation/spec-diff.ts'
import { compareQuantities, formatQuantity, parseQuantity } from '../../../value/quantity.ts'
import { aggregateResources } from '../pod-resources.ts'
import { type PodFacts, validateContainers, validateEphemeralContainers, validateInitContainers } from './containers.ts'
import { validatePodLevelResources, validateResources } from './resources.ts'
import { validateAffinity, validateSpread, validateTolerations } from './scheduling.ts'
import { validateHostUsers, validatePodContext } from './security.ts'
import { validateVolumes } from './volumes.ts'
import { containersOf, validateHostProcess, validateOs } from './windows.ts'

type PodSpec = Unchecked<k8s.PodSpec>

/** What the spec belongs to: a pod by its name, or a template that has none yet. */
export interface PodIdentity {
  readonly isPod: boolean
  readonly name: string
  readonly mirror?: boolean
}

export function validatePodSpec(spec: PodSpec, identity: PodIdentity, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (spec.terminationGracePeriodSeconds === undefined)
    errors.push(required(child(path, 'terminationGracePeriodSeconds')))
  const volumes = validateVolumes(spec.volumes, identity.name, identity.isPod, child(path, 'volumes'), errors)
  const claims = new Set((spec.resourceClaims ?? []).flatMap(({ name }) => (name ? [name] : [])))
  const pod: PodFacts = { spec, volumes, claims, hostUsers: spec.hostUsers !== false }
  errors.push(...validateResourceClaims(spec, identity, child(path, 'resourceClaims')))
  errors.push(...validateContainers(pod, child(path, 'containers')))
  errors.push(...validateInitContainers(pod, child(path, 'initContainers')))
  errors.push(...validateEphemeralContainers(pod, child(path, 'ephemeralContainers')))
  errors.push(...validatePodResources(spec, claims, path))
  errors.push(...validateHostNetworkPorts(spec, identity, child(path, 'containers')))
  errors.push(...validateEnum(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], child(path, 'restartPolicy')))
  const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
  errors.push(...validateEnum(spec.dnsPolicy, dnsPolicies, child(path, 'dnsPolicy')))
  errors.push(...validateLabels(spec.nodeSelector, child(path, 'nodeSelector')))
  errors.push(...validatePodContext(spec, child(path, 'securityContext')))
  errors.push(...validateAffinity(spec.affinity, child(path, 'affinity')))
  errors.push(...validateDnsConfig(spec, child(path, 'dnsConfig')))
  spec.readinessGates?.forEach(({ conditionType = '' }, i) => {
    const here = child(at(child(path, 'readinessGates'), i), 'conditionType')
    errors.push(...validateName(qualifiedNameRule, conditionType, here))
  })
  errors.push(...validateSchedulingGates(spec, child(path, 'schedulingGates')))
  errors.push(...validateSpread(spec.topologySpreadConstraints, child(path, 'topologySpreadConstraints')))
  errors.push(...validateHostProcess(spec, path), ...validateHostUsers(spec, path))
  errors.push(...validateHostnameOverride(spec, child(path, 'hostnameOverride')))
  errors.push(...validateNames(spec, path))
  errors.push(...validateTolerations(spec.tolerations, child(path, 'tolerations')))
  errors.push(...validateHostAliases(spec, child(path, 'hostAliases')))
  errors.push(...validatePriority(spec, path))
  if (spec.overhead) errors.push(...validateResources({ limits: spec.overhead }, new Set(), child(path, 'overhead')))
  errors.push(...validateOsName(spec, path))
  errors.push(...validateFileVolumes(spec, path))
  return errors
}

function validateOsName(spec: PodSpec, path: FieldPath): FieldError[] {
  if (!spec.os) return []
  if (!spec.os.name) return [required(child(path, 'os', 'name'))]
  if (spec.os.name !== 'linux' && spec.os.name !== 'windows') {
    return [notSupported(child(path, 'os'), spec.os.name, ['linux', 'windows'])]
  }
  return validateOs(spec, path)
}

function validateNames(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const name = (field: 'serviceAccountName' | 'nodeName' | 'hostname' | 'subdomain', rule: typeof dns1123Label) => {
    const value = spec[field]
    if (value) errors.push(...validateName(rule, value, child(path, field)))
  }
  name('serviceAccountName', dns1123Subdomain)
  name('nodeName', dns1123Subdomain)
  const deadline = spec.activeDeadlineSeconds
  if (deadline !== undefined && (deadline < 1 || deadline > 2147483647)) {
    errors.push(invalid(child(path, 'activeDeadlineSeconds'), deadline, inclusiveRangeError(1, 2147483647)))
  }
  name('hostname', dns1123Label)
  name('subdomain', dns1123Label)
  return errors
}

function validatePriority(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (spec.priorityClassName) {
    errors.push(...validateName(dns1123Subdomain, spec.priorityClassName, child(path, 'priorityClassName')))
  }
  if (spec.runtimeClassName !== undefined) {
    errors.push(...validateName(dns1123Subdomain, spec.runtimeClassName, child(path, 'runtimeClassName')))
  }
  if (spec.preemptionPolicy !== undefined) {
    const policies = ['PreemptLowerPriority', 'Never']
    errors.push(...validateEnum(spec.preemptionPolicy, policies, child(path, 'preemptionPolicy')))
  }
  return errors
}

function validateResourceClaims(spec: PodSpec, { mirror }: PodIdentity, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  spec.resourceClaims?.forEach((claim, i) => {
    if (mirror) {
      errors.push(forbidden('', 'static pods do not support resource claims'))
      return
    }
    const here = at(path, i)
    const { name = '', resourceClaimName: own, resourceClaimTemplateName: template } = claim
    if (name === '') errors.push(required(child(here, 'name')))
    else if (names.has(name)) errors.push(duplicate(child(here, 'name'), name))
    else errors.push(...validateName(dns1123Label, name, child(here, 'name')))
    names.add(name)
    if (own !== undefined && template !== undefined) {
      const sentence = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'
      errors.push(invalid(here, internalForm('PodResourceClaim', claim), sentence))
    }
    if (own === undefined && template === undefined) {
      errors.push(
        invalid(
          here,
          internalForm('PodResourceClaim', claim),
          'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
        ),
      )
    }
    if (own !== undefined) errors.push(...validateName(dns1123Subdomain, own, child(here, 'resourceClaimName')))
    if (template !== undefined) {
      errors.push(...validateName(dns1123Subdomain, template, child(here, 'resourceClaimTemplateName')))
    }
  })
  return errors
}

/** Resources of the pod as a whole: at least what its containers ask for. */
function validatePodResources(spec: PodSpec, claims: ReadonlySet<string>, path: FieldPath): FieldError[] {
  const { resources } = spec
  if (!resources) return []
  const here = child(path, 'resources')
  if (spec.os?.name === 'windows') return [forbidden(here, 'may not be set for a windows pod')]
  const errors: FieldError[] = []
  if (resources.claims) {
    errors.push(forbidden(child(here, 'claims'), 'claims may not be set for Resources at pod-level'))
  }
  errors.push(...validatePodLevelResources(resources, claims, here))
  for (const which of ['requests', 'limits'] as const) {
    for (const [name, sum] of aggregateResources({ spec }, which)) {
      const own = resources[which]?.[name]
      if (own === undefined || (which === 'limits' && !name.startsWith('hugepages-'))) continue
      if (sum.nanos <= parseQuantity(own).nanos) continue
      const sentence = `must be greater than or equal to aggregate container ${which} of ${formatQuantity(sum)}`
      errors.push(invalid(at(child(here, which), name), String(own), sentence))
    }
  }
  spec.containers?.forEach((container, i) => {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const own = resources.limits?.[name]
      if (own === undefined || limit === undefined || compareQuantities(limit, own) <= 0) continue
      const where = child(at(at(child(here, 'containers'), i), name), 'limits')
      errors.push(invalid(where, String(limit), `must be less than or equal to pod limits of ${own}`))
    }
  })
  return errors
}

function validateHostNetworkPorts(spec: PodSpec, { isPod }: PodIdentity, path: FieldPath): FieldError[] {
  if (!spec.hostNetwork) return []
  const errors: FieldError[] = []
  spec.containers?.forEach(({ ports }, i) => {
    ports?.forEach(({ hostPort = 0, containerPort = 0 }, j) => {
      if (hostPort === containerPort || (!isPod && hostPort === 0)) return
      const where = child(at(child(at(path, i), 'ports'), j), 'hostPort')
      errors.push(invalid(where, hostPort, 'must match `containerPort` when `hostNetwork` is true'))
    })
  })
  return errors
}

function validateDnsConfig({ dnsPolicy, dnsConfig }: PodSpec, path: FieldPath): FieldError[] {
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if ((dnsConfig.nameservers?.length ?? 0) === 0) {
      const sentence = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
      return [required(child(path, 'nameservers'), sentence)]
    }
  }
  if (!dnsConfig) return []
  const errors: FieldError[] = []
  const { nameservers = [], searches = [], options = [] } = dnsConfig
  if (nameservers.length > 3) {
    errors.push(invalid(child(path, 'nameservers'), nameservers, 'must not have more than 3 nameservers'))
  }
  errors.push(...nameservers.flatMap((server, i) => validateIp(at(child(path, 'nameservers'), i), server)))
  if (searches.length > 32) {
    errors.push(invalid(child(path, 'searches'), searches, 'must not have more than 32 search paths'))
  }
  if (searches.join(' ').length > 2048) {
    const sentence = 'must not have more than 2048 characters (including spaces) in the search list'
    errors.push(invalid(child(path, 'searches'), searches, sentence))
  }
  searches.forEach((search, i) => {
    if (search === '.') return
    const name = search.replace(/\.$/, '')
    errors.push(...validateName(dns1123SubdomainWithUnderscore, name, at(child(path, 'searches'), i)))
  })
  options.forEach(({ name }, i) => {
    if (!name) errors.push(required(at(child(path, 'options'), i), 'must not be empty'))
  })
  return errors
}

function validateSchedulingGates({ schedulingGates }: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  schedulingGates?.forEach(({ name = '' }, i) => {
    errors.push(...validateName(qualifiedNameRule, name, at(path, i)))
    if (seen.has(name)) errors.push(duplicate(at(path, i), name))
    seen.add(name)
  })
  return errors
}

function validateHostnameOverride(spec: PodSpec, path: FieldPath): FieldError[] {
  const name = spec.hostnameOverride
  if (name === undefined) return []
  const errors: FieldError[] = []
  if (spec.setHostnameAsFQDN) errors.push(forbidden(path, 'may not be specified when setHostnameAsFQDN is true'))
  if (spec.hostNetwork) errors.push(forbidden(path, 'may not be specified when hostNetwork is true'))
  if (name.length > 64) errors.push(tooLong(path, 64))
  return [...errors, ...validateName(dns1123Subdomain, name, path)]
}

function validateHostAliases({ hostAliases }: PodSpec, path: FieldPath): FieldError[] {
  return (hostAliases ?? []).flatMap(({ ip = '', hostnames }, i) => [
    ...validateIp(child(at(path, i), 'ip'), ip),
    ...(hostnames ?? []).flatMap((name, j) =>
      validateName(dns1123Subdomain, name, at(child(at(path, i), 'hostnames'), j)),
    ),
  ])
}

/** Variables that are read from a file: only files of emptyDir volumes. */
function validateFileVolumes(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const [container, here] of containersOf(spec, path)) {
    container.env?.forEach(({ valueFrom }, i) => {
      const name = valueFrom?.fileKeyRef?.volumeName
      if (!valueFrom?.fileKeyRef) return
      const where = child(at(child(here, 'env'), i), 'valueFrom', 'fileKeyRef', 'volumeName')
      const volume = spec.volumes?.find((v) => v.name === name)
      if (!volume) errors.push(notFound(where, name ?? ''))
      else if (!volume.emptyDir) {
        errors.push(invalid(where, name ?? '', 'referenced volume must be of type emptyDir'))
      }
    })
  }
  return errors
}
