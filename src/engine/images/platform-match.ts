import type { Platform } from '../../oci/index.ts'

const machines: Record<string, string> = {
  x64: 'amd64',
  ia32: '386',
  arm64: 'arm64',
  arm: 'arm',
  riscv64: 'riscv64',
  s390x: 's390x',
  ppc64: 'ppc64le',
}
export const hostArchitecture = machines[process.arch] ?? process.arch

const text = ({ os, architecture, variant }: Platform) => [os, architecture, ...(variant ? [variant] : [])].join('/')

export interface PlatformMismatch {
  actual: string
  host: string
  /** What the user asked for, if anything. */
  wanted: string | undefined
}

/** What a machine runs beside its own. */
const runs: Record<string, readonly string[]> = { amd64: ['amd64', '386'], arm64: ['arm64', 'arm'] }

export function platformMismatch(actual: Platform, wanted: string | undefined): PlatformMismatch | undefined {
  const host = `linux/${hostArchitecture}`
  if (wanted) {
    const [os = 'linux', architecture = '', variant] = wanted.includes('/') ? wanted.split('/') : ['linux', wanted]
    const same =
      os === actual.os &&
      architecture === actual.architecture &&
      (!variant || !actual.variant || variant === actual.variant)
    return same ? undefined : { actual: text(actual), host, wanted }
  }
  if (actual.os === 'linux' && (runs[hostArchitecture] ?? [hostArchitecture]).includes(actual.architecture))
    return undefined
  return { actual: text(actual), host, wanted: undefined }
}
