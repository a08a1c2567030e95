import { hostname } from 'node:os'
import type { Image } from '../../oci/index.ts'
import { type Core, containerEvent } from '../core/core.ts'
import { newId, shortId } from '../core/identifier.ts'
import { timestamp } from '../core/timestamp.ts'
import { EngineError, invalid, notFound } from '../engine-error.ts'
import { platformMismatch } from '../images/platform-match.ts'
import { resolveImage } from '../images/resolve-image.ts'
import { makeContainerVolumes } from '../mounts/container-volumes.ts'
import { registerMounts } from '../mounts/register-mounts.ts'
import { initialEndpoints, validateEndpoints } from '../networks/endpoint-settings.ts'
import { parseLink } from '../networks/legacy-links.ts'
import { networkMode } from '../networks/mode.ts'
import type { ContainerConfig, CreateContainerRequest, HostConfig } from '../shapes/index.ts'
import { defaultPaths, defaultShmSizeBytes, parseSecurityOptions } from '../spec/index.ts'
import { Container, type ContainerRecord, freshState } from './container.ts'
import { validName } from './container-store.ts'
import { completeLogConfig } from './log-config.ts'
import { commandOf, mergeImageConfig } from './merge-config.ts'
import { randomName } from './name-generator.ts'
import { removeAnonymousVolumes } from './remove-volumes.ts'
import { validateConfig } from './validate-config.ts'
import { validateCombination } from './validate-create.ts'
import { validateHostConfig } from './validate-host-config.ts'
import { verifyResources } from './verify-resources.ts'

