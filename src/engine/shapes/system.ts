import type { BuildCacheRecord } from '../build/contract.ts'
import type { ContainerSummary } from './container.ts'
import type { ImageSummary } from './image.ts'
import type { Volume } from './volume.ts'

/** What of GET /info the engine knows; the daemon adds its own version, registries and endpoints. */
export interface SystemInfo {
  ID: string
  Containers: number
  ContainersRunning: number
  ContainersPaused: number
  ContainersStopped: number
  Images: number
  Driver: string
  DriverStatus: [string, string][]
  DockerRootDir: string
  Plugins: { Volume: string[]; Network: string[]; Authorization: null; Log: string[] }
  MemoryLimit: boolean
  SwapLimit: boolean
  CpuCfsPeriod: boolean
  CpuCfsQuota: boolean
  CPUShares: boolean
  CPUSet: boolean
  PidsLimit: boolean
  IPv4Forwarding: boolean
  Debug: boolean
  NFd: number
  OomKillDisable: boolean
  NGoroutines: number
  SystemTime: string
  LoggingDriver: string
  CgroupDriver: 'cgroupfs'
  CgroupVersion: '1' | '2'
  NEventsListener: number
  KernelVersion: string
  OperatingSystem: string
  OSVersion: string
  OSType: 'linux'
  Architecture: string
  NCPU: number
  MemTotal: number
  Name: string
  Labels: string[]
  ExperimentalBuild: boolean
  DefaultRuntime: string
  Runtimes: Record<string, { path: string }>
  LiveRestoreEnabled: boolean
  Isolation: string
  InitBinary: string
  SecurityOptions: string[]
  DefaultAddressPools: { Base: string; Size: number }[]
  Warnings: string[]
}

/** GET /system/df before 1.52 shapes it; a part that was not asked for is absent. */
export interface DiskUsage {
  LayersSize?: number
  Images?: ImageSummary[]
  Containers?: ContainerSummary[]
  Volumes?: Volume[]
  BuildCache?: readonly BuildCacheRecord[]
}
