import type { NetworkCheck, VolumeCheck } from '../lesson/format.ts'
import type { CheckContext } from './context.ts'
import { met, unmet, type Verdict } from './observation.ts'
import { matches } from './pattern.ts'

export function evaluateNetwork(check: NetworkCheck, { world }: CheckContext): Verdict {
  const network = [...world.networks.values()].find(
    ({ Name, Driver }) => matches(check.name, Name) && (check.driver === undefined || check.driver === Driver),
  )
  if (check.exists === false) return network ? unmet({ what: 'exists', name: network.Name }) : met
  if (!network) return unmet({ what: 'no-network', name: check.name })
  const members = [...world.containers.values()]
    .filter((container) => container.State.Running && network.Name in container.NetworkSettings.Networks)
    .map((container) => container.Name.replace(/^\//, ''))
  const missing = check.containers?.find((name) => !members.some((member) => matches(name, member)))
  return missing === undefined ? met : unmet({ what: 'network-lacks', name: network.Name, container: missing })
}

export function evaluateVolume(check: VolumeCheck, { world }: CheckContext): Verdict {
  const volume = [...world.volumes.values()].find(({ Name }) => matches(check.name, Name))
  if (check.exists === false) return volume ? unmet({ what: 'exists', name: volume.Name }) : met
  if (!volume) return unmet({ what: 'no-volume', name: check.name })
  if (check.used === undefined) return met
  const used = [...world.containers.values()].some((container) =>
    container.Mounts.some((mount) => mount.Type === 'volume' && mount.Name === volume.Name),
  )
  return used === check.used ? met : unmet({ what: 'no-volume', name: check.name })
}
