import type { MountPoint } from '../shapes/index.ts'
import type { Container } from './container.ts'

export function mountPoints(container: Container): MountPoint[] {
  return container.record.mounts.map((mount) => ({
    Type: mount.Type,
    ...(mount.Name !== undefined && { Name: mount.Name }),
    Source: mount.Source,
    Destination: mount.Destination,
    ...(mount.Driver !== undefined && { Driver: mount.Driver }),
    Mode: mount.Mode,
    RW: mount.RW,
    Propagation: mount.Propagation,
  }))
}
