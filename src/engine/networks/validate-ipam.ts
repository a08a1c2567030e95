import { invalid } from '../engine-error.ts'
import type { IpamConfig } from '../shapes/index.ts'
import { contains, formatSubnet, overlaps, parseAddress, parseSubnet } from './ip.ts'

function addressFault(text: string, subnetText: string): string | undefined {
  const subnet = parseSubnet(subnetText)
  const address = parseAddress(text)
  if (!subnet || !address) return 'it should be an IP address'
  if (address.bits !== subnet.bits) return `parent subnet is an IPv${subnet.bits === 32 ? 4 : 6} block`
  return contains(subnet, address) ? undefined : `parent subnet ${subnetText} doesn't contain this address`
}

function rangeFaults(range: string, subnetText: string): string[] {
  const subnet = parseSubnet(subnetText)
  const exact = parseSubnet(range, { masked: false })
  const masked = parseSubnet(range)
  if (!subnet || !exact || !masked) return [`invalid ip-range ${range}: invalid CIDR block notation`]
  if (exact.bits !== subnet.bits) {
    return [`invalid ip-range ${range}: parent subnet is an IPv${subnet.bits === 32 ? 4 : 6} block`]
  }
  const faults: string[] = []
  if (exact.length < subnet.length) {
    faults.push(`invalid ip-range ${range}: CIDR block is bigger than its parent subnet ${subnetText}`)
  }
  if (exact.value !== masked.value) faults.push(`invalid ip-range ${range}: it should be ${formatSubnet(masked)}`)
  if (!overlaps(subnet, masked)) {
    faults.push(`invalid ip-range ${range}: parent subnet ${subnetText} doesn't contain ip-range`)
  }
  return faults
}

/** Everything that is wrong with the subnets that a user has chosen, one fault a line. */
export function validateIpam(configs: readonly IpamConfig[], enableIPv6: boolean): void {
  const faults: string[] = []
  for (const { Subnet = '', IPRange = '', Gateway = '', AuxiliaryAddresses } of configs) {
    if (Subnet === '') {
      if (Gateway || IPRange) faults.push('every IPAM config must have a subnet')
      continue
    }
    const exact = parseSubnet(Subnet, { masked: false })
    const masked = parseSubnet(Subnet)
    if (!exact || !masked) {
      faults.push(`invalid subnet ${Subnet}: invalid CIDR block notation`)
      continue
    }
    if (!enableIPv6 && masked.bits === 128) continue
    if (exact.value !== masked.value) faults.push(`invalid subnet ${Subnet}: it should be ${formatSubnet(masked)}`)
    if (IPRange) faults.push(...rangeFaults(IPRange, Subnet))
    if (Gateway) {
      const fault = addressFault(Gateway, Subnet)
      if (fault) faults.push(`invalid gateway ${Gateway}: ${fault}`)
    }
    for (const [name, address] of Object.entries(AuxiliaryAddresses ?? {})) {
      const fault = addressFault(address, Subnet)
      if (fault) faults.push(`invalid auxiliary address ${name}: ${fault}`)
    }
  }
  if (faults.length > 0) throw invalid(`invalid network config:\n${faults.join('\n')}`)
}
