import { availableCapabilities } from '../../linux/index.ts'
import { invalid } from '../engine-error.ts'

/** What Docker grants unless told otherwise. */
export const defaultCapabilities: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
]

// capabilities(7), in the kernel's order.
const known =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
const knownCapabilities = new Set(known.split(' ').map((name) => `CAP_${name}`))

/** `net_admin` → `CAP_NET_ADMIN`; `ALL` stays. */
export function normalizeCapabilities(names: readonly string[] | null | undefined): string[] {
  return (names ?? []).map((given) => {
    const upper = given.toUpperCase()
    if (upper === 'ALL') return upper
    const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
    if (!knownCapabilities.has(name)) throw invalid(`unknown capability: "${name}"`)
    return name
  })
}

export interface CapabilityRequest {
  add?: readonly string[] | null
  drop?: readonly string[] | null
  privileged?: boolean
}

/** The set that a container gets. */
export function grantedCapabilities({ add, drop, privileged }: CapabilityRequest): string[] {
  if (privileged) return availableCapabilities()
  const adds = normalizeCapabilities(add)
  const drops = normalizeCapabilities(drop)
  if (adds.includes('ALL')) return availableCapabilities().filter((name) => !drops.includes(name))
  if (drops.includes('ALL')) return adds
  return [...new Set([...defaultCapabilities.filter((name) => !drops.includes(name)), ...adds])]
}
