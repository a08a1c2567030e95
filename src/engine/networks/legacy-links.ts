import type { Container } from '../containers/container.ts'
import { parsePort } from '../containers/ports.ts'
import type { Core } from '../core/core.ts'
import { conflict, invalid } from '../engine-error.ts'

export interface Link {
  target: Container
  alias: string
  address: string
}

/** `name[:alias]` */
export function parseLink(text: string): { name: string; alias: string } {
  const parts = text.split(':')
  const [name = '', alias] = parts
  if (name === '' || parts.length > 2) throw invalid(`bad format for links: ${text}`)
  const plain = name.replace(/^\//, '')
  return { name: plain, alias: (alias ?? plain).split('/').at(-1) ?? plain }
}

/** The running containers that `--link` names on the default bridge. @throws where one does not run */
export function liveLinks(core: Core, container: Container): Link[] {
  return (container.record.hostConfig.Links ?? []).map((text) => {
    const { name, alias } = parseLink(text)
    const target = core.containers.get(name)
    if (!target.running) {
      throw conflict(
        `Cannot link to a non running container: /${target.record.name} AS /${container.record.name}/${alias}`,
      )
    }
    return { target, alias, address: target.record.endpoints.bridge?.settings.IPAddress ?? '' }
  })
}

export const hostLine = ({ target, alias, address }: Link) => ({
  address,
  names: [...new Set([alias, target.record.config.Hostname ?? '', target.record.name])].filter(Boolean),
})

const variable = (text: string) => text.replaceAll('-', '_').toUpperCase()

/** DB_PORT_5432_TCP_ADDR and its kin. */
export function linkEnvironment(container: Container, links: readonly Link[]): string[] {
  const env: string[] = []
  for (const { target, alias, address } of links) {
    const prefix = variable(alias)
    env.push(`${prefix}_NAME=/${container.record.name}/${alias}`)
    const ports = Object.keys(target.record.config.ExposedPorts ?? {})
      .flatMap((text) => parsePort(text) ?? [])
      .toSorted((a, b) => a.port - b.port || b.protocol.localeCompare(a.protocol))
    const [first] = ports
    if (first) env.push(`${prefix}_PORT=${first.protocol}://${address}:${first.port}`)
    for (const { port, protocol } of ports) {
      const name = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
      env.push(
        `${name}=${protocol}://${address}:${port}`,
        `${name}_ADDR=${address}`,
        `${name}_PORT=${port}`,
        `${name}_PROTO=${protocol}`,
      )
    }
    for (const entry of target.record.config.Env ?? []) {
      const [name = ''] = entry.split('=', 1)
      if (!['HOME', 'PATH'].includes(name)) env.push(`${prefix}_ENV_${entry}`)
    }
  }
  return env
}
