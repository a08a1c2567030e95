import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, forbidden } from '../../../validation/field-error.ts'
import { validateAnnotations, validateLabels } from '../../../validation/object-meta.ts'
import { mirrorAnnotation, validatePodAnnotations } from './annotations.ts'
import { validateImagePadding } from './containers.ts'
import { validatePodSpec } from './pod-spec.ts'

export { validatePodSpec } from './pod-spec.ts'

type Pod = Unchecked<k8s.Pod>

/** A pod as a whole, whenever it is written. */
export function validatePod(pod: Pod): FieldError[] {
  const { metadata, spec = {} } = pod
  const annotations = metadata?.annotations
  const identity = { isPod: true, name: metadata?.name ?? '', mirror: annotations?.[mirrorAnnotation] !== undefined }
  const errors = [
    ...validatePodAnnotations(annotations, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, identity, 'spec'),
  ]
  if (!spec.serviceAccountName) {
    spec.volumes?.forEach(({ projected }, i) => {
      projected?.sources?.forEach(({ serviceAccountToken }, j) => {
        if (!serviceAccountToken) return
        const where = child(at(child(at('spec.volumes', i), 'projected', 'sources'), j), 'serviceAccountToken')
        errors.push(forbidden(where, 'must not be specified when serviceAccountName is not set'))
      })
    })
  }
  for (const field of ['containers', 'initContainers'] as const) {
    spec[field]?.forEach((container, i) => {
      errors.push(...validateImagePadding(container, at(child('spec', field), i)))
    })
  }
  return errors
}

export function validatePodCreate(pod: Pod): FieldError[] {
  const errors = validatePod(pod)
  const { spec } = pod
  if ((spec?.ephemeralContainers?.length ?? 0) > 0) {
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'))
  }
  if (spec?.nodeName && (spec.schedulingGates?.length ?? 0) > 0) {
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  }
  return errors
}

/** The template of a workload. */
export function validatePodTemplate(template: Unchecked<k8s.PodTemplateSpec>, path: FieldPath): FieldError[] {
  const { metadata, spec = {} } = template
  const errors = [
    ...validateLabels(metadata?.labels, child(path, 'labels')),
    ...validateAnnotations(metadata?.annotations, child(path, 'annotations')),
    ...validatePodAnnotations(metadata?.annotations, spec, child(path, 'annotations')),
    ...validatePodSpec(spec, { isPod: false, name: '' }, child(path, 'spec')),
  ]
  if ((spec.ephemeralContainers?.length ?? 0) > 0) {
    errors.push(
      forbidden(child(path, 'spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template'),
    )
  }
  return errors
}
