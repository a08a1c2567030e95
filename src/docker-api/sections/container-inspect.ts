import type { ContainerInspect, ContainerSummary } from '../../engine/index.ts'
import type { Call } from '../http/call.ts'

/** Fields of the default bridge that stood at the top of NetworkSettings until 1.51. */
const legacyNetworkFields = [
  'Bridge',
  'HairpinMode',
  'LinkLocalIPv6Address',
  'LinkLocalIPv6PrefixLen',
  'SecondaryIPAddresses',
  'SecondaryIPv6Addresses',
  'EndpointID',
  'Gateway',
  'GlobalIPv6Address',
  'GlobalIPv6PrefixLen',
  'IPAddress',
  'IPPrefixLen',
  'IPv6Gateway',
  'MacAddress',
] as const

/** GET /containers/{id}/json in the shape of the version asked for. */
export function describeContainer(container: ContainerInspect, call: Call): object {
  const { ImageManifestDescriptor, Config, NetworkSettings, ...rest } = container
  const networkSettings: Record<string, unknown> = { ...NetworkSettings }
  if (!call.olderThan(52)) for (const field of legacyNetworkFields) delete networkSettings[field]
  if (call.olderThan(45)) networkSettings.Networks = withShortIdAliases(container)
  const config: Record<string, unknown> = { ...Config }
  if (!call.olderThan(52)) {
    delete config.MacAddress
    if (Config.OnBuild === null || Config.OnBuild?.length === 0) delete config.OnBuild
  }
  return {
    ...rest,
    ...(call.olderThan(48) || ImageManifestDescriptor === undefined ? {} : { ImageManifestDescriptor }),
    Config: config,
    NetworkSettings: networkSettings,
  }
}

/** Until 1.44 the aliases on a user's network named the container's short id and hostname too. */
function withShortIdAliases({ Id, Config, NetworkSettings }: ContainerInspect) {
  const predefined = ['bridge', 'host', 'none', 'default']
  return Object.fromEntries(
    Object.entries(NetworkSettings.Networks).map(([name, endpoint]) => {
      if (predefined.includes(name)) return [name, endpoint]
      const aliases = new Set([...(endpoint.Aliases ?? []), Id.slice(0, 12), Config.Hostname ?? ''])
      aliases.delete('')
      return [name, { ...endpoint, Aliases: [...aliases] }]
    }),
  )
}

/** One line of GET /containers/json in the shape of the version asked for. */
export function describeSummary(summary: ContainerSummary, call: Call): object {
  const { ImageManifestDescriptor, Health, HostConfig, ...rest } = summary
  return {
    ...rest,
    HostConfig: call.olderThan(46) ? { NetworkMode: HostConfig.NetworkMode } : HostConfig,
    ...(call.olderThan(48) || ImageManifestDescriptor === undefined ? {} : { ImageManifestDescriptor }),
    ...(call.olderThan(52) || Health === undefined ? {} : { Health }),
  }
}
