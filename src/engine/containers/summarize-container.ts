import type { Core } from '../core/core.ts'
import { millisecondsOf } from '../core/timestamp.ts'
import type { ContainerSummary, PortSummary } from '../shapes/index.ts'
import type { Container } from './container.ts'
import { endpointShapes } from './inspect-container.ts'
import { mountPoints } from './mount-points.ts'
import { parsePort } from './ports.ts'
import { statusText } from './status-text.ts'

export function portSummaries(container: Container): PortSummary[] {
  const list: PortSummary[] = []
  for (const [key, bindings] of Object.entries(container.record.ports)) {
    const port = parsePort(key)
    if (!port) continue
    if (!bindings?.length) list.push({ PrivatePort: port.port, Type: port.protocol })
    for (const { HostIp = '', HostPort = '' } of bindings ?? []) {
      list.push({ IP: HostIp, PrivatePort: port.port, PublicPort: Number(HostPort), Type: port.protocol })
    }
  }
  return list
}

/** The image's name while it still means the image that the container was made from, else the id. */
function imageName(core: Core, container: Container): string {
  const { imageId, config } = container.record
  const name = config.Image ?? ''
  if (name === imageId || imageId === '') return name
  try {
    return core.content.images.find(name)?.id === imageId ? name : imageId
  } catch {
    return imageId
  }
}

/** Docker shows shell-like words: those with a blank or a quote in them are quoted. */
function commandText(container: Container): string {
  const { path, args } = container.record
  if (args.length === 0) return path
  return `${path} ${args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg)).join(' ')}`
}

export function containerNames(core: Core, container: Container): string[] {
  const names = [`/${container.record.name}`]
  for (const other of core.containers.all()) {
    for (const text of other.record.hostConfig.Links ?? []) {
      const [name = '', alias = name] = text.split(':')
      if (name === container.record.name || name === container.id) names.push(`/${other.record.name}/${alias}`)
    }
  }
  return names
}

export function summarizeContainer(core: Core, container: Container, hasLinks: boolean): ContainerSummary {
  const { record } = container
  const { health } = record.state
  return {
    Id: record.id,
    Names: hasLinks ? containerNames(core, container) : [`/${record.name}`],
    Image: imageName(core, container),
    ImageID: record.imageId,
    ...(record.manifest && { ImageManifestDescriptor: record.manifest }),
    Command: commandText(container),
    Created: Math.floor(millisecondsOf(record.createdAt) / 1000),
    Ports: portSummaries(container),
    Labels: record.config.Labels ?? {},
    State: container.status,
    Status: statusText(container, core.clock.now()),
    Health: { Status: health?.Status ?? 'none', FailingStreak: health?.FailingStreak ?? 0 },
    HostConfig: {
      NetworkMode: record.hostConfig.NetworkMode ?? '',
      ...(record.hostConfig.Annotations && { Annotations: record.hostConfig.Annotations }),
    },
    NetworkSettings: { Networks: endpointShapes(container) },
    Mounts: mountPoints(container),
  }
}
