import type { EndpointSettings, HostConfig } from '../../engine/index.ts'
import type { Call } from '../http/call.ts'
import { badRequest, DockerError } from '../http/docker-error.ts'

type Endpoints = Record<string, EndpointSettings>

const endpointSysctls = 'com.docker.network.endpoint.sysctls'

/** "default", and nothing, are the bridge; what was said of the network "default" is said of it. */
export function networkMode(hostConfig: HostConfig, endpoints: Endpoints): string {
  const mode = hostConfig.NetworkMode ?? ''
  if (mode !== '' && mode !== 'default') return mode
  const endpoint = endpoints.default
  if (endpoint !== undefined) {
    endpoints.bridge = endpoint
    delete endpoints.default
  }
  return 'bridge'
}

/** Until 1.43 a container had one MAC address, until 1.51 it might still be given so; now each endpoint has its own. */
export function moveMacAddress(
  call: Call,
  hostConfig: HostConfig,
  endpoints: Endpoints,
  macAddress: string,
): string | undefined {
  const mode = hostConfig.NetworkMode ?? ''
  if (call.olderThan(44)) {
    if (macAddress === '') {
      for (const endpoint of Object.values(endpoints)) delete endpoint.MacAddress
      return undefined
    }
    if (!hasOwnEndpoint(mode)) throw badRequest('conflicting options: mac-address and the network mode')
    endpointOf(call, mode, endpoints).MacAddress = macAddress
    return undefined
  }
  if (macAddress === '') return undefined
  if (hasOwnEndpoint(mode)) {
    const endpoint = endpointOf(
      call,
      mode,
      endpoints,
      'unable to migrate container-wide MAC address to a specific network: ',
    )
    if ((endpoint.MacAddress ?? '') === '') endpoint.MacAddress = macAddress
    else if (endpoint.MacAddress?.toLowerCase() !== macAddress.toLowerCase()) {
      throw badRequest(
        'the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty',
      )
    }
  }
  return 'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.'
}

/** Before 1.48, sysctls of eth0 might stand among the container's own: they belong to its endpoint. */
export function moveInterfaceSysctls(call: Call, hostConfig: HostConfig, endpoints: Endpoints): string | undefined {
  const mode = hostConfig.NetworkMode ?? ''
  const sysctls = hostConfig.Sysctls ?? {}
  if (mode === 'host' || mode.startsWith('container:')) return undefined
  const moved: string[] = []
  const settings: string[] = []
  for (const [name, value] of Object.entries(sysctls)) {
    const found = /^net\.([^.]*)\.([^.]*)\.(eth[^.]*)\.(.*)$/.exec(name)
    if (found === null) continue
    if (!call.olderThan(48)) {
      throw new DockerError(
        500,
        `interface specific sysctl setting ${JSON.stringify(name)} must be supplied using driver option '${endpointSysctls}'`,
      )
    }
    if (found[3] !== 'eth0') {
      throw new DockerError(
        500,
        `unable to determine network endpoint for sysctl ${name}, use driver option '${endpointSysctls}' to set per-interface sysctls`,
      )
    }
    moved.push(name)
    settings.push(`net.${found[1]}.${found[2]}.IFNAME.${found[4]}=${value}`)
  }
  if (moved.length === 0) return undefined
  const endpoint = endpointOf(call, mode, endpoints, `unable to find a network for sysctl ${moved[0]}: `)
  const migrated = settings.join(',')
  const present = endpoint.DriverOpts?.[endpointSysctls]
  endpoint.DriverOpts = {
    ...endpoint.DriverOpts,
    [endpointSysctls]: present === undefined ? migrated : `${migrated},${present}`,
  }
  for (const name of moved) delete sysctls[name]
  return `Migrated sysctl ${JSON.stringify(moved.join(','))} to DriverOpts{${JSON.stringify(endpointSysctls)}:${JSON.stringify(migrated)}}.`
}

const hasOwnEndpoint = (mode: string) => mode !== 'host' && mode !== 'none' && !mode.startsWith('container:')

/** The endpoint that the network mode names, made where there is none at all. */
function endpointOf(call: Call, mode: string, endpoints: Endpoints, prefix = ''): EndpointSettings {
  const only = Object.values(endpoints)[0]
  if (only === undefined) {
    const endpoint: EndpointSettings = {}
    endpoints[mode] = endpoint
    return endpoint
  }
  if (call.olderThan(44)) return only
  const endpoint = endpoints[mode]
  if (endpoint === undefined) {
    throw badRequest(`${prefix}HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks`)
  }
  return endpoint
}
