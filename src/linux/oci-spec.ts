/**
 * The parts of the OCI runtime specification 1.0.2 (config.json) that are used here.
 * Field names and meanings: https://github.com/opencontainers/runtime-spec/blob/v1.0.2/config.md
 */

export interface OciSpec {
  ociVersion: string
  process: OciProcess
  root: { path: string; readonly?: boolean }
  hostname?: string
  domainname?: string
  mounts: OciMount[]
  hooks?: Partial<Record<'createRuntime' | 'createContainer' | 'startContainer' | 'poststart' | 'poststop', OciHook[]>>
  annotations?: Record<string, string>
  linux: OciLinux
}

export interface OciProcess {
  terminal?: boolean
  consoleSize?: { height: number; width: number }
  user: OciUser
  args: string[]
  env: string[]
  cwd: string
  capabilities?: OciCapabilities
  rlimits?: OciRlimit[]
  noNewPrivileges?: boolean
  apparmorProfile?: string
  selinuxLabel?: string
  oomScoreAdj?: number
}

export interface OciUser {
  uid: number
  gid: number
  umask?: number
  additionalGids?: number[]
}

/** Names as in capabilities(7), with the CAP_ prefix. */
export interface OciCapabilities {
  bounding?: string[]
  effective?: string[]
  inheritable?: string[]
  permitted?: string[]
  ambient?: string[]
}

export interface OciRlimit {
  /** RLIMIT_NOFILE and so on. */
  type: string
  soft: number
  hard: number
}

export interface OciMount {
  destination: string
  type?: string
  source?: string
  options?: string[]
}

export interface OciHook {
  path: string
  args?: string[]
  env?: string[]
  timeout?: number
}

export interface OciLinux {
  namespaces: OciNamespace[]
  uidMappings?: OciIdMapping[]
  gidMappings?: OciIdMapping[]
  devices?: OciDevice[]
  /** Left out, the container lands in this instance's own cgroup parent. */
  cgroupsPath?: string
  resources?: OciResources
  rootfsPropagation?: 'shared' | 'slave' | 'private' | 'unbindable' | 'rshared' | 'rslave' | 'rprivate'
  seccomp?: OciSeccomp
  sysctl?: Record<string, string>
  maskedPaths?: string[]
  readonlyPaths?: string[]
  mountLabel?: string
}

export interface OciNamespace {
  type: 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup'
  /** An existing namespace to enter; left out, a new one is made. */
  path?: string
}

export interface OciIdMapping {
  containerID: number
  hostID: number
  size: number
}

export interface OciDevice {
  type: 'c' | 'b' | 'p' | 'u'
  path: string
  major?: number
  minor?: number
  fileMode?: number
  uid?: number
  gid?: number
}

export interface OciDeviceRule {
  allow: boolean
  type?: 'a' | 'c' | 'b'
  major?: number
  minor?: number
  access?: string
}

export interface OciResources {
  devices?: OciDeviceRule[]
  memory?: {
    /** Bytes; -1 is no limit. */
    limit?: number
    reservation?: number
    /** Memory and swap together, bytes; -1 is no limit. */
    swap?: number
    kernel?: number
    kernelTCP?: number
    swappiness?: number
    disableOOMKiller?: boolean
  }
  cpu?: {
    shares?: number
    /** Microseconds per period. */
    quota?: number
    /** Microseconds. */
    period?: number
    realtimeRuntime?: number
    realtimePeriod?: number
    cpus?: string
    mems?: string
  }
  pids?: { limit: number }
  blockIO?: {
    weight?: number
    weightDevice?: { major: number; minor: number; weight: number }[]
    throttleReadBpsDevice?: OciThrottle[]
    throttleWriteBpsDevice?: OciThrottle[]
    throttleReadIOPSDevice?: OciThrottle[]
    throttleWriteIOPSDevice?: OciThrottle[]
  }
  hugepageLimits?: { pageSize: string; limit: number }[]
  unified?: Record<string, string>
}

export interface OciThrottle {
  major: number
  minor: number
  rate: number
}

export interface OciSeccomp {
  /** SCMP_ACT_ERRNO and so on. */
  defaultAction: string
  defaultErrnoRet?: number
  /** SCMP_ARCH_X86_64 and so on; left out, the machine's own. */
  architectures?: string[]
  flags?: string[]
  syscalls?: OciSyscallRule[]
}

export interface OciSyscallRule {
  names: string[]
  action: string
  errnoRet?: number
  args?: { index: number; value: number; valueTwo?: number; op: string }[]
}
