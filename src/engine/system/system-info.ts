import { readdirSync } from 'node:fs'
import { arch, availableParallelism, hostname, totalmem } from 'node:os'
import { findInit } from '../containers/init-program.ts'
import type { Core } from '../core/core.ts'
import { timestamp } from '../core/timestamp.ts'
import { defaultAddressPools } from '../networks/default-pools.ts'
import type { SystemInfo } from '../shapes/index.ts'

function warningsOf({ host }: Core): string[] {
  const { controllers } = host
  const warnings: string[] = []
  if (!controllers.memory) warnings.push('WARNING: No memory limit support')
  if (!controllers.swap) warnings.push('WARNING: No swap limit support')
  if (!controllers.cpu) {
    warnings.push(
      'WARNING: No cpu cfs quota support',
      'WARNING: No cpu cfs period support',
      'WARNING: No cpu shares support',
    )
  }
  if (!controllers.cpuset) warnings.push('WARNING: No cpuset support')
  if (!controllers.pids) warnings.push('WARNING: No pids limit support')
  if (!controllers.blkio) warnings.push('WARNING: No blkio throttle.read_bps_device support')
  return warnings
}

const count = (core: Core, ...statuses: string[]) =>
  core.containers.all().filter(({ status }) => statuses.includes(status)).length

/** What of `docker info` the engine knows. */
export function systemInfo(core: Core, id: string): SystemInfo {
  const { host, containers, content } = core
  const { controllers } = host
  return {
    ID: id,
    Containers: containers.all().length,
    ContainersRunning: count(core, 'running', 'restarting'),
    ContainersPaused: count(core, 'paused'),
    ContainersStopped: count(core, 'created', 'exited', 'dead', 'removing'),
    Images: content.images.list().length,
    Driver: 'overlay2',
    DriverStatus: [
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ],
    DockerRootDir: core.folders.state,
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'null'],
      Authorization: null,
      Log: ['json-file', 'local', 'none'],
    },
    MemoryLimit: controllers.memory,
    SwapLimit: controllers.swap,
    CpuCfsPeriod: controllers.cpu,
    CpuCfsQuota: controllers.cpu,
    CPUShares: controllers.cpu,
    CPUSet: controllers.cpuset,
    PidsLimit: controllers.pids,
    IPv4Forwarding: true,
    Debug: false,
    NFd: readdirSync('/proc/self/fd').length,
    OomKillDisable: controllers.memory && host.cgroup !== 'v2',
    NGoroutines: 0,
    SystemTime: timestamp(),
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    CgroupVersion: host.cgroup === 'v2' ? '2' : '1',
    NEventsListener: core.events.listeners,
    KernelVersion: host.kernelVersion,
    OperatingSystem: host.os.name,
    OSVersion: host.os.versionId,
    OSType: 'linux',
    Architecture: host.machine || arch(),
    NCPU: host.cpus || availableParallelism(),
    MemTotal: host.memoryBytes || totalmem(),
    Name: hostname(),
    Labels: [],
    ExperimentalBuild: false,
    DefaultRuntime: 'runc',
    Runtimes: { 'io.containerd.runc.v2': { path: 'crun' }, runc: { path: 'crun' } },
    LiveRestoreEnabled: true,
    Isolation: '',
    InitBinary: findInit(core.options.initBinary) ?? '',
    SecurityOptions: [
      ...(host.apparmor ? ['name=apparmor'] : []),
      ...(host.seccomp ? ['name=seccomp,profile=builtin'] : []),
      ...(host.cgroup === 'v2' && host.cgroupNamespaces ? ['name=cgroupns'] : []),
    ],
    DefaultAddressPools: [...defaultAddressPools],
    Warnings: warningsOf(core),
  }
}
