import type { OciNamespace, OciProcess, OciSpec, OciUser } from '../../linux/index.ts'
import { system } from '../engine-error.ts'
import type { HostConfig } from '../shapes/index.ts'
import { grantedCapabilities } from './capabilities.ts'
import { devicesFor } from './devices.ts'
import { planMounts, type SpecMount } from './mounts.ts'
import { ociResources } from './resources.ts'
import { customSeccomp, defaultSeccomp, seccompHost } from './seccomp.ts'
import { parseSecurityOptions } from './security-options.ts'
import { sysctlsFor } from './sysctls.ts'

/** `new`: its own; `host`: the host's; otherwise the file of a namespace to enter. */
export type NamespaceChoice = 'new' | 'host' | { path: string }

export interface SpecRequest {
  rootfs: string
  hostname?: string
  domainname?: string
  args: string[]
  /** Complete: see `containerEnvironment`. */
  env: string[]
  cwd: string
  /** From `resolveUser`. */
  user: OciUser
  terminal?: boolean
  consoleSize?: [rows: number, columns: number]
  /** Limits, capabilities, devices, security options, sysctls, ulimits…; the network and mount parts are not read. */
  hostConfig: HostConfig
  mounts: readonly SpecMount[]
  namespaces: {
    network: NamespaceChoice
    pid?: NamespaceChoice
    ipc?: NamespaceChoice
    uts?: NamespaceChoice
    /** Default: the host's on cgroup v1, its own on v2. */
    cgroup?: NamespaceChoice
  }
}

export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
export const defaultShmSizeBytes = 64 * 1024 * 1024

const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
]
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

/** Docker's own defaults for `HostConfig.MaskedPaths` and `ReadonlyPaths`. */
export const defaultPaths = { masked: maskedPaths as readonly string[], readonly: readonlyPaths as readonly string[] }

/** PATH, HOSTNAME and TERM as Docker sets them, with the container's own over them. */
export function containerEnvironment(options: {
  hostname: string
  terminal?: boolean
  own: readonly string[] | null | undefined
  /** From links. */
  linked?: readonly string[]
}): string[] {
  const env = [`PATH=${defaultPath}`, `HOSTNAME=${options.hostname}`]
  if (options.terminal) env.push('TERM=xterm')
  env.push(...(options.linked ?? []))
  return overlayEnvironment(env, options.own)
}

/** Replaces where the name is there already, appends where not; a name without `=` is removed. */
export function overlayEnvironment(base: readonly string[], over: readonly string[] | null | undefined): string[] {
  const merged = new Map(base.map((entry) => [entry.split('=', 1)[0] ?? '', entry]))
  for (const entry of over ?? []) {
    const name = entry.split('=', 1)[0] ?? ''
    if (entry.includes('=')) merged.set(name, entry)
    else merged.delete(name)
  }
  return [...merged.values()]
}

function namespacesOf(request: SpecRequest): OciNamespace[] {
  const { network, pid = 'new', ipc = 'new', uts = 'new', cgroup = 'host' } = request.namespaces
  const choices = { mount: 'new' as NamespaceChoice, network, uts, pid, ipc, cgroup }
  const list: OciNamespace[] = []
  for (const [type, choice] of Object.entries(choices)) {
    if (choice === 'host') continue
    list.push({ type: type as OciNamespace['type'], ...(choice !== 'new' && { path: choice.path }) })
  }
  return list
}

