import type { Firewall, FirewallNetwork, PublishedPort } from './contract.ts'
import { addElements, deleteElements, type Element, networkElements, portElement, skeleton } from './firewall-rules.ts'
import { HostForwarding } from './host-forwarding.ts'
import { Nftables } from './nftables.ts'

const identity = (element: Element) => `${element.set} ${element.key}`

export class NftFirewall implements Firewall, Disposable {
  readonly #nft = new Nftables()
  readonly #table: string
  readonly #networks = new Map<string, FirewallNetwork>()
  readonly #ports = new Map<string, Element>()
  readonly #host: HostForwarding
  #ready = false

  constructor(instance: string) {
    this.#table = `manufacture_${instance}`
    this.#host = new HostForwarding(this.#nft, `manufacture ${instance}`)
  }

  async addNetwork(network: FirewallNetwork): Promise<void> {
    if (this.#networks.has(network.bridge)) await this.removeNetwork(network.bridge)
    this.#apply(addElements(this.#table, networkElements(network)))
    this.#networks.set(network.bridge, network)
    this.#host.allow([network.bridge])
  }

  async removeNetwork(bridge: string): Promise<void> {
    const network = this.#networks.get(bridge)
    if (network === undefined) return
    this.#apply(deleteElements(this.#table, networkElements(network)))
    this.#networks.delete(bridge)
    this.#host.keepOnly([...this.#networks.keys()])
  }

  /** Whether the members of this bridge must not reach each other. */
  keepsApart(bridge: string): boolean {
    return this.#networks.get(bridge)?.interContainer === false
  }

  async publish(ports: PublishedPort[]): Promise<void> {
    const added = ports.map(portElement).filter((element) => this.#ports.get(identity(element))?.text !== element.text)
    // A key that leads elsewhere now is taken away in the same transaction.
    const stale = added.flatMap((element) => this.#ports.get(identity(element)) ?? [])
    if (added.length === 0) return
    this.#apply(deleteElements(this.#table, stale) + addElements(this.#table, added))
    for (const element of added) this.#ports.set(identity(element), element)
  }

  async unpublish(ports: PublishedPort[]): Promise<void> {
    // A port that leads to another container by now is not the caller's any more.
    const gone = ports.map(portElement).filter((element) => this.#ports.get(identity(element))?.text === element.text)
    if (gone.length === 0) return
    this.#apply(deleteElements(this.#table, gone))
    for (const element of gone) this.#ports.delete(identity(element))
  }

  async reconcile(networks: FirewallNetwork[], ports: PublishedPort[]): Promise<void> {
    const elements = [...networks.flatMap(networkElements), ...ports.map(portElement)]
    this.#nft.run(this.#remade() + addElements(this.#table, elements))
    this.#ready = true
    this.#networks.clear()
    this.#ports.clear()
    for (const network of networks) this.#networks.set(network.bridge, network)
    for (const element of ports.map(portElement)) this.#ports.set(identity(element), element)
    this.#host.keepOnly([...this.#networks.keys()])
    this.#host.allow([...this.#networks.keys()])
  }

  release(): void {
    this.#nft.run(`add table inet ${this.#table}\ndelete table inet ${this.#table}`)
    this.#host.keepOnly([])
    this.#ready = false
  }

  [Symbol.dispose](): void {
    this.#nft[Symbol.dispose]()
  }

  /** The first change after a start makes the table anew: what an earlier process has left is reconciled before, or stale. */
  #apply(commands: string): void {
    this.#nft.run(this.#ready ? commands : this.#remade() + commands)
    this.#ready = true
  }

  /** `add` before `delete`, because deleting what is not there is an error. */
  #remade(): string {
    return `add table inet ${this.#table}\ndelete table inet ${this.#table}\n${skeleton(this.#table)}`
  }
}
