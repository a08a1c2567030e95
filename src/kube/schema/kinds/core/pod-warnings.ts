import type { FieldPath, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import { at, child, goQuote } from '../../validation/field-error.ts'
import { dns1123Label, labelValueRule } from '../../validation/names.ts'
import { isWhole } from '../../validation/rules.ts'
import { formatQuantity, parseQuantity } from '../../value/quantity.ts'
import { containersOf } from './pod-validation/windows.ts'

type PodSpec = Unchecked<k8s.PodSpec>
type Template = Unchecked<k8s.PodTemplateSpec>
type Port = Unchecked<k8s.ContainerPort>

const oldNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}

const oldAnnotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}

const oldVolumes: Readonly<Partial<Record<keyof k8s.Volume, string>>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

/** What Kubernetes says of a pod that it takes all the same. `path` is the template's, or '' for a pod. */
export function podWarnings({ metadata, spec }: Template, path: FieldPath): string[] {
  if (!spec) return []
  const here = child(path, 'spec')
  return [
    ...nodeWarnings(spec, here),
    ...Object.entries(oldAnnotations).flatMap(([key, message]) =>
      metadata?.annotations?.[key] === undefined
        ? []
        : [`${at(child(path, 'metadata', 'annotations'), key)}: ${message}`],
    ),
    ...volumeWarnings(spec, here),
    ...repeated(spec.hostAliases, child(here, 'hostAliases'), 'ip', 'ip'),
    ...repeated(spec.imagePullSecrets, child(here, 'imagePullSecrets'), 'name', 'name'),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name = '' }, i) =>
      name === '' ? [`${child(at(child(here, 'imagePullSecrets'), i), 'name')}: invalid empty name ""`] : [],
    ),
    ...fractions(spec.overhead, child(here, 'overhead')),
    ...[...containersOf(spec, here)].flatMap(([container, where]) => [
      ...fractions(container.resources?.limits, child(where, 'resources', 'limits')),
      ...fractions(container.resources?.requests, child(where, 'resources', 'requests')),
      ...hiddenVariables(container.env ?? [], child(where, 'env')),
    ]),
    ...portWarnings(spec, here),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [
          `${child(here, 'terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`,
        ]
      : []),
    ...affinityWarnings(spec.affinity, child(here, 'affinity')),
  ]
}

/** The same for what makes pods, whose names come from its own. */
export function templateWarnings(
  metadata: Unchecked<k8s.ObjectMeta> | undefined,
  template: Template | undefined,
  path: FieldPath,
): string[] {
  const problems = dns1123Label(metadata?.name ?? '')
  const sentence =
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended'
  const named = problems.length === 0 ? [] : [`${sentence}: [${problems.join(' ')}]`]
  return [...named, ...podWarnings(template ?? {}, path)]
}

