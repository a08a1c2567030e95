import type { Core } from '../core/core.ts'
import type { Network } from './network.ts'

/** Makes the bridge, or mends it, and lets traffic pass. */
export async function raiseNetwork(core: Core, network: Network): Promise<void> {
  if (network.record.bridge === '') return
  await core.linux.network.ensureBridge({
    name: network.record.bridge,
    addresses: network.bridgeAddresses(),
    ...(network.mtu !== undefined && { mtu: network.mtu }),
  })
}
