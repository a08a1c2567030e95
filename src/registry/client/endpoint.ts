import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import type { RegistryConfiguration } from '../contract.ts'

/** Docker's well-known name for Docker Hub, and the registry that answers for it, as Docker's own client has them. */
export const hubDomain = 'docker.io'
const hubRegistry = 'https://registry-1.docker.io'

/** One base URL to try for a registry. */
export interface Endpoint {
  /** scheme, host and port; a path where a mirror has one */
  readonly base: URL
  readonly verifyTls: boolean
  readonly isMirror: boolean
}

/** The endpoints of a registry in the order in which they are tried. */
export async function endpointsOf(domain: string, configuration: RegistryConfiguration): Promise<Endpoint[]> {
  const fixed = configuration.endpoints?.[domain]
  const mirrors = domain === hubDomain ? (configuration.mirrors ?? []) : []
  const tried = await Promise.all(mirrors.map((mirror) => mirrorEndpoint(mirror, configuration)))
  if (fixed !== undefined) return [...tried, { base: new URL(fixed), verifyTls: true, isMirror: false }]
  if (domain === hubDomain) return [...tried, { base: new URL(hubRegistry), verifyTls: true, isMirror: false }]
  // An insecure registry is asked with TLS first, then without, as Docker does.
  if (await isInsecure(domain, configuration)) {
    return ['https', 'http'].map((scheme) => ({
      base: new URL(`${scheme}://${domain}`),
      verifyTls: false,
      isMirror: false,
    }))
  }
  return [{ base: new URL(`https://${domain}`), verifyTls: true, isMirror: false }]
}

async function mirrorEndpoint(mirror: string, configuration: RegistryConfiguration): Promise<Endpoint> {
  const base = new URL(mirror)
  return { base, verifyTls: !(await isInsecure(base.host, configuration)), isMirror: true }
}

/** The addresses and names of this machine are insecure by default, as in Docker. */
async function isInsecure(domain: string, { insecureRegistries = [] }: RegistryConfiguration): Promise<boolean> {
  const host = hostOf(domain)
  if (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    insecureRegistries.includes(domain) ||
    insecureRegistries.includes(host)
  ) {
    return true
  }
  const ranges = new BlockList()
  ranges.addSubnet('127.0.0.0', 8, 'ipv4')
  ranges.addAddress('::1', 'ipv6')
  for (const entry of insecureRegistries) {
    const range = /^([0-9a-fA-F.:]+)\/(\d+)$/.exec(entry)
    if (range?.[1]) ranges.addSubnet(range[1], Number(range[2]), isIP(range[1]) === 6 ? 'ipv6' : 'ipv4')
  }
  if (isIP(host) !== 0) return ranges.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
  const hasOwnRanges = insecureRegistries.some((entry) => entry.includes('/'))
  if (!hasOwnRanges) return false
  const addresses = await lookup(host, { all: true }).catch(() => [])
  return addresses.some(({ address, family }) => ranges.check(address, family === 6 ? 'ipv6' : 'ipv4'))
}

function hostOf(domain: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(domain)
  return bracketed?.[1] ?? domain.split(':', 1)[0] ?? domain
}