/** A process with Docker's default capabilities: the container's own, and each exec's. */
export function specProcess(
  request: Pick<SpecRequest, 'args' | 'env' | 'cwd' | 'user' | 'terminal' | 'consoleSize' | 'hostConfig'>,
): OciProcess {
  const { hostConfig, user } = request
  const capabilities = grantedCapabilities({
    add: hostConfig.CapAdd ?? null,
    drop: hostConfig.CapDrop ?? null,
    ...(hostConfig.Privileged && { privileged: true }),
  })
  const rlimits = (hostConfig.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({
    type: `RLIMIT_${Name.toUpperCase()}`,
    soft: Soft,
    hard: Hard,
  }))
  return {
    terminal: request.terminal ?? false,
    ...(request.terminal &&
      request.consoleSize &&
      (request.consoleSize[0] > 0 || request.consoleSize[1] > 0) && {
        consoleSize: { height: request.consoleSize[0], width: request.consoleSize[1] },
      }),
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids ?? [] },
    args: request.args,
    env: request.env,
    cwd: request.cwd || '/',
    capabilities: {
      bounding: capabilities,
      // The kernel keeps permitted and effective for root only.
      effective: user.uid === 0 ? capabilities : [],
      permitted: user.uid === 0 ? capabilities : [],
    },
    ...(rlimits.length > 0 && { rlimits }),
    noNewPrivileges: parseSecurityOptions(hostConfig.SecurityOpt).noNewPrivileges,
    oomScoreAdj: hostConfig.OomScoreAdj ?? 0,
  }
}

/** A container-ish description → the OCI runtime specification, with Docker's default security. */
export function makeSpec(request: SpecRequest): OciSpec {
  const { hostConfig } = request
  const security = parseSecurityOptions(hostConfig.SecurityOpt)
  const process = specProcess(request)
  const privileged = hostConfig.Privileged ?? false
  const { devices, rules } = devicesFor(hostConfig)
  const { mounts, rootfsPropagation } = planMounts(request.mounts, {
    shmSizeBytes: hostConfig.ShmSize || defaultShmSizeBytes,
    withoutShm: hostConfig.IpcMode === 'none',
    readonlyRootfs: hostConfig.ReadonlyRootfs ?? false,
    privileged,
    ...(security.writableCgroups !== undefined && { writableCgroups: security.writableCgroups }),
  })
  const bounding = process.capabilities?.bounding ?? []
  const seccomp = seccompFor(security.seccompProfile, privileged, bounding)
  const ownUts = request.namespaces.uts !== 'host'
  const masked = hostConfig.MaskedPaths ?? (privileged ? [] : maskedPaths)
  const readonly = hostConfig.ReadonlyPaths ?? (privileged ? [] : readonlyPaths)
  return {
    ociVersion: '1.0.2',
    process,
    root: { path: request.rootfs, ...(hostConfig.ReadonlyRootfs && { readonly: true }) },
    ...(ownUts && request.hostname && { hostname: request.hostname }),
    ...(ownUts && request.domainname && { domainname: request.domainname }),
    mounts,
    ...(hostConfig.Annotations && { annotations: hostConfig.Annotations }),
    linux: {
      namespaces: namespacesOf(request),
      ...(devices.length > 0 && { devices }),
      resources: { ...ociResources(hostConfig), devices: rules },
      ...(rootfsPropagation && { rootfsPropagation }),
      ...(seccomp && { seccomp }),
      sysctl: sysctlsFor(hostConfig, request.namespaces.network === 'new' || isOwn(request)),
      ...(masked.length > 0 && { maskedPaths: masked }),
      ...(readonly.length > 0 && { readonlyPaths: readonly }),
    },
  }
}

// A namespace that was made for this container counts as its own, unless another container's is joined.
function isOwn(request: SpecRequest): boolean {
  return request.namespaces.network !== 'host' && !(request.hostConfig.NetworkMode ?? '').startsWith('container:')
}

function seccompFor(profile: string | undefined, privileged: boolean, capabilities: readonly string[]) {
  if (profile === 'unconfined') return undefined
  if (privileged && profile === undefined) return undefined
  if (!seccompHost().seccomp) {
    if (profile !== undefined && profile !== 'builtin') {
      throw system('seccomp is not enabled in your kernel, cannot run a custom seccomp profile')
    }
    return undefined
  }
  if (profile === undefined || profile === 'builtin') return defaultSeccomp(capabilities)
  return customSeccomp(profile, capabilities)
}
