import { existsSync } from 'node:fs'
import type { HostConfig } from '../shapes/index.ts'

const exists = new Map<string, boolean>()

function sysctlExists(name: string): boolean {
  const known = exists.get(name)
  if (known !== undefined) return known
  const there = existsSync(`/proc/sys/${name.replaceAll('.', '/')}`)
  exists.set(name, there)
  return there
}

/** Ping and low ports without a capability, in a network of its own; then the user's. */
export function sysctlsFor(hostConfig: HostConfig, ownNetwork: boolean): Record<string, string> {
  const sysctls: Record<string, string> = {}
  if (ownNetwork) {
    if (sysctlExists('net.ipv4.ping_group_range')) sysctls['net.ipv4.ping_group_range'] = '0 2147483647'
    if (sysctlExists('net.ipv4.ip_unprivileged_port_start')) sysctls['net.ipv4.ip_unprivileged_port_start'] = '0'
  }
  return { ...sysctls, ...hostConfig.Sysctls }
}
