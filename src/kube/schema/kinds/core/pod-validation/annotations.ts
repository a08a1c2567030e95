import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, forbidden, goQuote, invalid } from '../../../validation/field-error.ts'
import { validateLocalPath } from './paths.ts'
import { containersOf } from './windows.ts'

type Annotations = Readonly<Record<string, string | undefined>> | undefined

export const mirrorAnnotation = 'kubernetes.io/config.mirror'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'
const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompContainerPrefix = 'container.seccomp.security.alpha.kubernetes.io/'

/** Annotations of pods that mean something. */
export function validatePodAnnotations(
  annotations: Annotations,
  spec: Unchecked<k8s.PodSpec>,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  for (const [key, value = ''] of Object.entries(annotations ?? {})) {
    if (key === mirrorAnnotation && !spec.nodeName) {
      errors.push(invalid(at(path, key), value, 'must set spec.nodeName if mirror pod annotation is set'))
    }
    if (key === deletionCost && !isDeletionCost(value)) {
      errors.push(invalid(at(path, key), value, 'must be a 32bit integer'))
    }
    if (key === seccompPod || key.startsWith(seccompContainerPrefix)) {
      errors.push(...validateSeccompName(value, child(path, key)))
    }
    if (key.startsWith(appArmorPrefix)) {
      const name = key.slice(appArmorPrefix.length)
      const found = [...containersOf(spec, '')].some(([container]) => container.name === name)
      if (!found) errors.push(invalid(at(path, key), name, 'container not found'))
      if (!['', 'runtime/default', 'unconfined'].includes(value) && !value.startsWith('localhost/')) {
        errors.push(invalid(at(path, key), value, `invalid AppArmor profile name: ${goQuote(value)}`))
      }
    }
  }
  return errors
}

const isDeletionCost = (value: string): boolean => {
  if (!/^-?(0|[1-9][0-9]*)$/.test(value) || value === '-0') return false
  return Number(value) >= -2147483648 && Number(value) <= 2147483647
}

function validateSeccompName(profile: string, path: FieldPath): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return []
  if (profile.startsWith('localhost/')) return validateLocalPath(profile.slice('localhost/'.length), path)
  return [invalid(path, profile, 'must be a valid seccomp profile')]
}

export function validatePodAnnotationsUpdate(
  annotations: Annotations,
  old: Annotations,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  for (const [key, before] of Object.entries(old ?? {})) {
    if (annotations?.[key] === before) continue
    if (key.startsWith(appArmorPrefix)) {
      errors.push(forbidden(at(path, key), 'may not remove or update AppArmor annotations'))
    }
    if (key === mirrorAnnotation) {
      errors.push(forbidden(at(path, key), 'may not remove or update mirror pod annotation'))
    }
  }
  for (const key of Object.keys(annotations ?? {})) {
    if (old?.[key] !== undefined) continue
    if (key.startsWith(appArmorPrefix)) errors.push(forbidden(at(path, key), 'may not add AppArmor annotations'))
    if (key === mirrorAnnotation) errors.push(forbidden(at(path, key), 'may not add mirror pod annotation'))
  }
  return errors
}