function reserveName(core: Core, id: string, asked: string | undefined): string {
  if (asked) {
    const name = asked.replace(/^\//, '')
    if (!validName.test(name)) {
      throw invalid(`Invalid container name (${asked}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
    }
    core.containers.reserveName(name, id)
    return name
  }
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const name = randomName(attempt)
    if (core.containers.hasName(name)) continue
    core.containers.reserveName(name, id)
    return name
  }
  core.containers.reserveName(shortId(id), id)
  return shortId(id)
}

/** Docker's defaults, filled in where the user has said nothing. */
function completeHostConfig(core: Core, hostConfig: HostConfig): void {
  hostConfig.NetworkMode = hostConfig.NetworkMode || 'default'
  hostConfig.RestartPolicy = {
    Name: hostConfig.RestartPolicy?.Name || 'no',
    MaximumRetryCount: hostConfig.RestartPolicy?.MaximumRetryCount ?? 0,
  }
  if ((hostConfig.Memory ?? 0) > 0 && !hostConfig.MemorySwap) {
    hostConfig.MemorySwap = (hostConfig.Memory ?? 0) * 2
  }
  hostConfig.ShmSize ||= defaultShmSizeBytes
  hostConfig.IpcMode ||= 'private'
  const v2 = core.host.cgroup === 'v2'
  hostConfig.CgroupnsMode ||= v2 && !hostConfig.Privileged ? 'private' : v2 ? 'private' : 'host'
  hostConfig.OomKillDisable ??= v2 ? null : false
  hostConfig.Runtime ||= 'runc'
  for (const name of ['PidMode', 'IpcMode', 'NetworkMode'] as const) {
    const mode = hostConfig[name] ?? ''
    if (!mode.startsWith('container:')) continue
    const other = core.containers.find(mode.slice('container:'.length))
    if (other) hostConfig[name] = `container:${other.id}`
  }
  if (!hostConfig.Privileged) {
    hostConfig.MaskedPaths ??= [...defaultPaths.masked]
    hostConfig.ReadonlyPaths ??= [...defaultPaths.readonly]
  }
}

/** Checks everything that can be known before the image is. Changes both in place. */
function prepare(core: Core, config: ContainerConfig, hostConfig: HostConfig): string[] {
  hostConfig.RestartPolicy ??= { Name: 'no', MaximumRetryCount: 0 }
  validateCombination(config, hostConfig)
  validateConfig(config)
  validateHostConfig(hostConfig)
  const warnings = verifyResources(hostConfig, core.host)
  parseSecurityOptions(hostConfig.SecurityOpt)
  const mode = networkMode(hostConfig)
  if (mode.kind === 'host' && Object.keys(hostConfig.PortBindings ?? {}).length > 0) {
    warnings.push('Published ports are discarded when using host network mode')
  }
  if (hostConfig.DeviceRequests?.length) {
    const [{ Driver = '', Capabilities = [] } = {}] = hostConfig.DeviceRequests
    const groups = (Capabilities ?? []).map((group) => `[${group.join(' ')}]`).join(' ')
    throw invalid(`could not select device driver "${Driver}" with capabilities: [${groups}]`)
  }
  if (Object.keys(hostConfig.StorageOpt ?? {}).length > 0) {
    const [name = ''] = Object.keys(hostConfig.StorageOpt ?? {})
    throw invalid(
      name === 'size'
        ? "--storage-opt is supported only for overlay over xfs with 'pquota' mount option"
        : `Unknown option ${name}`,
    )
  }
  return warnings
}

function imageFor(core: Core, request: CreateContainerRequest, warnings: string[]): Image | undefined {
  const name = request.config.Image ?? ''
  if (name === '') return undefined
  const image = resolveImage(core, name)
  const mismatch = platformMismatch(image.platform, request.platform)
  if (mismatch?.wanted) {
    throw notFound(
      `image with reference ${name} was found but its platform (${mismatch.actual}) does not match the specified platform (${mismatch.wanted})`,
    )
  }
  if (mismatch) {
    warnings.push(
      `The requested image's platform (${mismatch.actual}) does not match the detected host platform (${mismatch.host}) and no specific platform was requested`,
    )
  }
  return image
}

/** `docker create`. The record is durable when it answers. */
export async function createContainer(
  core: Core,
  request: CreateContainerRequest,
): Promise<{ Id: string; Warnings: string[] }> {
  const config: ContainerConfig = structuredClone(request.config)
  const hostConfig: HostConfig = structuredClone(request.hostConfig ?? {})
  const warnings = prepare(core, config, hostConfig)
  const image = imageFor(core, request, warnings)
  const endpointsConfig = request.networkingConfig?.EndpointsConfig ?? {}
  validateEndpoints(core, endpointsConfig)
  completeHostConfig(core, hostConfig)
  if (networkMode(hostConfig).kind === 'network' && networkMode(hostConfig).kind !== 'none') {
    const mode = networkMode(hostConfig)
    if (mode.kind === 'network' && mode.name === 'bridge' && hostConfig.Links?.length) {
      warnings.push(
        'Links on the default bridge network are deprecated and will be removed in a future release. Use a custom network instead.',
      )
    }
  }
  mergeImageConfig(config, image?.config.config)
  hostConfig.LogConfig = completeLogConfig(hostConfig.LogConfig)
  for (const link of hostConfig.Links ?? []) {
    const { name } = parseLink(link)
    if (!core.containers.find(name)) throw invalid(`could not get container for ${name}: No such container: ${name}`)
  }
  const id = newId()
  const name = reserveName(core, id, request.name)
  config.Hostname ||= networkMode(hostConfig).kind === 'host' ? hostname() : shortId(id)
  const { path, args } = commandOf(config)
  const record: ContainerRecord = {
    version: 1,
    id,
    name,
    createdAt: timestamp(),
    path,
    args,
    imageId: image?.id ?? '',
    chainId: image?.chainId ?? null,
    manifest: image ? { ...image.manifest, platform: image.platform } : null,
    config,
    hostConfig,
    mounts: [],
    endpoints: {},
    ports: {},
    restartCount: 0,
    manuallyStopped: false,
    startedBefore: false,
    bootId: core.host.bootId,
    state: freshState(),
  }
  const container = new Container(record)
  try {
    record.endpoints = initialEndpoints(core, config, hostConfig, endpointsConfig)
    core.roots.make(id)
    await registerMounts(core, container)
    await makeContainerVolumes(core, container)
    core.containers.add(container)
    await core.containers.save(container)
  } catch (error) {
    await core.containers.delete(container)
    core.containers.releaseName(name, id)
    await core.roots.remove(id)
    await removeAnonymousVolumes(core, container)
    throw error instanceof EngineError || !isDiskFull(error)
      ? error
      : new EngineError('system', 'no space left on device', { cause: error })
  }
  containerEvent(core, container, 'create')
  return { Id: id, Warnings: warnings }
}

const isDiskFull = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOSPC'
