import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, hostname, machine, totalmem } from 'node:os'
import type { HostFacts } from './contract.ts'

const CGROUP2_MAGIC = 0x63677270

/** Hybrid counts as v1 wherever limits are concerned: the controllers are all in the v1 trees. */
export function cgroupLayout(): HostFacts['cgroup'] {
  const magic = (path: string) => (existsSync(path) ? statfsSync(path).type : 0)
  if (magic('/sys/fs/cgroup') === CGROUP2_MAGIC) return 'v2'
  // Hidden in our own mount namespace, so the mount table of the host's first process is asked.
  const hybrid = readFileSync('/proc/1/mountinfo', 'utf8').includes(' - cgroup2 ')
  return hybrid ? 'hybrid' : 'v1'
}

function controllers(layout: HostFacts['cgroup']): Set<string> {
  if (layout === 'v2') return new Set(readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8').trim().split(' '))
  return new Set(readdirSync('/sys/fs/cgroup').flatMap((name) => name.split(',')))
}

function osRelease(): HostFacts['os'] {
  const path = ['/etc/os-release', '/usr/lib/os-release'].find((candidate) => existsSync(candidate))
  const entries = new Map(
    (path === undefined ? '' : readFileSync(path, 'utf8'))
      .split('\n')
      .map((line) => /^(\w+)="?(.*?)"?$/.exec(line))
      .filter((match) => match !== null)
      .map((match) => [match[1] ?? '', match[2] ?? '']),
  )
  return {
    name: entries.get('PRETTY_NAME') ?? 'Linux',
    id: entries.get('ID') ?? 'linux',
    versionId: entries.get('VERSION_ID') ?? '',
  }
}

const versions = new Map<string, string | null>()

function versionOf(program: string): string | null {
  const known = versions.get(program)
  if (known !== undefined) return known
  let version: string | null = null
  try {
    version = /version (\S+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1] ?? null
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  versions.set(program, version)
  return version
}

/** Read anew at each call; only the two versions are remembered. */
export function hostFacts(): HostFacts {
  const layout = cgroupLayout()
  const has = controllers(layout)
  const memorySwap =
    layout === 'v2' ? existsSync('/proc/swaps') : existsSync('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes')
  const lsm = existsSync('/sys/kernel/security/lsm') ? readFileSync('/sys/kernel/security/lsm', 'utf8').split(',') : []
  return {
    hostname: hostname(),
    kernelVersion: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
    os: osRelease(),
    machine: machine(),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    cgroup: layout,
    controllers: {
      memory: has.has('memory'),
      swap: has.has('memory') && memorySwap,
      cpu: has.has('cpu'),
      cpuset: has.has('cpuset'),
      pids: has.has('pids'),
      blkio: has.has('blkio') || has.has('io'),
      freezer: has.has('freezer') || layout === 'v2',
    },
    seccomp: existsSync('/proc/sys/kernel/seccomp/actions_avail'),
    apparmor: lsm.includes('apparmor'),
    selinux: lsm.includes('selinux'),
    cgroupNamespaces: existsSync('/proc/self/ns/cgroup'),
    ipv4Forwarding: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim() === '1',
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    crunVersion: versionOf('crun'),
    conmonVersion: versionOf('conmon'),
  }
}
