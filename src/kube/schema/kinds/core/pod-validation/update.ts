import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, forbidden, goQuote, invalid, required } from '../../../validation/field-error.ts'
import { inclusiveRangeError } from '../../../validation/names.ts'
import { sameJson } from '../../../validation/same-json.ts'
import { internalForm, specDiff } from '../../../validation/spec-diff.ts'
import { mirrorAnnotation, validatePodAnnotationsUpdate } from './annotations.ts'
import { validatePod } from './index.ts'
import { validateTolerations } from './scheduling.ts'

type Pod = Unchecked<k8s.Pod>
type PodSpec = Unchecked<k8s.PodSpec>

const changeable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
]

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = [
    ...validatePod(pod),
    ...validatePodAnnotationsUpdate(pod.metadata?.annotations, old.metadata?.annotations, 'metadata.annotations'),
  ]
  const spec = pod.spec ?? {}
  const before = old.spec ?? {}
  for (const field of ['containers', 'initContainers'] as const) {
    const [now, then] = [spec[field] ?? [], before[field] ?? []]
    if (now.length !== then.length) {
      errors.push(forbidden(child('spec', field), 'pod updates may not add or remove containers'))
      return errors
    }
    now.forEach(({ image = '' }, i) => {
      const here = child(at(child('spec', field), i), 'image')
      if (image === '') errors.push(required(here))
      if (image.trim() !== image) errors.push(invalid(here, image, 'must not have leading or trailing whitespace'))
    })
  }
  const [deadline, oldDeadline] = [spec.activeDeadlineSeconds, before.activeDeadlineSeconds]
  const here = 'spec.activeDeadlineSeconds'
  if (deadline !== undefined) {
    if (deadline < 0 || deadline > 2147483647) {
      return [...errors, invalid(here, deadline, inclusiveRangeError(0, 2147483647))]
    }
    if (oldDeadline !== undefined && oldDeadline < deadline) {
      return [...errors, invalid(here, deadline, 'must be less than or equal to previous value')]
    }
  } else if (oldDeadline !== undefined) {
    errors.push(invalid(here, null, 'must not update from a positive integer to nil value'))
  }
  errors.push(...onlyAddedTolerations(spec, before), ...onlyDeletedGates(spec, before))
  if (sameJson(spec, before)) return errors
  errors.push(...validateOthersUnchanged(spec, before))
  return errors
}

function onlyAddedTolerations(spec: PodSpec, before: PodSpec): FieldError[] {
  const path = 'spec.tolerations'
  for (const old of before.tolerations ?? []) {
    const kept = (spec.tolerations ?? []).some((now) =>
      sameJson({ ...now, tolerationSeconds: undefined }, { ...old, tolerationSeconds: undefined }),
    )
    if (!kept) return [forbidden(path, 'existing toleration can not be modified except its tolerationSeconds')]
  }
  return validateTolerations(spec.tolerations, path)
}

function onlyDeletedGates(spec: PodSpec, before: PodSpec): FieldError[] {
  const had = new Set((before.schedulingGates ?? []).map((gate) => gate.name))
  return (spec.schedulingGates ?? []).flatMap(({ name = '' }, i) =>
    had.has(name)
      ? []
      : [
          forbidden(
            child(at('spec.schedulingGates', i), 'name'),
            `only deletion is allowed, but found new scheduling gate '${name}'`,
          ),
        ],
  )
}

function validateOthersUnchanged(spec: PodSpec, before: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  const munged = structuredClone(spec)
  for (const field of ['containers', 'initContainers'] as const) {
    munged[field]?.forEach((container, i) => {
      container.image = before[field]?.[i]?.image
    })
  }
  munged.activeDeadlineSeconds = before.activeDeadlineSeconds
  munged.schedulingGates = before.schedulingGates
  munged.tolerations = before.tolerations
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && munged.terminationGracePeriodSeconds === 1) {
    munged.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds
  }
  if ((before.schedulingGates?.length ?? 0) > 0) errors.push(...letGatedChange(munged, before))
  if (!sameJson(munged, before)) {
    errors.push(
      forbidden(
        'spec',
        `pod updates may not change fields other than ${changeable.join(',')}\n${specDiff('PodSpec', before, munged)}`,
      ),
    )
  }
  return errors
}

/** A pod that waits at a gate may still get more demands on its node. */
function letGatedChange(munged: PodSpec, before: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  if (!sameJson(munged.nodeSelector, before.nodeSelector)) {
    const lost = Object.entries(before.nodeSelector ?? {}).some(([key, value]) => munged.nodeSelector?.[key] !== value)
    if (lost) {
      const sentence = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
      errors.push(invalid('spec.nodeSelector', munged.nodeSelector ?? null, sentence))
    }
    munged.nodeSelector = before.nodeSelector
  }
  const [now, then] = [munged.affinity?.nodeAffinity, before.affinity?.nodeAffinity]
  if (sameJson(now, then)) return errors
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  const terms = now?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const oldTerms = then?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  if (oldTerms.length > 0 && oldTerms.length !== terms.length) {
    const sentence = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    errors.push(
      invalid(
        path,
        terms.map((term) => internalForm('NodeSelectorTerm', term)),
        sentence,
      ),
    )
  } else {
    oldTerms.forEach((oldTerm, i) => {
      if (onlyAdds(terms[i] ?? {}, oldTerm)) return
      errors.push(
        invalid(
          at(path, i),
          internalForm('NodeSelectorTerm', terms[i] ?? {}),
          'only additions are allowed (no mutations or deletions)',
        ),
      )
    })
  }
  if (!munged.affinity) {
    if (then) munged.affinity = { nodeAffinity: then }
  } else if (!before.affinity && !munged.affinity.podAffinity && !munged.affinity.podAntiAffinity) {
    delete munged.affinity
  } else munged.affinity.nodeAffinity = then
  return errors
}

function onlyAdds(term: Unchecked<k8s.NodeSelectorTerm>, old: Unchecked<k8s.NodeSelectorTerm>): boolean {
  const [expressions, fields] = [old.matchExpressions ?? [], old.matchFields ?? []]
  if (expressions.length === 0 && fields.length === 0) {
    return (term.matchExpressions?.length ?? 0) === 0 && (term.matchFields?.length ?? 0) === 0
  }
  return (
    sameJson((term.matchExpressions ?? []).slice(0, expressions.length), expressions) &&
    sameJson((term.matchFields ?? []).slice(0, fields.length), fields)
  )
}

/** Containers for debugging may only be added. */
export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata?.annotations?.[mirrorAnnotation] !== undefined) {
    return [forbidden('', 'static pods do not support ephemeral containers')]
  }
  const errors = [
    ...validatePod(pod),
    ...validatePodAnnotationsUpdate(pod.metadata?.annotations, old.metadata?.annotations, 'metadata.annotations'),
  ]
  const path: FieldPath = 'spec.ephemeralContainers'
  for (const container of old.spec?.ephemeralContainers ?? []) {
    const now = pod.spec?.ephemeralContainers?.find(({ name }) => name === container.name)
    const quoted = goQuote(container.name ?? '')
    if (!now) errors.push(forbidden(path, `existing ephemeral containers ${quoted} may not be removed\n`))
    else if (!sameJson(now, container)) {
      const difference = specDiff('EphemeralContainer', container, now)
      errors.push(forbidden(path, `existing ephemeral containers ${quoted} may not be changed\n${difference}`))
    }
  }
  return errors
}
