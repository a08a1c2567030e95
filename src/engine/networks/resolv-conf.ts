import { readFileSync } from 'node:fs'
import type { HostConfig } from '../shapes/index.ts'

export interface ResolvConf {
  nameservers: string[]
  search: string[]
  options: string[]
}

export function parseResolvConf(text: string): ResolvConf {
  const conf: ResolvConf = { nameservers: [], search: [], options: [] }
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)
    if (keyword === 'nameserver' && words[0]) conf.nameservers.push(words[0])
    else if (keyword === 'search' || keyword === 'domain') conf.search = words
    else if (keyword === 'options') conf.options.push(...words)
  }
  return conf
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

const isLoopback = (address: string) => address.startsWith('127.') || address === '::1'

/** The host's own; where systemd-resolved answers on loopback, the servers behind it. */
export function hostResolvConf(): ResolvConf {
  const conf = parseResolvConf(readText('/etc/resolv.conf'))
  const [only] = conf.nameservers
  if (conf.nameservers.length === 1 && (only === '127.0.0.53' || only === '127.0.0.54')) {
    const behind = parseResolvConf(readText('/run/systemd/resolve/resolv.conf'))
    if (behind.nameservers.length > 0) return behind
  }
  return conf
}

export function hostNameservers(): string[] {
  return hostResolvConf().nameservers.filter((address) => !isLoopback(address.split('%')[0] ?? ''))
}

/** The servers that a container's questions go to in the end. */
export function upstreamFor(hostConfig: HostConfig): string[] {
  if (hostConfig.Dns?.length) return [...hostConfig.Dns]
  // The host's loopback server answers us, who ask from the host.
  return hostResolvConf().nameservers
}

export function formatResolvConf(conf: ResolvConf): string {
  const lines = ['# Written by the container engine at each start; changes made here stay until then.']
  for (const server of conf.nameservers) lines.push(`nameserver ${server}`)
  if (conf.search.length > 0) lines.push(`search ${conf.search.join(' ')}`)
  if (conf.options.length > 0) lines.push(`options ${conf.options.join(' ')}`)
  return `${lines.join('\n')}\n`
}

/** `embedded`: the container asks our own server. */
export function containerResolvConf(hostConfig: HostConfig, kind: 'embedded' | 'direct' | 'host'): string {
  const host = hostResolvConf()
  const search = hostConfig.DnsSearch?.length ? hostConfig.DnsSearch.filter((name) => name !== '.') : host.search
  const options = hostConfig.DnsOptions?.length ? [...hostConfig.DnsOptions] : host.options
  if (kind === 'embedded') {
    const withDots = options.some((option) => option.startsWith('ndots:')) ? options : [...options, 'ndots:0']
    return formatResolvConf({ nameservers: ['127.0.0.11'], search, options: withDots })
  }
  const own = hostConfig.Dns?.length ? [...hostConfig.Dns] : kind === 'host' ? host.nameservers : hostNameservers()
  // What Docker falls back to where the host names no server that a container could reach.
  const nameservers =
    own.length > 0 || kind === 'host' ? own : ['8.8.8.8', '8.8.4.4', '2001:4860:4860::8888', '2001:4860:4860::8844']
  return formatResolvConf({ nameservers, search, options })
}
