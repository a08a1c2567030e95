import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import {
  at,
  child,
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../validation/field-error.ts'
import { userId } from '../../../validation/names.ts'
import { internalForm } from '../../../validation/spec-diff.ts'
import { validateLocalPath } from './paths.ts'
import { validateWindowsOptions } from './windows.ts'

type PodContext = Unchecked<k8s.PodSecurityContext>
type ContainerContext = Unchecked<k8s.SecurityContext>

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

const validateId = (id: number | undefined, path: FieldPath): FieldError[] =>
  id === undefined ? [] : userId(id).map((message) => invalid(path, id, message))

export function validateSeccomp(profile: Unchecked<k8s.SeccompProfile> | undefined, path: FieldPath): FieldError[] {
  if (!profile) return []
  const errors: FieldError[] = []
  const { type = '', localhostProfile } = profile
  if (type === '') errors.push(required(child(path, 'type'), 'type is required when seccompProfile is set'))
  else if (!profileTypes.includes(type)) errors.push(notSupported(child(path, 'type'), type, profileTypes))
  const here = child(path, 'localhostProfile')
  if (type === 'Localhost') {
    if (localhostProfile === undefined) errors.push(required(here, 'must be set when seccomp type is Localhost'))
    else errors.push(...validateLocalPath(localhostProfile, here))
  } else if (localhostProfile !== undefined) {
    errors.push(
      invalid(here, internalForm('SeccompProfile', profile), 'can only be set when seccomp type is Localhost'),
    )
  }
  return errors
}

export function validateAppArmor(profile: Unchecked<k8s.AppArmorProfile> | undefined, path: FieldPath): FieldError[] {
  if (!profile) return []
  const { type = '', localhostProfile } = profile
  const here = child(path, 'localhostProfile')
  const missing = 'must be set when AppArmor type is Localhost'
  if (type === '') return [required(child(path, 'type'), 'type is required when appArmorProfile is set')]
  if (!profileTypes.includes(type)) return [notSupported(child(path, 'type'), type, profileTypes)]
  if (type !== 'Localhost') {
    return localhostProfile === undefined
      ? []
      : [invalid(here, localhostProfile, 'can only be set when AppArmor type is Localhost')]
  }
  if (localhostProfile === undefined) return [required(here, missing)]
  const errors: FieldError[] = []
  if (localhostProfile.trim() !== localhostProfile) {
    errors.push(invalid(here, localhostProfile, 'must not be padded with whitespace'))
  } else if (localhostProfile === '') errors.push(required(here, missing))
  if (localhostProfile.length > 4095) errors.push(tooLong(here, 4095))
  return errors
}

export function validateContainerContext(
  context: ContainerContext | undefined,
  hostUsers: boolean,
  path: FieldPath,
): FieldError[] {
  if (!context) return []
  const errors = [
    ...validateId(context.runAsUser, child(path, 'runAsUser')),
    ...validateId(context.runAsGroup, child(path, 'runAsGroup')),
  ]
  const { procMount } = context
  if (procMount !== undefined) {
    const types = ['Default', 'Unmasked']
    if (!types.includes(procMount)) errors.push(notSupported(child(path, 'procMount'), procMount, types))
    if (hostUsers && procMount === 'Unmasked') {
      errors.push(invalid(child(path, 'procMount'), procMount, '`hostUsers` must be false to use `Unmasked`'))
    }
  }
  errors.push(...validateSeccomp(context.seccompProfile, child(path, 'seccompProfile')))
  if (context.allowPrivilegeEscalation === false) {
    const cannot = 'cannot set `allowPrivilegeEscalation` to false and'
    const shown = internalForm('SecurityContext', context)
    if (context.privileged) errors.push(invalid(path, shown, `${cannot} \`privileged\` to true`))
    for (const capability of context.capabilities?.add ?? []) {
      if (capability === 'CAP_SYS_ADMIN') {
        errors.push(invalid(path, shown, `${cannot} \`capabilities.Add\` CAP_SYS_ADMIN`))
      }
    }
  }
  errors.push(...validateWindowsOptions(context.windowsOptions, child(path, 'windowsOptions')))
  errors.push(...validateAppArmor(context.appArmorProfile, child(path, 'appArmorProfile')))
  return errors
}

const sysctlForm = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/

export function validatePodContext(spec: Unchecked<k8s.PodSpec>, path: FieldPath): FieldError[] {
  const context: PodContext | undefined = spec.securityContext
  if (!context) return []
  const errors: FieldError[] = [
    ...validateId(context.fsGroup, child(path, 'fsGroup')),
    ...validateId(context.runAsUser, child(path, 'runAsUser')),
    ...validateId(context.runAsGroup, child(path, 'runAsGroup')),
    ...(context.supplementalGroups ?? []).flatMap((id, i) => validateId(id, at(child(path, 'supplementalGroups'), i))),
  ]
  if (spec.shareProcessNamespace && spec.hostPID) {
    const sentence = 'ShareProcessNamespace and HostPID cannot both be enabled'
    errors.push(invalid(child(path, 'shareProcessNamespace'), true, sentence))
  }
  errors.push(...validateSysctls(spec, context, child(path, 'sysctls')))
  const oneOf = (field: keyof PodContext, value: string | undefined, supported: string[]) => {
    if (value !== undefined && !supported.includes(value))
      errors.push(notSupported(child(path, field), value, supported))
  }
  oneOf('fsGroupChangePolicy', context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'])
  errors.push(...validateSeccomp(context.seccompProfile, child(path, 'seccompProfile')))
  errors.push(...validateWindowsOptions(context.windowsOptions, child(path, 'windowsOptions')))
  errors.push(...validateAppArmor(context.appArmorProfile, child(path, 'appArmorProfile')))
  oneOf('supplementalGroupsPolicy', context.supplementalGroupsPolicy, ['Merge', 'Strict'])
  oneOf('seLinuxChangePolicy', context.seLinuxChangePolicy, ['MountOption', 'Recursive'])
  return errors
}

function validateSysctls(spec: Unchecked<k8s.PodSpec>, { sysctls }: PodContext, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  sysctls?.forEach(({ name = '' }, i) => {
    const here = child(at(path, i), 'name')
    if (name === '') errors.push(required(here))
    else if (name.length > 253 || !sysctlForm.test(name)) {
      errors.push(
        invalid(
          here,
          name,
          'must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
        ),
      )
    } else if (seen.has(name)) errors.push(duplicate(here, name))
    const dotted = name.replaceAll('/', '.')
    const ipc = ['kernel.sem', 'kernel.shm', 'kernel.msg', 'fs.mqueue.'].some((prefix) => dotted.startsWith(prefix))
    if (spec.hostNetwork && dotted.startsWith('net.')) {
      errors.push(invalid(here, name, "may not be specified when 'hostNetwork' is true"))
    } else if (spec.hostIPC && ipc) errors.push(invalid(here, name, "may not be specified when 'hostIPC' is true"))
    seen.add(name)
  })
  return errors
}

/** A user namespace of the pod's own excludes the host's other namespaces. */
export function validateHostUsers(spec: Unchecked<k8s.PodSpec>, path: FieldPath): FieldError[] {
  if (spec.hostUsers !== false) return []
  const detail = 'when `hostUsers` is false'
  const errors: FieldError[] = []
  if (spec.hostNetwork) errors.push(forbidden(child(path, 'hostNetwork'), detail))
  if (spec.hostPID) errors.push(forbidden(child(path, 'HostPID'), detail))
  if (spec.hostIPC) errors.push(forbidden(child(path, 'HostIPC'), detail))
  for (const field of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    spec[field]?.forEach((container, i) => {
      if ((container.volumeDevices?.length ?? 0) > 0) {
        errors.push(forbidden(child(at(child(path, field), i), 'volumeDevices'), detail))
      }
    })
  }
  return errors
}
