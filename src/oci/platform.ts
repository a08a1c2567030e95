import type { Descriptor, Platform } from './manifest.ts'
import { OciError } from './oci-error.ts'

const nodeArchitectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  arm64: 'arm64',
  arm: 'arm',
  ppc64: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loong64',
  mips64el: 'mips64le',
}

const architectureAliases: Readonly<Record<string, readonly [string, string?]>> = {
  i386: ['386'],
  i486: ['386'],
  i586: ['386'],
  i686: ['386'],
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
}

/** As containerd's platforms package writes them: arm64's v8 and arm's v7 are the plain ones, amd64's v1 is nothing. */
export function normalizePlatform(platform: Platform): Platform {
  const alias = architectureAliases[platform.architecture.toLowerCase()]
  const architecture = alias?.[0] ?? platform.architecture.toLowerCase()
  let variant = (platform.variant ?? alias?.[1] ?? '').toLowerCase()
  if (architecture === 'arm64' && (variant === '8' || variant === 'v8')) variant = ''
  if (architecture === 'amd64' && variant === 'v1') variant = ''
  if (architecture === 'arm' && (variant === '' || variant === '7')) variant = 'v7'
  if (architecture === 'arm' && /^[568]$/.test(variant)) variant = `v${variant}`
  const os = platform.os.toLowerCase()
  const { variant: _dropped, ...rest } = platform
  return { ...rest, os: os === 'macos' ? 'darwin' : os, architecture, ...(variant !== '' && { variant }) }
}

/** The platform of this machine. */
export function hostPlatform(): Platform {
  const architecture = nodeArchitectures[process.arch] ?? process.arch
  return normalizePlatform({ os: process.platform, architecture })
}

const part = /^[A-Za-z0-9_.-]+$/
const knownOs = new Set([
  'linux',
  'windows',
  'darwin',
  'macos',
  'freebsd',
  'openbsd',
  'netbsd',
  'android',
  'wasip1',
  'js',
])

/**
 * `linux/arm64/v8`, `linux`, `arm64`; what is not said is the machine's own.
 * @throws OciError invalid, with containerd's sentences
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/')
  for (const one of parts) {
    if (!part.test(one)) {
      throw new OciError(
        'invalid',
        `"${one}" is an invalid component of "${text}": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument`,
      )
    }
  }
  const [first = '', architecture, variant] = parts
  const host = hostPlatform()
  if (parts.length > 3) throw new OciError('invalid', `"${text}": cannot parse platform specifier: invalid argument`)
  if (architecture !== undefined) {
    return normalizePlatform({ os: first, architecture, ...(variant !== undefined && { variant }) })
  }
  if (knownOs.has(first.toLowerCase())) return normalizePlatform({ ...host, os: first })
  const known = Object.values(nodeArchitectures).includes(first.toLowerCase())
  if (known || Object.hasOwn(architectureAliases, first.toLowerCase())) {
    return normalizePlatform({ os: 'linux', architecture: first })
  }
  throw new OciError('invalid', `"${text}": unknown operating system or architecture: invalid argument`)
}

export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`
}

/** What a machine of that platform can run, best first. */
function runnable(wanted: Platform): Platform[] {
  const { os, architecture, variant } = normalizePlatform(wanted)
  const plain = { os, architecture }
  if (architecture === 'arm') {
    const level = Number((variant ?? 'v7').slice(1))
    const levels = Array.from({ length: Math.max(level - 4, 0) }, (_, i) => ({ ...plain, variant: `v${level - i}` }))
    return levels.map(normalizePlatform)
  }
  if (architecture === 'amd64' && variant) {
    const level = Number(variant.slice(1))
    const levels = Array.from({ length: Math.max(level - 1, 0) }, (_, i) => ({ ...plain, variant: `v${level - i}` }))
    return [...levels, plain]
  }
  return variant ? [{ ...plain, variant }, plain] : [plain]
}

/** 0 is the best fit, larger is worse, undefined does not fit. */
export function platformRank(wanted: Platform, offered: Platform): number | undefined {
  const target = formatPlatform(normalizePlatform(offered))
  const rank = runnable(wanted).findIndex((one) => formatPlatform(one) === target)
  return rank < 0 ? undefined : rank
}

export function platformMatches(wanted: Platform, offered: Platform): boolean {
  return platformRank(wanted, offered) !== undefined
}

/** The manifest of an index that fits best; the first among equals. Attestations (platform unknown/unknown) never fit. */
export function selectManifest(manifests: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  let best: { descriptor: Descriptor; rank: number } | undefined
  for (const descriptor of manifests) {
    const rank = descriptor.platform && platformRank(wanted, descriptor.platform)
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { descriptor, rank }
  }
  return best?.descriptor
}
