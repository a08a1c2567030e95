import type { ContainerConfig } from './container-config.ts'
import type { HostConfig, PortBinding, Resources, RestartPolicy } from './host-config.ts'
import type { EndpointSettings } from './network.ts'

/** Conditions on a list: `status` → values, any of which will do; different keys must all hold. */
export type Filters = Readonly<Record<string, readonly string[]>>

export interface CreateContainerRequest {
  name?: string
  /** `os/arch[/variant]` */
  platform?: string
  config: ContainerConfig
  hostConfig?: HostConfig
  networkingConfig?: { EndpointsConfig?: Record<string, EndpointSettings | null> | null }
}

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

export interface ContainerState {
  Status: ContainerStatus
  Running: boolean
  Paused: boolean
  Restarting: boolean
  OOMKilled: boolean
  Dead: boolean
  Pid: number
  ExitCode: number
  Error: string
  /** RFC 3339 with nanoseconds; `0001-01-01T00:00:00Z` is never. */
  StartedAt: string
  FinishedAt: string
  Health?: Health
}

export interface Health {
  Status: 'none' | 'starting' | 'healthy' | 'unhealthy'
  FailingStreak: number
  /** The last five. */
  Log: HealthResult[]
}

export interface HealthResult {
  Start: string
  End: string
  ExitCode: number
  Output: string
}

export interface MountPoint {
  Type: 'bind' | 'volume' | 'tmpfs' | 'image'
  Name?: string
  Source: string
  Destination: string
  Driver?: string
  Mode: string
  RW: boolean
  Propagation: string
}

export interface NetworkSettings {
  SandboxID: string
  SandboxKey: string
  Ports: Record<string, PortBinding[] | null>
  Networks: Record<string, EndpointSettings>
  /** Of the default bridge; left out since API 1.52. */
  Bridge: string
  HairpinMode: boolean
  LinkLocalIPv6Address: string
  LinkLocalIPv6PrefixLen: number
  SecondaryIPAddresses: null
  SecondaryIPv6Addresses: null
  EndpointID: string
  Gateway: string
  GlobalIPv6Address: string
  GlobalIPv6PrefixLen: number
  IPAddress: string
  IPPrefixLen: number
  IPv6Gateway: string
  MacAddress: string
}

export interface ContainerInspect {
  Id: string
  Created: string
  Path: string
  Args: string[]
  State: ContainerState
  Image: string
  ResolvConfPath: string
  HostnamePath: string
  HostsPath: string
  LogPath: string
  Name: string
  RestartCount: number
  Driver: string
  Platform: string
  ImageManifestDescriptor?: object
  MountLabel: string
  ProcessLabel: string
  AppArmorProfile: string
  ExecIDs: string[] | null
  HostConfig: HostConfig
  GraphDriver: { Name: string; Data: Record<string, string> | null }
  SizeRw?: number
  SizeRootFs?: number
  Mounts: MountPoint[]
  Config: ContainerConfig
  NetworkSettings: NetworkSettings
}

export interface PortSummary {
  IP?: string
  PrivatePort: number
  PublicPort?: number
  Type: string
}

export interface ContainerSummary {
  Id: string
  Names: string[]
  Image: string
  ImageID: string
  ImageManifestDescriptor?: object
  Command: string
  /** Unix seconds. */
  Created: number
  Ports: PortSummary[]
  SizeRw?: number
  SizeRootFs?: number
  Labels: Record<string, string>
  State: ContainerStatus
  /** `Up 3 minutes (healthy)` */
  Status: string
  Health?: { Status: string; FailingStreak: number }
  HostConfig: { NetworkMode: string; Annotations?: Record<string, string> }
  NetworkSettings: { Networks: Record<string, EndpointSettings> }
  Mounts: MountPoint[]
}

export interface ListContainersOptions {
  all?: boolean
  /** The newest n, running or not. */
  limit?: number
  size?: boolean
  filters?: Filters
}

export interface UpdateContainerRequest extends Resources {
  RestartPolicy?: RestartPolicy
}

export interface WaitResult {
  StatusCode: number
  Error?: { Message: string }
}

export interface LogsOptions {
  stdout: boolean
  stderr: boolean
  follow?: boolean
  since?: Date
  until?: Date
  timestamps?: boolean
  details?: boolean
  /** The last n lines; absent: all. */
  tail?: number
}

export interface AttachOptions {
  stdin?: boolean
  stdout?: boolean
  stderr?: boolean
  /** Replay what was written so far. */
  logs?: boolean
  /** Go on with what comes. */
  stream?: boolean
  /** `ctrl-p,ctrl-q` is the default; an empty string too. */
  detachKeys?: string
}

export interface PathStat {
  name: string
  size: number
  /** Go's os.FileMode bits. */
  mode: number
  mtime: string
  linkTarget: string
}

export interface CommitRequest {
  container: string
  repo?: string
  tag?: string
  comment?: string
  author?: string
  /** Default true. */
  pause?: boolean
  /** Dockerfile instructions. */
  changes?: string[]
  /** What replaces the container's own configuration. */
  config?: ContainerConfig
}

export interface ExecConfig {
  User?: string
  Privileged?: boolean
  Tty?: boolean
  ConsoleSize?: [number, number] | null
  AttachStdin?: boolean
  AttachStdout?: boolean
  AttachStderr?: boolean
  Detach?: boolean
  DetachKeys?: string
  Env?: string[] | null
  WorkingDir?: string
  Cmd?: string[] | null
}

export interface ExecInspect {
  ID: string
  Running: boolean
  ExitCode: number | null
  ProcessConfig: { entrypoint: string; arguments: string[]; tty: boolean; privileged: boolean; user?: string }
  OpenStdin: boolean
  OpenStderr: boolean
  OpenStdout: boolean
  CanRemove: boolean
  ContainerID: string
  DetachKeys: string
  Pid: number
}
