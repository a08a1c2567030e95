import type { HostConfig } from '../../engine/index.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'

/** Mounts as each version of the API understands them: newer options are dropped or refused, wrong pairs refused. */
export function adaptMounts(call: Call, hostConfig: HostConfig): void {
  for (const mount of hostConfig.Mounts ?? []) {
    const { Type: type = '', BindOptions: bind, VolumeOptions: volume } = mount
    if (call.olderThan(40)) delete bind?.NonRecursive
    if (call.olderThan(42)) {
      delete bind?.CreateMountpoint
      if (type !== 'volume') delete mount.VolumeOptions
      if (type !== 'tmpfs') delete mount.TmpfsOptions
    } else {
      refuseOptions('VolumeOptions', volume, type, 'volume')
      refuseOptions('BindOptions', bind, type, 'bind')
      refuseOptions('TmpfsOptions', mount.TmpfsOptions, type, 'tmpfs')
    }
    if (call.olderThan(44) && type === 'bind') {
      if (bind?.ReadOnlyForceRecursive === true) {
        throw badRequest('BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer')
      }
      // Until then no read-only mount reached what is mounted below it.
      mount.BindOptions = { ...bind, ReadOnlyNonRecursive: true }
    }
    if (call.olderThan(45) && (volume?.Subpath ?? '') !== '') {
      throw badRequest('VolumeOptions.Subpath needs API v1.45 or newer')
    }
    if (call.olderThan(48) && type === 'image') throw badRequest('Mount type "Image" needs API v1.48 or newer')
  }
}

function refuseOptions(name: string, options: object | null | undefined, type: string, wanted: string): void {
  if (options === undefined || options === null || type === wanted) return
  throw badRequest(`${name} must not be specified on mount type ${JSON.stringify(type)}`)
}

export function volumeDriverWarning(call: Call, hostConfig: HostConfig): string | undefined {
  if (call.olderThan(48) || (hostConfig.VolumeDriver ?? '') === '') return undefined
  const ignored = (hostConfig.Mounts ?? []).some(
    (mount) => mount.Type === 'volume' && (mount.VolumeOptions?.DriverConfig?.Name ?? '') === '',
  )
  if (!ignored) return undefined
  return "WARNING: the container-wide volume-driver configuration is ignored for volumes specified via 'mount'. Use '--mount type=volume,volume-driver=...' instead"
}
