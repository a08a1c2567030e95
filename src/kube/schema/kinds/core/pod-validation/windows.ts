import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { at, child, forbidden, invalid } from '../../../validation/field-error.ts'
import { dns1123Subdomain } from '../../../validation/names.ts'
import { validateName } from '../../../validation/rules.ts'

type Options = Unchecked<k8s.WindowsSecurityContextOptions>
type PodSpec = Unchecked<k8s.PodSpec>
type Container = Unchecked<k8s.Container>

const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const domainForm = new RegExp(`^${label}(?:\\.${label})*$`)

export function validateWindowsOptions(options: Options | undefined, path: FieldPath): FieldError[] {
  if (!options) return []
  const errors: FieldError[] = []
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options
  if (gmsaCredentialSpecName !== undefined) {
    errors.push(...validateName(dns1123Subdomain, gmsaCredentialSpecName, child(path, 'gmsaCredentialSpecName')))
  }
  if (gmsaCredentialSpec !== undefined) {
    const here = child(path, 'gmsaCredentialSpec')
    if (gmsaCredentialSpec === '') {
      errors.push(invalid(here, '', 'gmsaCredentialSpec cannot be an empty string'))
    } else if (gmsaCredentialSpec.length > 65536) {
      errors.push(invalid(here, gmsaCredentialSpec, 'gmsaCredentialSpec size must be under 64 KiB'))
    }
  }
  if (runAsUserName !== undefined) {
    for (const sentence of userNameProblems(runAsUserName)) {
      errors.push(invalid(child(path, 'runAsUserName'), runAsUserName, sentence))
    }
  }
  return errors
}

function userNameProblems(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  if (/\p{Cc}/u.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const problems: string[] = []
  const user = parts.at(-1) ?? ''
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined
  if (domain !== undefined) {
    if (domain.length >= 256) problems.push("runAsUserName's Domain length must be under 256 characters")
    if (!netBios.test(domain) && !domainForm.test(domain)) {
      problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    }
  }
  if (user === '') problems.push("runAsUserName's User cannot be empty")
  else if (user.length > 104) problems.push("runAsUserName's User length must not be longer than 104 characters")
  if (/^[. ]+$/.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces")
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    problems.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]')
  }
  return problems
}

/** Every container of a pod with its path, those of the initialization first. */
export function* containersOf(spec: PodSpec, path: FieldPath): Generator<[Container, FieldPath]> {
  for (const field of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [i, container] of (spec[field] ?? []).entries()) yield [container, at(child(path, field), i)]
  }
}

export function validateHostProcess(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  let all = 0
  let hostProcesses = 0
  for (const [container, here] of containersOf(spec, path)) {
    all++
    const own = container.securityContext?.windowsOptions?.hostProcess
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const sentence = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
      errors.push(invalid(child(here, 'securityContext', 'windowsOptions', 'hostProcess'), own, sentence))
    }
    if (own ?? ofPod) hostProcesses++
  }
  if (hostProcesses === 0) return errors
  if (hostProcesses !== all) {
    errors.push(
      invalid(
        path,
        '',
        'If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ),
    )
  }
  if (!spec.hostNetwork) {
    errors.push(
      invalid(child(path, 'hostNetwork'), false, 'hostNetwork must be true if pod contains any hostProcess containers'),
    )
  }
  return errors
}

/** Fields that say nothing to Windows, or nothing to Linux. */
export function validateOs(spec: PodSpec, path: FieldPath): FieldError[] {
  if (spec.os?.name === 'linux') return linuxProblems(spec, path)
  return spec.os?.name === 'windows' ? windowsProblems(spec, path) : []
}

function linuxProblems(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const sentence = 'windows options cannot be set for a linux pod'
  if (spec.securityContext?.windowsOptions) {
    errors.push(forbidden(child(path, 'securityContext', 'windowsOptions'), sentence))
  }
  for (const [container, here] of containersOf(spec, path)) {
    if (container.securityContext?.windowsOptions) {
      errors.push(forbidden(child(here, 'securityContext', 'windowsOptions'), sentence))
    }
  }
  return errors
}

function windowsProblems(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const refuse = (condition: unknown, field: FieldPath) => {
    if (condition) errors.push(forbidden(field, 'cannot be set for a windows pod'))
  }
  const context = spec.securityContext
  const inContext = (field: string) => child(path, 'securityContext', field)
  refuse(context?.appArmorProfile, inContext('appArmorProfile'))
  refuse(context?.seLinuxOptions, inContext('seLinuxOptions'))
  refuse(spec.hostUsers !== undefined, child(path, 'hostUsers'))
  refuse(spec.hostPID, child(path, 'hostPID'))
  refuse(spec.hostIPC, child(path, 'hostIPC'))
  refuse(context?.seccompProfile, inContext('seccompProfile'))
  refuse(context?.fsGroup !== undefined, inContext('fsGroup'))
  refuse(context?.fsGroupChangePolicy !== undefined, inContext('fsGroupChangePolicy'))
  refuse((context?.sysctls?.length ?? 0) > 0, inContext('sysctls'))
  refuse(spec.shareProcessNamespace !== undefined, child(path, 'shareProcessNamespace'))
  refuse(context?.runAsUser !== undefined, inContext('runAsUser'))
  refuse(context?.runAsGroup !== undefined, inContext('runAsGroup'))
  refuse(context?.supplementalGroups, inContext('supplementalGroups'))
  refuse(context?.supplementalGroupsPolicy !== undefined, inContext('supplementalGroupsPolicy'))
  refuse(context?.seLinuxChangePolicy !== undefined, inContext('seLinuxChangePolicy'))
  const ofContainers = [
    'appArmorProfile',
    'seLinuxOptions',
    'seccompProfile',
    'capabilities',
    'readOnlyRootFilesystem',
    'privileged',
    'allowPrivilegeEscalation',
    'procMount',
    'runAsUser',
    'runAsGroup',
  ] as const
  for (const [{ securityContext }, here] of containersOf(spec, path)) {
    for (const field of ofContainers) {
      refuse(securityContext?.[field] !== undefined, child(here, 'securityContext', field))
    }
  }
  return errors
}
