import type { Core } from '../core/core.ts'
import { forbidden, invalid } from '../engine-error.ts'
import type { IpamConfig } from '../shapes/index.ts'
import { freeSubnet, uniqueLocalSubnet } from './default-pools.ts'
import { firstOf, formatAddress, formatSubnet, overlaps, parseAddress, parseSubnet, type Subnet } from './ip.ts'

const noMore = () => invalid('all predefined address pools have been fully subnetted')

/** The first address that can be a host's, and is not another's already. */
function gatewayOf(subnet: Subnet, range: Subnet | undefined, taken: ReadonlySet<bigint>): string {
  let value = range && range.length > subnet.length ? firstOf(range) : firstOf(subnet)
  if (value === firstOf(subnet) && !(subnet.bits === 32 && subnet.length >= 31)) value += 1n
  while (taken.has(value)) value += 1n
  return formatAddress({ bits: subnet.bits, value })
}

export async function usedSubnets(core: Core): Promise<Subnet[]> {
  const routes = await core.linux.network.usedSubnets()
  const own = core.networks.all().flatMap(({ pools }) => pools.map(({ subnet }) => subnet.subnet))
  return [...own, ...routes.flatMap((text) => parseSubnet(text) ?? []).filter((subnet) => subnet.length > 0)]
}

/**
 * The subnets of a new network: the user's, checked against our other networks, or free ones from Docker's pools, which
 * nothing on the machine uses.
 */
export async function chooseSubnets(
  core: Core,
  configs: readonly IpamConfig[],
  families: { v4: boolean; v6: boolean },
  seed: string,
): Promise<IpamConfig[]> {
  const used = await usedSubnets(core)
  const own = core.networks.all().flatMap(({ pools }) => pools.map(({ subnet }) => subnet.subnet))
  const chosen: IpamConfig[] = []
  for (const config of configs) {
    const subnet = parseSubnet(config.Subnet ?? '')
    if (!subnet || (subnet.bits === 128 && !families.v6) || (subnet.bits === 32 && !families.v4)) continue
    if (own.some((other) => overlaps(other, subnet))) {
      throw forbidden('invalid pool request: Pool overlaps with other one on this address space')
    }
    const auxiliary = Object.values(config.AuxiliaryAddresses ?? {}).flatMap((text) => parseAddress(text)?.value ?? [])
    chosen.push({
      Subnet: formatSubnet(subnet),
      ...(config.IPRange && { IPRange: config.IPRange }),
      Gateway: config.Gateway || gatewayOf(subnet, parseSubnet(config.IPRange ?? ''), new Set(auxiliary)),
      ...(auxiliary.length > 0 && { AuxiliaryAddresses: config.AuxiliaryAddresses ?? {} }),
    })
  }
  const has = (bits: 32 | 128) => chosen.some(({ Subnet = '' }) => parseSubnet(Subnet)?.bits === bits)
  if (families.v4 && !has(32)) {
    const subnet = freeSubnet(used)
    if (!subnet) throw noMore()
    chosen.unshift({ Subnet: formatSubnet(subnet), Gateway: gatewayOf(subnet, undefined, new Set()) })
  }
  if (families.v6 && !has(128)) {
    const subnet = uniqueLocalSubnet(seed, used)
    if (!subnet) throw noMore()
    chosen.push({ Subnet: formatSubnet(subnet), Gateway: gatewayOf(subnet, undefined, new Set()) })
  }
  return chosen
}
