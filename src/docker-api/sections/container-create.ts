import type { ContainerConfig, CreateContainerRequest, EndpointSettings, HostConfig } from '../../engine/index.ts'
import { readRequest } from '../decode/request-body.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { adaptMounts, volumeDriverWarning } from './container-create-mounts.ts'
import { moveInterfaceSysctls, moveMacAddress, networkMode } from './container-create-network.ts'

/** The body of POST /containers/create: a ContainerConfig with two more fields. */
type Body = ContainerConfig & {
  HostConfig?: HostConfig & { Capabilities?: string[] }
  NetworkingConfig?: { EndpointsConfig?: Record<string, EndpointSettings> }
}

/**
 * Reads a request for a new container, and brings one that was written for an older version of the API to the meaning
 * that it had there.
 */
export async function readCreateRequest(call: Call): Promise<{ request: CreateContainerRequest; warnings: string[] }> {
  const body = await readRequest<Body>(call, 'POST /containers/create', 'required')
  const { HostConfig: hostConfig = {}, NetworkingConfig: networking = {}, MacAddress: macAddress, ...config } = body
  if (Object.keys(config).length === 0) {
    throw badRequest('config cannot be empty in order to create a container')
  }
  const endpoints = networking.EndpointsConfig ?? {}
  hostConfig.NetworkMode = networkMode(hostConfig, endpoints)
  adaptHostConfig(call, hostConfig)
  adaptMounts(call, hostConfig)
  if (call.olderThan(44)) {
    if (config.Healthcheck) delete config.Healthcheck.StartInterval
    if (Object.keys(endpoints).length > 1) {
      const names = Object.keys(endpoints).join(', ')
      throw badRequest(`Container cannot be created with multiple network endpoints: ${names}`)
    }
  }
  if (call.olderThan(48)) for (const endpoint of Object.values(endpoints)) delete endpoint.GwPriority
  const warnings = [
    volumeDriverWarning(call, hostConfig),
    call.olderThan(52) ? moveMacAddress(call, hostConfig, endpoints, macAddress ?? '') : undefined,
    moveInterfaceSysctls(call, hostConfig, endpoints),
    fillEmptyPortBindings(call, hostConfig),
  ]
  const name = call.query.get('name')
  const platform = call.olderThan(41) ? '' : call.query.get('platform')
  return {
    request: {
      config,
      hostConfig,
      networkingConfig: { EndpointsConfig: endpoints },
      ...(name === '' ? {} : { name }),
      ...(platform === '' ? {} : { platform }),
    },
    warnings: warnings.filter((warning) => warning !== undefined),
  }
}

function adaptHostConfig(call: Call, hostConfig: HostConfig & { Capabilities?: string[] }): void {
  const { Capabilities: capabilities } = hostConfig
  delete hostConfig.Capabilities
  if (capabilities !== undefined && capabilities.length > 0 && call.version === 1040) {
    throw badRequest(
      'the HostConfig.Capabilities field is not supported by this daemon; use CapAdd and CapDrop to set capabilities',
    )
  }
  if (call.olderThan(40) && !hostConfig.IpcMode) hostConfig.IpcMode = 'shareable'
  if (call.olderThan(41) && !hostConfig.CgroupnsMode) hostConfig.CgroupnsMode = 'host'
  if (call.olderThan(42)) delete hostConfig.ConsoleSize
  if (call.olderThan(43)) delete hostConfig.Annotations
  // 0 and every negative number are "unlimited", as is saying nothing.
  if (typeof hostConfig.PidsLimit === 'number' && hostConfig.PidsLimit <= 0) delete hostConfig.PidsLimit
}

/** A port with an empty list of bindings gets one on a free port of the host; this will end, hence the warning. */
function fillEmptyPortBindings(call: Call, hostConfig: HostConfig): string | undefined {
  const filled: string[] = []
  for (const [port, bindings] of Object.entries(hostConfig.PortBindings ?? {})) {
    if (bindings !== null && bindings.length > 0) continue
    if (hostConfig.PortBindings) hostConfig.PortBindings[port] = [{}]
    filled.push(port)
  }
  if (filled.length === 0 || call.olderThan(52)) return undefined
  return `Following container port(s) have an empty list of port-bindings: ${filled.join(', ')}. Such bindings will be discarded in a future version.`
}
