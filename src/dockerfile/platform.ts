import { goQuote } from './characters.ts'
import { fault } from './syntax-error.ts'

/** What can stand behind `--platform=`. */
export interface DockerfilePlatform {
  readonly os: string
  readonly architecture: string
  readonly variant: string
}

const component = /^[A-Za-z0-9_.-]+$/
const systems = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  ),
)
const architectures = new Set(
  '386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm'.split(
    ' ',
  ),
)

function normalize(architecture: string, variant: string): { architecture: string; variant: string } {
  const name = architecture.toLowerCase()
  const kind = variant.toLowerCase()
  switch (name) {
    case 'i386':
      return { architecture: '386', variant: '' }
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return { architecture: 'amd64', variant: kind === 'v1' ? '' : kind }
    case 'aarch64':
    case 'arm64':
      return { architecture: 'arm64', variant: kind === '8' || kind === 'v8' ? '' : kind }
    case 'armhf':
      return { architecture: 'arm', variant: 'v7' }
    case 'armel':
      return { architecture: 'arm', variant: 'v6' }
    case 'arm':
      return {
        architecture: 'arm',
        variant: kind === '' || kind === '7' ? 'v7' : /^[568]$/.test(kind) ? `v${kind}` : kind,
      }
    default:
      return { architecture: name, variant: kind }
  }
}

/** `linux/amd64`, `arm64`, `linux/arm/v7`. Throws a DockerfileError without a place. */
export function parseDockerfilePlatform(text: string, host: DockerfilePlatform): DockerfilePlatform {
  if (text.includes('*')) throw fault(`${goQuote(text)}: wildcards not yet supported: invalid argument`)
  const parts = text.split('/')
  for (const part of parts)
    if (!component.test(part))
      throw fault(
        `${goQuote(part)} is an invalid component of ${goQuote(text)}: platform specifier component must match ${goQuote(component.source)}: invalid argument`,
        { token: text, expected: 'linux/amd64' },
      )
  const [first = '', second = '', third = ''] = parts
  const os = (first.toLowerCase() === 'macos' ? 'darwin' : first).toLowerCase()
  if (parts.length === 1) {
    if (systems.has(os)) return { os, architecture: host.architecture, variant: host.variant }
    const normal = normalize(first, '')
    if (architectures.has(normal.architecture)) return { os: host.os, ...normal }
    throw fault(`${goQuote(text)}: unknown operating system or architecture: invalid argument`, {
      token: text,
      expected: 'linux/amd64',
    })
  }
  if (parts.length > 3)
    throw fault(`${goQuote(text)}: cannot parse platform specifier: invalid argument`, {
      token: text,
      expected: 'linux/amd64',
    })
  return { os, ...normalize(second, third) }
}

export function formatDockerfilePlatform(platform: DockerfilePlatform): string {
  return [platform.os, platform.architecture, platform.variant].filter((part) => part !== '').join('/')
}
