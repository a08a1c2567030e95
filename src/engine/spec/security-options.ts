import { invalid } from '../engine-error.ts'

export interface SecurityOptions {
  noNewPrivileges: boolean
  /** `unconfined`, a profile's JSON, or undefined for Docker's own. */
  seccompProfile: string | undefined
  apparmorProfile: string | undefined
  writableCgroups: boolean | undefined
}

function bool(text: string, option: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  throw invalid(`invalid --security-opt 2: ${JSON.stringify(option)}`)
}

/** `--security-opt`, with Docker's sentences. SELinux labels are accepted: no kernel of ours has SELinux on. */
export function parseSecurityOptions(options: readonly string[] | null | undefined): SecurityOptions {
  const parsed: SecurityOptions = {
    noNewPrivileges: false,
    seccompProfile: undefined,
    apparmorProfile: undefined,
    writableCgroups: undefined,
  }
  for (const option of options ?? []) {
    if (option === 'no-new-privileges') parsed.noNewPrivileges = true
    else if (option === 'writable-cgroups') parsed.writableCgroups = true
    else if (option !== 'disable') {
      const at = option.includes('=') ? option.indexOf('=') : option.indexOf(':')
      if (at < 0) throw invalid(`invalid --security-opt 1: ${JSON.stringify(option)}`)
      const value = option.slice(at + 1)
      switch (option.slice(0, at)) {
        case 'label':
          break
        case 'apparmor':
          parsed.apparmorProfile = value
          break
        case 'seccomp':
          parsed.seccompProfile = value
          break
        case 'no-new-privileges':
          parsed.noNewPrivileges = bool(value, option)
          break
        case 'writable-cgroups':
          parsed.writableCgroups = bool(value, option)
          break
        default:
          throw invalid(`invalid --security-opt 2: ${JSON.stringify(option)}`)
      }
    }
  }
  return parsed
}
