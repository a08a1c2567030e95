import { isIP } from 'node:net'
import { conflict, invalid } from '../engine-error.ts'
import type { HostConfig, PortMap, RestartPolicy } from '../shapes/index.ts'
import { normalizeCapabilities } from '../spec/index.ts'
import { validateMount } from './mount-request.ts'
import { parsePort, parsePortRange } from './ports.ts'

export function validateRestartPolicy(policy: RestartPolicy | undefined): void {
  const { Name = '', MaximumRetryCount = 0 } = policy ?? {}
  switch (Name) {
    case 'always':
    case 'unless-stopped':
    case 'no':
      if (MaximumRetryCount !== 0) {
        const negative = MaximumRetryCount < 0 ? ' and cannot be negative' : ''
        throw invalid(`invalid restart policy: maximum retry count can only be used with 'on-failure'${negative}`)
      }
      return
    case 'on-failure':
      if (MaximumRetryCount < 0) throw invalid('invalid restart policy: maximum retry count cannot be negative')
      return
    case '':
      return
    default:
      throw invalid(
        `invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
      )
  }
}

function validatePortBindings(ports: PortMap | null | undefined): void {
  for (const [port, bindings] of Object.entries(ports ?? {})) {
    if (!parsePort(port)) throw invalid(`invalid port specification: "${port}"`)
    for (const { HostPort = '' } of bindings ?? []) {
      if (HostPort !== '' && !parsePortRange(HostPort)) throw invalid(`invalid port specification: "${HostPort}"`)
    }
  }
}

function validateExtraHost(text: string): void {
  const separator = text.includes('=') ? '=' : ':'
  const at = text.indexOf(separator)
  const name = text.slice(0, at)
  const address = text.slice(at + 1).replace(/^\[(.*)\]$/, '$1')
  if (at <= 0 || name === '') throw invalid(`bad format for add-host: "${text}"`)
  if (address !== 'host-gateway' && isIP(address) === 0) {
    throw invalid(`invalid IP address in add-host: "${address}"`)
  }
}

const containerMode = /^container:.+/
const within = (value: string | undefined, ...accepted: string[]) => accepted.includes(value ?? '')

/** What holds wherever it runs. @throws Docker's sentences */
export function validateHostConfig(hostConfig: HostConfig): void {
  const { RestartPolicy: policy, Isolation = '' } = hostConfig
  if (hostConfig.AutoRemove && policy?.Name && policy.Name !== 'no') {
    throw conflict("can't create 'AutoRemove' container with restart policy")
  }
  for (const mount of hostConfig.Mounts ?? []) validateMount(mount)
  for (const host of hostConfig.ExtraHosts ?? []) validateExtraHost(host)
  validatePortBindings(hostConfig.PortBindings)
  validateRestartPolicy(policy)
  wrap('invalid CapAdd', () => normalizeCapabilities(hostConfig.CapAdd))
  wrap('invalid CapDrop', () => normalizeCapabilities(hostConfig.CapDrop))
  if (!within(Isolation.toLowerCase(), '', 'default')) {
    throw invalid(`invalid isolation '${Isolation}' on linux`)
  }
  if (Object.hasOwn(hostConfig.Annotations ?? {}, '')) {
    throw invalid('invalid Annotations: the empty string is not permitted as an annotation key')
  }
  const { IpcMode = '', PidMode = '', UTSMode = '', UsernsMode = '', CgroupnsMode = '' } = hostConfig
  if (!within(IpcMode, '', 'none', 'private', 'shareable', 'host') && !containerMode.test(IpcMode)) {
    throw invalid(`invalid IPC mode: ${IpcMode}`)
  }
  if (!within(PidMode, '', 'host') && !containerMode.test(PidMode)) throw invalid(`invalid PID mode: ${PidMode}`)
  if ((hostConfig.ShmSize ?? 0) < 0) throw invalid('SHM size can not be less than 0')
  if (!within(UTSMode, '', 'host')) throw invalid(`invalid UTS mode: ${UTSMode}`)
  if (!within(UsernsMode, '', 'host')) throw invalid(`invalid user namespace mode: ${UsernsMode}`)
  if (!within(CgroupnsMode, '', 'host', 'private')) throw invalid(`invalid cgroup namespace mode: ${CgroupnsMode}`)
  const score = hostConfig.OomScoreAdj ?? 0
  if (score < -1000 || score > 1000) {
    throw invalid(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`)
  }
  if (!within(hostConfig.Runtime, '', 'runc', 'io.containerd.runc.v2', 'crun')) {
    throw invalid(`unknown or invalid runtime name: ${hostConfig.Runtime}`)
  }
  for (const target of Object.keys(hostConfig.Tmpfs ?? {})) validateMountTarget(target)
  for (const { Name, Soft, Hard } of hostConfig.Ulimits ?? []) {
    if (Hard >= 0 && (Soft < 0 || Soft > Hard)) {
      throw invalid(`ulimit soft limit must be less than or equal to hard limit: ${Soft} > ${Hard}`)
    }
    if (!Name) throw invalid('invalid ulimit argument: ')
  }
}

export function validateMountTarget(target: string): void {
  if (target.replaceAll('\\', '/').replace(/\/+$/, '') === '') {
    throw invalid("invalid specification: destination can't be '/'")
  }
  if (!target.startsWith('/')) throw invalid(`invalid mount path: '${target}' mount path must be absolute`)
}

function wrap(words: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    throw invalid(`${words}: ${(error as Error).message}`, { cause: error })
  }
}
