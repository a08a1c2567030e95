import * as packet from 'dns-packet'
import { formatAddress, parseAddress } from '../ip.ts'
import type { Network } from '../network.ts'

const ttlSeconds = 600

/** Codes of RFC 1035. */
export const rcode = { servfail: 2, nxdomain: 3 } as const

/** Whom a container means by a name of its own (`--link other:name`) on a network: the other's name or id. */
export type LinkedName = (network: Network, name: string) => string | undefined

/** Addresses behind a name on the given networks; null where nobody has the name. */
export function lookup(
  networks: readonly Network[],
  name: string,
  bits: 32 | 128,
  linked: LinkedName = () => undefined,
): string[] | null {
  const wanted = name.toLowerCase().replace(/\.$/, '')
  let known = false
  const found: string[] = []
  for (const network of networks) {
    const suffix = `.${network.name.toLowerCase()}`
    const short = wanted.endsWith(suffix) ? wanted.slice(0, -suffix.length) : undefined
    const other = linked(network, short ?? wanted)
    for (const endpoint of network.endpoints.values()) {
      const isOther = other !== undefined && (endpoint.name === other || endpoint.containerId.startsWith(other))
      const match =
        isOther ||
        endpoint.dnsNames.some((candidate) => {
          const lower = candidate.toLowerCase()
          return lower === wanted || lower === short
        })
      if (!match) continue
      known = true
      const address = bits === 32 ? endpoint.ipv4 : endpoint.ipv6
      if (address) found.push(formatAddress(address))
    }
    // The first network that knows the name answers.
    if (known) break
  }
  return known ? shuffled(found) : null
}

function shuffled(list: string[]): string[] {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1))
    const kept = list[at] ?? ''
    list[at] = list[other] ?? ''
    list[other] = kept
  }
  return list
}

/** The name of who has an address, with the network's name after it, as Docker answers PTR. */
export function reverseLookup(networks: readonly Network[], name: string): string | null {
  const lower = name.toLowerCase().replace(/\.$/, '')
  let address = ''
  if (lower.endsWith('.in-addr.arpa')) address = lower.slice(0, -13).split('.').reverse().join('.')
  else if (lower.endsWith('.ip6.arpa')) {
    const nibbles = lower.slice(0, -9).split('.').reverse().join('')
    address = nibbles.match(/.{4}/g)?.join(':') ?? ''
  }
  const parsed = parseAddress(address)
  if (!parsed) return null
  for (const network of networks) {
    for (const endpoint of network.endpoints.values()) {
      const own = parsed.bits === 32 ? endpoint.ipv4 : endpoint.ipv6
      if (own?.value === parsed.value && endpoint.dnsNames[0]) return `${endpoint.dnsNames[0]}.${network.name}`
    }
  }
  return null
}

export interface Query {
  id: number
  recursionDesired: boolean
  question: packet.Question
}

/** Undefined where the bytes are no query of one question. */
export function readQuery(bytes: Buffer): Query | undefined {
  try {
    const message = packet.decode(bytes)
    const [question] = message.questions ?? []
    if (message.type !== 'query' || !question || message.questions?.length !== 1) return undefined
    return { id: message.id ?? 0, recursionDesired: ((message.flags ?? 0) & packet.RECURSION_DESIRED) !== 0, question }
  } catch {
    return undefined
  }
}

export function reply(query: Query, answers: packet.Answer[], code = 0): Buffer {
  return packet.encode({
    type: 'response',
    id: query.id,
    flags: packet.RECURSION_AVAILABLE | (query.recursionDesired ? packet.RECURSION_DESIRED : 0) | code,
    questions: [query.question],
    answers,
  })
}

/** What the engine itself knows; undefined where somebody else must be asked. */
export function localAnswer(networks: readonly Network[], query: Query, linked?: LinkedName): Buffer | undefined {
  const { name, type } = query.question
  if (type === 'A' || type === 'AAAA') {
    const addresses = lookup(networks, name, type === 'A' ? 32 : 128, linked)
    if (!addresses) return undefined
    return reply(
      query,
      addresses.map((data) => ({ type, name, ttl: ttlSeconds, data })),
    )
  }
  if (type === 'PTR') {
    const target = reverseLookup(networks, name)
    return target === null ? undefined : reply(query, [{ type: 'PTR', name, ttl: ttlSeconds, data: target }])
  }
  // A name of ours has no other records.
  return lookup(networks, name, 32, linked) ? reply(query, []) : undefined
}
