import { readFileSync } from 'node:fs'
import type { OciCapabilities, OciProcess, OciRlimit, OciSpec } from './oci-spec.ts'

/** By number, as in linux/capability.h. */
const names = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
)
  .split(' ')
  .map((name) => `CAP_${name}`)

/** Names (CAP_…) that this process may grant. */
export function availableCapabilities(): string[] {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  const bits = BigInt(`0x${bounding ?? '0'}`)
  return names.filter((_, bit) => (bits >> BigInt(bit)) & 1n)
}

/** RLIMIT_… → the name in /proc/<pid>/limits. */
const limitNames: Record<string, string> = {
  RLIMIT_CPU: 'Max cpu time',
  RLIMIT_FSIZE: 'Max file size',
  RLIMIT_DATA: 'Max data size',
  RLIMIT_STACK: 'Max stack size',
  RLIMIT_CORE: 'Max core file size',
  RLIMIT_RSS: 'Max resident set',
  RLIMIT_NPROC: 'Max processes',
  RLIMIT_NOFILE: 'Max open files',
  RLIMIT_MEMLOCK: 'Max locked memory',
  RLIMIT_AS: 'Max address space',
  RLIMIT_LOCKS: 'Max file locks',
  RLIMIT_SIGPENDING: 'Max pending signals',
  RLIMIT_MSGQUEUE: 'Max msgqueue size',
  RLIMIT_NICE: 'Max nice priority',
  RLIMIT_RTPRIO: 'Max realtime priority',
  RLIMIT_RTTIME: 'Max realtime timeout',
}

export function parseHardLimits(text: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const [type, title] of Object.entries(limitNames)) {
    const columns = text
      .split('\n')
      .find((line) => line.startsWith(`${title} `))
      ?.slice(26)
      .trim()
      .split(/\s+/)
    if (columns?.[1] !== undefined)
      found.set(type, columns[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(columns[1]))
  }
  return found
}

function fitRlimits(rlimits: OciRlimit[], hardLimits: Map<string, number>, adjustments: string[]): OciRlimit[] {
  return rlimits.map(({ type, soft, hard }) => {
    const limit = hardLimits.get(type) ?? Number.POSITIVE_INFINITY
    // The specification writes "unlimited" as the largest unsigned number, which some callers write as -1.
    const value = (wanted: number) => (wanted < 0 ? Number.POSITIVE_INFINITY : wanted)
    if (value(hard) <= limit && value(soft) <= limit) return { type, soft, hard }
    adjustments.push(
      `${type} is lowered to ${limit}, the most that this machine allows (${value(hard)} was asked for).`,
    )
    return { type, soft: Math.min(value(soft), limit), hard: Math.min(value(hard), limit) }
  })
}

function fitCapabilities(wanted: OciCapabilities, available: Set<string>, adjustments: string[]): OciCapabilities {
  const missing = new Set<string>()
  const granted = (list: string[] | undefined) =>
    list?.filter((name) => {
      if (!available.has(name)) missing.add(name)
      return available.has(name)
    })
  const fitted: OciCapabilities = {}
  for (const kind of ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'] as const) {
    const list = granted(wanted[kind])
    if (list !== undefined) fitted[kind] = list
  }
  if (missing.size > 0)
    adjustments.push(`Capabilities that this machine does not grant are left out: ${[...missing].join(', ')}.`)
  return fitted
}

/** What this process may grant; read once, for it cannot change. */
const host = {
  capabilities: new Set(availableCapabilities()),
  hardLimits: parseHardLimits(readFileSync('/proc/self/limits', 'utf8')),
  oomScoreAdj: Number(readFileSync('/proc/self/oom_score_adj', 'utf8')),
}

export function fitProcess(process: OciProcess, adjustments: string[]): OciProcess {
  const fitted = { ...process }
  const privileged = host.capabilities.has('CAP_SYS_RESOURCE')
  if (process.rlimits !== undefined && !privileged)
    fitted.rlimits = fitRlimits(process.rlimits, host.hardLimits, adjustments)
  if (process.capabilities !== undefined)
    fitted.capabilities = fitCapabilities(process.capabilities, host.capabilities, adjustments)
  if (process.oomScoreAdj !== undefined && process.oomScoreAdj < host.oomScoreAdj && !privileged) {
    adjustments.push(`oomScoreAdj is raised to ${host.oomScoreAdj}, the least that this machine allows.`)
    fitted.oomScoreAdj = host.oomScoreAdj
  }
  return fitted
}

/** The specification lowered to what this process may grant, and a sentence for each thing lowered. `create` does it by itself. */
export function fitToHost(spec: OciSpec): { spec: OciSpec; adjustments: string[] } {
  const adjustments: string[] = []
  return { spec: { ...spec, process: fitProcess(spec.process, adjustments) }, adjustments }
}
