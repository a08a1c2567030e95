const loopback = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
]

export interface HostsOptions {
  hostname: string
  domainname: string
  /** Own addresses. */
  addresses: readonly string[]
  /** `name:address` or `name=address`. */
  extraHosts: readonly string[]
  hostGateway: string
  /** `address names` from legacy links. */
  links: readonly { address: string; names: readonly string[] }[]
}

export function extraHostLine(text: string, hostGateway: string): string {
  const separator = text.includes('=') ? '=' : ':'
  const at = text.indexOf(separator)
  const address = text.slice(at + 1).replace(/^\[(.*)\]$/, '$1')
  return `${address === 'host-gateway' ? hostGateway : address}\t${text.slice(0, at)}`
}

export function ownLines(options: Pick<HostsOptions, 'addresses' | 'hostname' | 'domainname'>): string[] {
  const { hostname, domainname } = options
  const names = domainname ? `${hostname}.${domainname} ${hostname}` : hostname
  return options.addresses.map((address) => `${address}\t${names}`)
}

/** /etc/hosts as Docker writes it. */
export function hostsFile(options: HostsOptions): string {
  const lines = [
    ...loopback,
    ...options.extraHosts.map((text) => extraHostLine(text, options.hostGateway)),
    ...options.links.map(({ address, names }) => `${address}\t${names.join(' ')}`),
    ...ownLines(options),
  ]
  return `${lines.join('\n')}\n`
}
