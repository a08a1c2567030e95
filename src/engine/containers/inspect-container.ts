import type { Core } from '../core/core.ts'
import { networkMode } from '../networks/mode.ts'
import { networkFiles } from '../networks/start-networking.ts'
import type { ContainerInspect, EndpointSettings, NetworkSettings } from '../shapes/index.ts'
import type { Container } from './container.ts'
import { layerSize } from './layer-size.ts'
import { logPath } from './log-path.ts'
import { mountPoints } from './mount-points.ts'

export function endpointShape(settings: EndpointSettings): EndpointSettings {
  return {
    IPAMConfig: settings.IPAMConfig ?? null,
    Links: settings.Links ?? null,
    Aliases: settings.Aliases ?? null,
    DriverOpts: settings.DriverOpts ?? null,
    GwPriority: settings.GwPriority ?? 0,
    NetworkID: settings.NetworkID ?? '',
    EndpointID: settings.EndpointID ?? '',
    Gateway: settings.Gateway ?? '',
    IPAddress: settings.IPAddress ?? '',
    MacAddress: settings.MacAddress ?? '',
    IPPrefixLen: settings.IPPrefixLen ?? 0,
    IPv6Gateway: settings.IPv6Gateway ?? '',
    GlobalIPv6Address: settings.GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: settings.GlobalIPv6PrefixLen ?? 0,
    DNSNames: settings.DNSNames ?? null,
  }
}

export function endpointShapes(container: Container): Record<string, EndpointSettings> {
  return Object.fromEntries(
    Object.entries(container.record.endpoints).map(([name, { settings }]) => [name, endpointShape(settings)]),
  )
}

function networkSettings(core: Core, container: Container): NetworkSettings {
  const sandbox = core.sandboxes.get(container.id)
  const host = networkMode(container.record.hostConfig).kind === 'host' && container.alive
  const bridge = container.record.endpoints.bridge?.settings
  return {
    Bridge: '',
    SandboxID: sandbox || host ? container.id : '',
    SandboxKey: sandbox?.namespace.path ?? (host ? '/proc/1/ns/net' : ''),
    Ports: container.record.ports,
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.EndpointID ?? '',
    Gateway: bridge?.Gateway ?? '',
    GlobalIPv6Address: bridge?.GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: bridge?.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge?.IPAddress ?? '',
    IPPrefixLen: bridge?.IPPrefixLen ?? 0,
    IPv6Gateway: bridge?.IPv6Gateway ?? '',
    MacAddress: bridge?.MacAddress ?? '',
    Networks: endpointShapes(container),
  }
}

/** `docker inspect` of a container. */
export async function inspectContainer(
  core: Core,
  ref: string,
  options: { size?: boolean } = {},
): Promise<ContainerInspect> {
  const container = core.containers.get(ref)
  const { record } = container
  const { state, hostConfig } = record
  const mode = networkMode(hostConfig)
  const other = mode.kind === 'container' ? core.containers.find(mode.ref) : undefined
  const files = networkFiles(core, other?.id ?? record.id)
  const started = record.startedBefore
  const layer = core.roots.layer(record.id)
  const links = (hostConfig.Links ?? []).map((text) => {
    const [name = '', alias = name] = text.split(':')
    return `/${core.containers.find(name)?.record.name ?? name}:/${record.name}/${alias}`
  })
  return {
    Id: record.id,
    Created: record.createdAt,
    Path: record.path,
    Args: record.args,
    State: {
      Status: container.status,
      Running: container.running,
      Paused: container.paused,
      Restarting: state.status === 'restarting',
      OOMKilled: state.oomKilled,
      Dead: state.status === 'dead',
      Pid: state.pid,
      ExitCode: state.exitCode,
      Error: state.error,
      StartedAt: state.startedAt,
      FinishedAt: state.finishedAt,
      ...(state.health && { Health: state.health }),
    },
    Image: record.imageId,
    ResolvConfPath: started ? files.resolvConf : '',
    HostnamePath: started ? files.hostname : '',
    HostsPath: started ? files.hosts : '',
    LogPath: started && hostConfig.LogConfig?.Type === 'json-file' ? (logPath(core, container) ?? '') : '',
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    ...(record.manifest && { ImageManifestDescriptor: record.manifest }),
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: container.execIds.size > 0 ? [...container.execIds] : null,
    HostConfig: { ...hostConfig, Links: links.length > 0 ? links : null },
    GraphDriver: {
      Name: 'overlay2',
      Data: {
        ID: record.id,
        LowerDir: core.roots.lowerdirs(container).join(':'),
        MergedDir: core.roots.path(record.id),
        UpperDir: layer.upper,
        WorkDir: layer.work,
      },
    },
    ...(options.size && (await layerSize(core, container))),
    Mounts: mountPoints(container),
    Config: record.config,
    NetworkSettings: networkSettings(core, container),
  }
}
