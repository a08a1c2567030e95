import { invalid } from '../engine-error.ts'
import type { ContainerConfig, HostConfig } from '../shapes/index.ts'

/** Options that exclude each other. @throws Docker's sentences */
export function validateCombination(config: ContainerConfig, hostConfig: HostConfig): void {
  const mode = hostConfig.NetworkMode ?? ''
  if (mode === 'container' || mode.startsWith('container:')) validateJoined(config, hostConfig, mode)
  if (hostConfig.UTSMode === 'host' && config.Hostname) {
    throw invalid('conflicting options: hostname and the UTS mode')
  }
  if (mode === 'host' && hostConfig.Links?.length) {
    throw invalid(
      "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
    )
  }
  if (hostConfig.IOMaximumBandwidth) {
    throw invalid('invalid option: QoS maximum bandwidth configuration is not supported on linux')
  }
  if (hostConfig.IOMaximumIOps) {
    throw invalid('invalid option: QoS maximum IOPs configuration is not supported on linux')
  }
  if ((hostConfig.CpuShares ?? 0) < 0) {
    throw invalid(`invalid CPU shares (${hostConfig.CpuShares}): value must be a positive integer`)
  }
}

function validateJoined(config: ContainerConfig, hostConfig: HostConfig, mode: string): void {
  if (mode.slice('container:'.length) === '') {
    throw invalid('invalid network mode: invalid container format container:<name|id>')
  }
  if (config.Hostname) throw invalid('conflicting options: hostname and the network mode')
  if (hostConfig.Links?.length) {
    throw invalid(
      "conflicting options: container type network can't be used with links. This would result in undefined behavior",
    )
  }
  if (hostConfig.Dns?.length) throw invalid('conflicting options: dns and the network mode')
  if (hostConfig.ExtraHosts?.length) {
    throw invalid('conflicting options: custom host-to-IP mapping and the network mode')
  }
  if (Object.keys(hostConfig.PortBindings ?? {}).length > 0 || hostConfig.PublishAllPorts) {
    throw invalid('conflicting options: port publishing and the container type network mode')
  }
  if (Object.keys(config.ExposedPorts ?? {}).length > 0) {
    throw invalid('conflicting options: port exposing and the container type network mode')
  }
}
