import { hostFacts, type OciSeccomp, type OciSyscallRule } from '../../linux/index.ts'
import { invalid } from '../engine-error.ts'
import rules from './seccomp-rules.json' with { type: 'json' }

interface Conditions {
  caps?: string[]
  arches?: string[]
  minKernel?: string
}

/** Docker's own profile format: OCI's, with rules that hold under conditions. */
interface Profile {
  defaultAction?: string
  defaultErrnoRet?: number
  architectures?: string[] | null
  archMap?: { architecture: string; subArchitectures?: string[] | null }[] | null
  flags?: string[]
  syscalls?:
    | {
        name?: string
        names?: string[]
        action: string
        errnoRet?: number
        args?: { index: number; value: number; valueTwo?: number; op: string }[] | null
        includes?: Conditions | null
        excludes?: Conditions | null
      }[]
    | null
}

export interface SeccompHost {
  /** Names as Go has them: amd64, arm64. */
  machine: string
  kernelVersion: string
  seccomp: boolean
}

const goMachine: Record<string, string> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  i686: '386',
  riscv64: 'riscv64',
  s390x: 's390x',
  ppc64le: 'ppc64le',
  loongarch64: 'loong64',
}
const seccompMachine: Record<string, string> = {
  amd64: 'X86_64',
  arm64: 'AARCH64',
  arm: 'ARM',
  '386': 'X86',
  riscv64: 'RISCV64',
  s390x: 'S390X',
  ppc64le: 'PPC64LE',
  loong64: 'LOONGARCH64',
}

let host: SeccompHost | undefined

export function seccompHost(): SeccompHost {
  if (!host) {
    const facts = hostFacts()
    host = {
      machine: goMachine[facts.machine] ?? facts.machine,
      kernelVersion: facts.kernelVersion,
      seccomp: facts.seccomp,
    }
  }
  return host
}

function atLeast(kernel: string, wanted: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

/** Docker's own rules as a profile in Docker's format. */
function defaultProfile(): Profile {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: rules.defaultErrno,
    archMap: Object.entries(rules.architectures).map(([name, sub]) => ({
      architecture: `SCMP_ARCH_${name}`,
      subArchitectures: sub.map((part) => `SCMP_ARCH_${part}`),
    })),
    syscalls: (rules.rules as RuleData[]).map((rule) => ({
      names: rule.allow ?? rule.deny ?? [],
      action: rule.deny ? 'SCMP_ACT_ERRNO' : 'SCMP_ACT_ALLOW',
      ...(rule.errno !== undefined && { errnoRet: rule.errno }),
      ...(rule.when && {
        args: rule.when.map(([index, op, value]) => ({ index, value, op: `SCMP_CMP_${op}` })),
      }),
      includes: {
        ...(rule.withCapability && { caps: [rule.withCapability] }),
        ...(rule.onMachine && { arches: rule.onMachine }),
        ...(rule.sinceKernel && { minKernel: rule.sinceKernel }),
      },
      excludes: {
        ...(rule.withoutCapability && { caps: [rule.withoutCapability] }),
        ...(rule.notOnMachine && { arches: rule.notOnMachine }),
      },
    })),
  }
}

interface RuleData {
  allow?: string[]
  deny?: string[]
  errno?: number
  when?: [index: number, op: string, value: number][]
  withCapability?: string
  withoutCapability?: string
  onMachine?: string[]
  notOnMachine?: string[]
  sinceKernel?: string
}

function applies(
  rule: { includes?: Conditions | null; excludes?: Conditions | null },
  caps: Set<string>,
  on: SeccompHost,
) {
  const { includes, excludes } = rule
  if (excludes?.arches?.includes(on.machine)) return false
  if (excludes?.caps?.some((name) => caps.has(name))) return false
  if (excludes?.minKernel && atLeast(on.kernelVersion, excludes.minKernel)) return false
  if (includes?.arches?.length && !includes.arches.includes(on.machine)) return false
  if (includes?.caps?.some((name) => !caps.has(name))) return false
  return !(includes?.minKernel && !atLeast(on.kernelVersion, includes.minKernel))
}

function translate(profile: Profile, capabilities: readonly string[], on: SeccompHost): OciSeccomp | undefined {
  if (!profile.defaultAction && !profile.syscalls?.length) return undefined
  if (profile.architectures?.length && profile.archMap?.length) {
    throw invalid(
      "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
    )
  }
  const granted = new Set(capabilities)
  const native = `SCMP_ARCH_${seccompMachine[on.machine] ?? ''}`
  const mapped = profile.archMap?.find((entry) => entry.architecture === native)
  const architectures = mapped ? [mapped.architecture, ...(mapped.subArchitectures ?? [])] : profile.architectures
  const syscalls: OciSyscallRule[] = []
  for (const rule of profile.syscalls ?? []) {
    if (rule.name && rule.names?.length) {
      throw invalid("both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'")
    }
    if (!applies(rule, granted, on)) continue
    syscalls.push({
      names: rule.name ? [rule.name] : (rule.names ?? []),
      action: rule.action,
      ...(rule.errnoRet !== undefined && { errnoRet: rule.errnoRet }),
      ...(rule.args?.length && { args: rule.args }),
    })
  }
  return {
    defaultAction: profile.defaultAction ?? '',
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    ...(architectures?.length && { architectures }),
    ...(profile.flags?.length && { flags: profile.flags }),
    syscalls,
  }
}

// One per set of capabilities: building it takes longer than the rest of a specification.
const defaults = new Map<string, OciSeccomp | undefined>()

export function defaultSeccomp(capabilities: readonly string[], on = seccompHost()): OciSeccomp | undefined {
  const key = [on.machine, on.kernelVersion, ...capabilities].join()
  if (!defaults.has(key)) defaults.set(key, translate(defaultProfile(), capabilities, on))
  return defaults.get(key)
}

/** `--security-opt seccomp=…`, whose value is the profile's JSON. */
export function customSeccomp(json: string, capabilities: readonly string[], on = seccompHost()) {
  let profile: Profile
  try {
    profile = JSON.parse(json) as Profile
  } catch (error) {
    throw invalid(`Decoding seccomp profile failed: ${(error as Error).message}`, { cause: error })
  }
  return translate(profile, capabilities, on)
}
