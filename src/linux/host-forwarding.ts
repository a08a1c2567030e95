/**
 * Another engine or a firewall of the host may drop all forwarded packets that it does not know (policy drop of
 * iptables' FORWARD chain, as Docker sets it). A verdict in our own table cannot overrule that, so two rules for each
 * of our bridges go to the end of that chain: its own rules keep the first word. The comment tells whose they are.
 */
import type { Nftables } from './nftables.ts'

const families = ['ip', 'ip6'] as const

export class HostForwarding {
  readonly #nft: Nftables
  readonly #owner: string

  constructor(nft: Nftables, owner: string) {
    this.#nft = nft
    this.#owner = owner
  }

  allow(bridges: string[]): void {
    for (const family of families) {
      const chain = this.#chain(family)
      if (chain === null || !chain.includes('policy drop')) continue
      const missing = bridges.filter((bridge) => !chain.includes(`comment "${this.#comment(bridge)}"`))
      const rules = missing.flatMap((bridge) =>
        ['iifname', 'oifname'].map(
          (side) =>
            `add rule ${family} filter FORWARD ${side} "${bridge}" counter accept comment "${this.#comment(bridge)}"`,
        ),
      )
      if (rules.length > 0) this.#nft.run(rules.join('\n'))
    }
  }

  /** Takes away the rules of all bridges but these. */
  keepOnly(bridges: string[]): void {
    const kept = new Set(bridges.map((bridge) => this.#comment(bridge)))
    for (const family of families) {
      const rules = (this.#chain(family) ?? '').split('\n').flatMap((line) => {
        const match = /comment "([^"]+)".*# handle (\d+)/.exec(line)
        const ours = match?.[1]?.startsWith(`${this.#owner} `) && !kept.has(match[1])
        return match !== null && ours ? [`delete rule ${family} filter FORWARD handle ${match[2]}`] : []
      })
      if (rules.length > 0) this.#nft.run(rules.join('\n'))
    }
  }

  #comment(bridge: string): string {
    return `${this.#owner} ${bridge}`
  }

  #chain(family: 'ip' | 'ip6'): string | null {
    if (!this.#nft.run(`list tables ${family}`).split('\n').includes(`table ${family} filter`)) return null
    return this.#nft.listChain(`${family} filter FORWARD`)
  }
}