function nodeWarnings({ nodeSelector, affinity, topologySpreadConstraints }: PodSpec, path: FieldPath): string[] {
  const warnings: string[] = []
  for (const key of Object.keys(nodeSelector ?? {})) {
    const message = oldNodeLabels[key]
    if (message) warnings.push(`${at(child(path, 'nodeSelector'), key)}: ${message}`)
  }
  const { requiredDuringSchedulingIgnoredDuringExecution: must, preferredDuringSchedulingIgnoredDuringExecution: may } =
    affinity?.nodeAffinity ?? {}
  const here = child(path, 'affinity', 'nodeAffinity')
  must?.nodeSelectorTerms?.forEach((term, i) => {
    const terms = child(here, 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms')
    warnings.push(...termWarnings(term, at(terms, i), false))
  })
  may?.forEach(({ preference = {} }, i) => {
    const terms = child(here, 'preferredDuringSchedulingIgnoredDuringExecution')
    warnings.push(...termWarnings(preference, child(at(terms, i), 'preference'), true))
  })
  topologySpreadConstraints?.forEach(({ topologyKey = '', labelSelector }, i) => {
    const where = at(child(path, 'topologySpreadConstraints'), i)
    const message = oldNodeLabels[topologyKey]
    if (message) warnings.push(`${child(where, 'topologyKey')}: ${topologyKey} is ${message}`)
    if (!labelSelector) warnings.push(nothingMatches(where))
  })
  return warnings
}

const nothingMatches = (path: FieldPath): string =>
  `${child(path, 'labelSelector')}: a null labelSelector results in matching no pod`

function termWarnings(term: Unchecked<k8s.NodeSelectorTerm>, path: FieldPath, withValues: boolean): string[] {
  return (term.matchExpressions ?? []).flatMap(({ key = '', values }, i) => {
    const here = at(child(path, 'matchExpressions'), i)
    const message = oldNodeLabels[key]
    const warnings = message ? [`${child(here, 'key')}: ${key} is ${message}`] : []
    if (!withValues) return warnings
    const wrong = (values ?? []).flatMap((value, j) =>
      labelValueRule(value).map((problem) => `${at(child(here, 'values'), j)}: ${value} is invalid, ${problem}`),
    )
    return [...warnings, ...wrong]
  })
}

const volumeWarnings = ({ volumes }: PodSpec, path: FieldPath): string[] =>
  (volumes ?? []).flatMap((volume, i) =>
    Object.entries(oldVolumes).flatMap(([field, message]) =>
      volume[field as keyof k8s.Volume]
        ? [`${child(at(child(path, 'volumes'), i), field === 'storageos' ? 'storageOS' : field)}: ${message}`]
        : [],
    ),
  )

function repeated<K extends string>(
  items: readonly { readonly [key in K]?: string | undefined }[] | undefined,
  path: FieldPath,
  field: K,
  what: string,
): string[] {
  const values = (items ?? []).map((item) => item[field] ?? '')
  return values.flatMap((value, i) =>
    values.indexOf(value) < i ? [`${child(at(path, i), field)}: duplicate ${what} ${goQuote(value)}`] : [],
  )
}

/** Bytes come whole. */
export function fractions(list: Readonly<Record<string, unknown>> | undefined, path: FieldPath): string[] {
  return ['memory', 'ephemeral-storage', 'storage'].flatMap((name) => {
    const value = list?.[name]
    if ((typeof value !== 'string' && typeof value !== 'number') || isWhole(value)) return []
    const shown = goQuote(formatQuantity(parseQuantity(value)))
    return [`${at(path, name)}: fractional byte value ${shown} is invalid, must be an integer`]
  })
}

function hiddenVariables(variables: readonly Unchecked<k8s.EnvVar>[], path: FieldPath): string[] {
  const names = new Set<string>()
  return variables.flatMap(({ name = '', value = '', valueFrom }, i) => {
    const known = names.has(name)
    names.add(name)
    const before = `$(${name})`
    if (!known || !(valueFrom || value === before || !value.includes(before))) return []
    return [`${at(path, i)}: hides previous definition of ${goQuote(name)}, which may be dropped when using apply`]
  })
}

function portWarnings(spec: PodSpec, path: FieldPath): string[] {
  const warnings: string[] = []
  const names: string[] = []
  const byNumber = new Map<string, { field: FieldPath; port: Port }[]>()
  const byName = new Map<string, FieldPath>()
  for (const [container, where] of containersOf(spec, path)) {
    container.ports?.forEach((port, i) => {
      const field = at(child(where, 'ports'), i)
      const key = `${port.containerPort ?? 0}/${port.protocol ?? ''}`
      const others = byNumber.get(key) ?? []
      for (const other of others) {
        const word = conflict(port, other.port)
        if (word) warnings.push(`${field}: ${word} port definition with ${other.field}`)
      }
      byNumber.set(key, [...others, { field, port }])
      if (!port.name) return
      const first = byName.get(port.name)
      if (first === undefined) byName.set(port.name, field)
      else {
        const named = goQuote(port.name)
        names.push(
          `${field}: duplicate port name ${named} with ${first}, services and probes that select ports by name will use ${first}`,
        )
      }
    })
  }
  return [...warnings, ...names]
}

function conflict(a: Port, b: Port): string | undefined {
  const [hostA, hostB] = [a.hostPort ?? 0, b.hostPort ?? 0]
  const [ipA, ipB] = [a.hostIP ?? '', b.hostIP ?? '']
  if (ipA === ipB && hostA === hostB) return 'duplicate'
  if (hostA === 0 || hostB === 0) return 'overlapping'
  return hostA === hostB && (ipA === '') !== (ipB === '') ? 'dangerously ambiguous' : undefined
}

function affinityWarnings(affinity: PodSpec['affinity'], path: FieldPath): string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((field) => {
    const {
      requiredDuringSchedulingIgnoredDuringExecution: must,
      preferredDuringSchedulingIgnoredDuringExecution: may,
    } = affinity?.[field] ?? {}
    const required = child(path, field, 'requiredDuringSchedulingIgnoredDuringExecution')
    const preferred = child(path, field, 'preferredDuringSchedulingIgnoredDuringExecution')
    return [
      ...(must ?? []).flatMap((term, i) => (term.labelSelector ? [] : [nothingMatches(at(required, i))])),
      ...(may ?? []).flatMap((term, i) =>
        term.podAffinityTerm?.labelSelector ? [] : [nothingMatches(child(at(preferred, i), 'podAffinityTerm'))],
      ),
    ]
  })
}

/** Of a change of what makes pods: only once the change is one of its spec. */
export function changeWarnings<
  T extends { readonly metadata?: { readonly generation?: number | undefined } | undefined },
>(templateOf: (object: T) => Template | undefined, path: FieldPath): (object: T, old: T) => string[] {
  return (object, old) =>
    object.metadata?.generation === old.metadata?.generation ? [] : podWarnings(templateOf(object) ?? {}, path)
}
