import type { NetworkNamespace, PortReservation, PublishedPort } from '../../linux/index.ts'

/** A container's place in the network, while it runs. */
export interface Sandbox {
  containerId: string
  namespace: NetworkNamespace
  /** By network id. */
  interfaces: Map<string, string>
  nextInterface: number
  dns: AsyncDisposable | null
  reservations: PortReservation[]
  published: PublishedPort[]
  /** Address that the published ports lead to; '' without. */
  publishedAddress: string
}
